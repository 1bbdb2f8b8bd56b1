package store_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"rekey/core"
	"rekey/store"
)

// opened is a store and what operators see of it.
type opened struct {
	*store.DB
	pool *sql.DB
}

// onBoth runs a test on each of the databases.
func onBoth(t *testing.T, test func(t *testing.T, db opened)) {
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "rekey.db")
		test(t, look(t, "sqlite:"+path, "sqlite", path))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		dsn := migrated(t)
		test(t, look(t, dsn, "pgx", dsn))
	})
}

func look(t *testing.T, dsn, driver, source string) opened {
	t.Helper()
	db := open(t, dsn)
	pool, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return opened{db, pool}
}

// ask returns the one text that a query answers.
func (db opened) ask(t *testing.T, query string) (text string) {
	t.Helper()
	if err := db.pool.QueryRowContext(t.Context(), query).Scan(&text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return text
}

func (db opened) run(t *testing.T, statement string) {
	t.Helper()
	if _, err := db.pool.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestOperatorsSeeWhyMessagesAreNotDone(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		ctx, now := t.Context(), time.Unix(1, 0)
		for _, err := range []error{
			db.Enqueue(ctx, event, core.Message{ID: "late", Due: now}, core.Message{ID: "dead", Due: now}),
			db.Postpone(ctx, "late", now, "451 try\x00 again"),
			db.Bury(ctx, "dead", now, "550 no such mailbox"),
			db.Bury(ctx, "dead", now.Add(time.Hour), "another reason"),
			db.Postpone(ctx, "dead", now, "another reason"),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for query, want := range map[string]string{
			"SELECT why FROM outbox WHERE buried_at IS NULL":                            "451 try\uFFFD again",
			"SELECT why FROM outbox WHERE buried_at IS NOT NULL":                        "550 no such mailbox",
			"SELECT count(*) FROM outbox WHERE buried_at < '1970-01-01 00:00:02+00:00'": "1",
		} {
			if got := db.ask(t, query); got != want {
				t.Errorf("%s: got %q, want %q", query, got, want)
			}
		}
	})
}

// What the release before writes is what this one reads: it knows no columns
// but its own.
func TestReleaseBeforeRunsOn(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		db.run(t, `INSERT INTO accounts (id, tenant, username, email, name, disabled, verifier, revision, created_at)
			VALUES ('1', 'acme', 'ada', '', '', false, '', 1, '2026-11-21 12:00:00+00:00')`)
		db.run(t, `INSERT INTO identifiers (tenant, kind, value, account_id) VALUES ('acme', 'login', 'ada', '1')`)
		a, err := db.Account(t.Context(), "acme", core.Key{Kind: core.KeyLogin, Value: "ada"})
		if err != nil || a.ID != "1" || a.Attributes != nil || a.Factor != nil {
			t.Errorf("got %+v, %v, want a bare account", a, err)
		}
	})
}

func TestUnreadableRowsAreInternal(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		ctx := t.Context()
		if err := db.CreateAccount(ctx, core.Account{ID: "1", Tenant: "acme", Username: "ada"}, event); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"", "{", "[]", `{"role":1}`} {
			db.run(t, "UPDATE accounts SET attributes = '"+text+"'")
			_, err := db.Account(ctx, "acme", core.Key{Kind: core.KeyID, Value: "1"})
			_, err2 := db.Accounts(ctx, "acme", "", 9)
			if core.CodeOf(err) != core.Internal || core.CodeOf(err2) != core.Internal {
				t.Errorf("attributes %q: got %v and %v, want internal", text, err, err2)
			}
		}
	})
}
