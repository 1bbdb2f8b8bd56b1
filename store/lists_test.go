package store_test

import (
	"fmt"
	"strings"
	"testing"

	"rekey/core"
	"rekey/store"
)

// plansOf returns how the database would do what a verb sends.
func (db opened) plansOf(t *testing.T, use func() error) (plans []string) {
	t.Helper()
	var sent []statement
	stop := store.Watch(db.DB, func(sql string, args []any) { sent = append(sent, statement{sql, args}) })
	err := use()
	stop()
	if err != nil || len(sent) == 0 {
		t.Fatalf("%d statements, %v", len(sent), err)
	}
	for _, s := range sent {
		plans = append(plans, db.plan(t, s))
	}
	return plans
}

func (db opened) plan(t *testing.T, s statement) string {
	t.Helper()
	explain := "EXPLAIN QUERY PLAN "
	if strings.Contains(fmt.Sprintf("%T", db.pool.Driver()), "stdlib") {
		explain = "EXPLAIN "
	}
	rows, err := db.pool.QueryContext(t.Context(), explain+s.sql, s.args...)
	if err != nil {
		t.Fatalf("%s: %v", s.sql, err)
	}
	defer func() { _ = rows.Close() }()
	return strings.Join(steps(t, rows), "\n")
}

func TestATenantsDeliveriesAreFoundBesideAMillionOfAnother(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		for _, statement := range []string{
			`INSERT INTO deliveries (id, endpoint, tenant, account_id, topic, facts, due, since, attempts, held, why, buried_at)
			WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 20000)
			SELECT CAST(n AS text), 'siem', CASE WHEN n % 1000 = 0 THEN 'acme' ELSE 'globex' END, '', 'tell', '{}', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 0, false, '',
				CASE WHEN n % 2000 = 0 THEN CURRENT_TIMESTAMP END FROM count`,
			"ANALYZE",
		} {
			db.run(t, statement)
		}
		yes, no := true, false
		for name, c := range map[string]struct {
			buried *bool
			want   []string
		}{
			"all":     {nil, []string{"deliveries_waiting", "deliveries_dead"}},
			"waiting": {&no, []string{"deliveries_waiting"}},
			"dead":    {&yes, []string{"deliveries_dead"}},
		} {
			plans := db.plansOf(t, func() error {
				return second(db.Deliveries(t.Context(), core.Selection{Tenant: "acme", Buried: c.buried}, 0, 51))
			})
			for _, index := range c.want {
				if !strings.Contains(plans[0], index) {
					t.Errorf("%s does not go by %s:\n%s", name, index, plans[0])
				}
			}
		}
	})
}

// SQLite reads everything to the further of two bounds on one side.
func TestALookHasOneBoundOnASide(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		for n := range 9 {
			db.run(t, fmt.Sprintf(`INSERT INTO events (tenant, id, at, account_id, action, proof, outcome, actor, dialect, addr, request_id)
				VALUES ('acme', '%d', CURRENT_TIMESTAMP, '1', 'password.changed', '', '', '', 'zap', '', '')`, n))
		}
		for _, newest := range []bool{false, true} {
			for _, account := range []core.AccountID{"", "1"} {
				stop := store.Watch(db.DB, func(sql string, _ []any) {
					if strings.Count(sql, "id >") > 1 || strings.Count(sql, "id <") > 1 {
						t.Errorf("newest %v: %s", newest, sql)
					}
				})
				found, end, err := db.Trail(t.Context(), "acme", core.Trail{Account: account, After: "1", Before: "8", Newest: newest, Actor: "x"}, 5, 3)
				if stop(); err != nil || len(found) > 0 || end != map[bool]core.EventID{false: "4", true: "5"}[newest] {
					t.Errorf("newest %v: got %v to %q, %v", newest, found, end, err)
				}
			}
		}
	})
}

// Whatever else is asked for, and wherever a look begins and ends.
func TestAnAccountsEventsAreFoundBesideAMillionOfOthers(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		db.run(t, `INSERT INTO events (tenant, id, at, account_id, action, proof, outcome, actor, dialect, addr, request_id)
			WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 20000)
			SELECT 'acme', CAST(n AS text), CURRENT_TIMESTAMP, CAST(n % 4000 AS text), 'password.changed', '', '', '', 'zap', '', '' FROM count`)
		if strings.Contains(fmt.Sprintf("%T", db.pool.Driver()), "stdlib") { // SQLite is not told how much there is of what
			db.run(t, "ANALYZE")
		}
		for _, q := range []core.Trail{
			{Account: "7"},
			{Account: "7", Newest: true},
			{Account: "7", Newest: true, Before: "9"},
			{Account: "7", Newest: true, After: "1", Before: "9"},
			{Account: "7", After: "1", Before: "2", Action: core.TokenIssued},
		} {
			plans := db.plansOf(t, func() error {
				_, _, err := db.Trail(t.Context(), "acme", q, 51, 5000)
				return err
			})
			for _, plan := range plans {
				if !strings.Contains(plan, "events_account") || strings.Contains(plan, "events_account_at") {
					t.Errorf("%+v does not go by events_account:\n%s", q, plan)
				}
			}
		}
	})
}
