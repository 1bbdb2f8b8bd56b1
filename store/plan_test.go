package store_test

import (
	"database/sql"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rekey/core"
	"rekey/store"
)

func TestEveryVerbHasAPlan(t *testing.T) {
	verbs := reflect.TypeFor[*store.DB]()
	for i := range verbs.NumMethod() {
		name := verbs.Method(i).Name
		if uses[name] == nil && !slices.Contains(readsAll, name) {
			t.Errorf("there is no plan for %s", name)
		}
	}
}

// Every statement finds its rows by an index, however many there are.
func TestEveryStatementGoesByAnIndex(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		for verb, all := range db.statements(t) {
			for _, s := range all {
				if step := db.scans(t, s, "SET LOCAL enable_seqscan = off"); step != "" {
					t.Errorf("%s: %s\n\t%s", verb, step, s.sql)
				}
			}
		}
	})
}

// statements returns what every verb sends to the database, in an installation
// with an account of its own.
func (db opened) statements(t *testing.T) map[string][]statement {
	t.Helper()
	ctx := t.Context()
	if err := db.CreateAccount(ctx, core.Account{ID: "1", Tenant: "acme", Username: "ada", Revision: 1}, planEvent("ada")); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"Enrol", "PutCode", "CreateToken"} { // what others need
		if err := uses[verb](ctx, db.DB); err != nil {
			t.Fatalf("%s: %v", verb, err)
		}
	}
	if err := db.CreateToken(ctx, planToken("live"), planEvent("live")); err != nil {
		t.Fatal(err)
	}
	db.run(t, "UPDATE accounts SET revision = 1 WHERE id = '1'")
	db.run(t, "DELETE FROM events WHERE account_id = '1'")
	db.run(t, "DELETE FROM reset_tokens WHERE account_id = '1' AND superseded_at IS NOT NULL")
	statements := map[string][]statement{}
	for _, verb := range []string{ // Apply first, while its proofs live
		"Apply",
		"Upgrade",
		"EndSessions",
		"Search",
		"Meant",
		"Trail",
		"Account",
		"Find",
		"Accounts",
		"CreateAccount",
		"Import",
		"Named",
		"AccountsWhole",
		"Tenants",
		"CreateToken",
		"RevokeTokens",
		"Token",
		"Enrol",
		"PutCode",
		"TryCode",
		"Enqueue",
		"Backlog",
		"DeliveryBacklogs",
		"HashKinds",
		"Claim",
		"Postpone",
		"Bury",
		"Finish",
		"ClaimDeliveries",
		"PostponeDelivery",
		"BuryDelivery",
		"RetryDeliveries",
		"RetryDeliveriesOf",
		"Deliveries",
		"FinishDelivery",
		"Record",
		"Events",
		"Reserve",
		"Release",
		"Settle",
		"Failures",
		"Take",
		"SetDisabled",
		"SetExternalID",
		"Seal",
		"Head",
		"Seals",
		"Sealed",
		"Unsealed",
		"Rows",
		"Latest",
		"PutSamples",
		"Samples",
		"Prune",
		"CreateAccessKey",
		"AccessKey",
		"AccessKeys",
		"UseAccessKey",
		"StartSession",
		"Session",
		"SeeSession",
		"RenewSession",
		"EndSession",
		"RevokeAccessKey",
		"BeginRequest",
		"AnswerRequest",
		"ForgetRequest",
		"Writable",
	} {
		stop := store.Watch(db.DB, func(sql string, args []any) { statements[verb] = append(statements[verb], statement{sql, args}) })
		if err := uses[verb](ctx, db.DB); err != nil {
			t.Errorf("%s: %v", verb, err)
		}
		stop()
	}
	if len(statements) != len(uses) {
		t.Errorf("%d of %d verbs ran", len(statements), len(uses))
	}
	return statements
}

type statement struct {
	sql  string
	args []any
}

// scans returns the step of the statement's plan that reads a whole table, or "".
// PostgreSQL is told before how to plan: to avoid that wherever an index would
// do, for a database that is all but empty.
func (db opened) scans(t *testing.T, s statement, before string) string {
	t.Helper()
	tx, err := db.pool.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	explain, whole := "EXPLAIN QUERY PLAN ", "SCAN "
	if strings.Contains(fmt.Sprintf("%T", db.pool.Driver()), "stdlib") {
		explain, whole = "EXPLAIN ", "Seq Scan"
		if _, err := tx.ExecContext(t.Context(), before); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := tx.QueryContext(t.Context(), explain+s.sql, s.args...)
	if err != nil {
		t.Fatalf("%s: %v", s.sql, err)
	}
	defer func() { _ = rows.Close() }()
	plan := steps(t, rows)
	for _, step := range plan {
		if strings.Contains(step, whole) && !bounded(step, plan) || strings.Contains(step, "SEARCH ") && poor.MatchString(step) {
			return step
		}
	}
	return ""
}

// poor are searches that find a whole tenant, or all that lives.
var poor = regexp.MustCompile(`(reset_tokens|codes) USING .*\(expires_at>|\(tenant=\?\)( LEFT-JOIN)?$`)

// bounded reports whether a step of SQLite's reads all of what is small: values
// that are given, or what an earlier step has found.
func bounded(step string, plan []string) bool {
	_, name, _ := strings.Cut(step, "SCAN ")
	return inTime.MatchString(step) || strings.HasSuffix(step, "VALUES CLAUSE") || strings.Contains(step, "VIRTUAL TABLE INDEX") || strings.HasSuffix(step, "CONSTANT ROW") ||
		slices.ContainsFunc(plan, func(s string) bool { return s == "CO-ROUTINE "+name || s == "MATERIALIZE "+name })
}

// inTime are the rows of events by their time, of which a few are read.
var inTime = regexp.MustCompile(`^SCAN events USING INDEX events_(unsealed|at)$`)

// steps returns the texts of a plan: its last column.
func steps(t *testing.T, rows *sql.Rows) (all []string) {
	t.Helper()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(any)
	}
	for rows.Next() {
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(*values[len(values)-1].(*any)))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
