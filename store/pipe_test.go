package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"gorm.io/gorm"

	"rekey/core"
	"rekey/store"
)

// The ways in which pgx sends statements. All but the first are for pgbouncer.
func modes() []string {
	return []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"}
}

func TestPostgresIsToldOfFailuresThatNobodyLookedAt(t *testing.T) {
	const nonsense, division = "INSERT INTO no_such_table VALUES (1)", "UPDATE pulse SET beats = beats / 0"
	ignored := map[string]func(tx *gorm.DB, failing string){
		"left for the commit": func(tx *gorm.DB, failing string) { store.Later(tx, nil).Exec(failing) },
		"arrived":             func(tx *gorm.DB, failing string) { store.Later(tx, nil).Exec(failing); _ = store.Arrive(tx) },
		"at once":             func(tx *gorm.DB, failing string) { tx.Exec(failing) },
		"before a row": func(tx *gorm.DB, failing string) {
			var one int
			if err := store.Later(tx, nil).Exec(failing).Raw("SELECT 1").Row().Scan(&one); err == nil {
				t.Errorf("%s: a row was read outside of the transaction", failing)
			}
		},
		"before rows": func(tx *gorm.DB, failing string) {
			var one []int
			if err := store.Later(tx, nil).Exec(failing).Raw("SELECT 1").Scan(&one).Error; err == nil {
				t.Errorf("%s: rows were read outside of the transaction", failing)
			}
		},
	}
	for _, mode := range modes() {
		dsn := migrated(t)
		db := alone(t, dsn+"&default_query_exec_mode="+mode)
		for name, ignore := range ignored {
			for _, failing := range []string{nonsense, division} {
				err := store.Transact(t.Context(), db, func(tx *gorm.DB) error {
					ignore(tx, failing)
					store.Later(tx, nil).Exec("UPDATE pulse SET beats = 77")
					return nil
				})
				if err == nil {
					t.Errorf("%s, %s: %s was acknowledged", mode, name, failing)
				}
				if n := number(t, dsn, "SELECT count(*) FROM pulse WHERE beats = 77"); n != 0 {
					t.Errorf("%s, %s: what followed %s was done", mode, name, failing)
				}
				usable(t, db, dsn)
			}
		}
	}
}

func TestAPanicInATransactionUndoesIt(t *testing.T) {
	dsn := migrated(t)
	db := alone(t, dsn)
	for name, statement := range map[string]func(tx *gorm.DB){
		"waiting": func(tx *gorm.DB) { store.Later(tx, nil).Exec("UPDATE pulse SET beats = 77") },
		"sent":    func(tx *gorm.DB) { tx.Exec("UPDATE pulse SET beats = 77") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: the panic was swallowed", name)
				}
			}()
			_ = store.Transact(t.Context(), db, func(tx *gorm.DB) error {
				statement(tx)
				panic("on purpose")
			})
		}()
		if n := number(t, dsn, "SELECT count(*) FROM pulse WHERE beats = 77"); n != 0 {
			t.Errorf("%s: it was done", name)
		}
		usable(t, db, dsn)
	}
}

// A caller goes while its change waits for a lock.
func TestAChangeWhoseCallerWentIsUndone(t *testing.T) {
	dsn := migrated(t)
	db := alone(t, dsn)
	createAda(t, db)
	m := core.Mutation{Tenant: "acme", Account: "ada", Revision: 1, ChangedAt: time.Unix(1, 0), Event: core.Event{ID: "2", Tenant: "acme", At: time.Unix(1, 0)}}
	other := connect(t, dsn)
	execute(t, other, "BEGIN", "UPDATE accounts SET name = 'Ada'")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- db.Apply(ctx, m) }()
	waits(t, dsn)
	cancel()
	if err := <-ended; core.CodeOf(err) != core.Unavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want unavailable because of the caller", err)
	}
	execute(t, other, "COMMIT")
	usable(t, db, dsn)
	if err := db.Apply(t.Context(), m); err != nil {
		t.Errorf("the same change again: %v", err)
	}
}

// A statement within one that waits waits as well, and is counted.
func TestWhatWaitsIsCountedWhereverItWasAsked(t *testing.T) {
	db := alone(t, migrated(t))
	err := store.Transact(t.Context(), db, func(tx *gorm.DB) error {
		var outer, inner int64
		tx = store.Later(tx, &outer)
		tx.Exec("UPDATE pulse SET beats = 1")
		store.Later(tx, &inner).Exec("UPDATE pulse SET beats = 2")
		if outer+inner != 0 {
			t.Errorf("before they arrived: got %d and %d rows", outer, inner)
		}
		if err := store.Arrive(tx); err != nil || outer != 1 || inner != 1 {
			t.Errorf("got %d and %d rows, %v, want 1 and 1", outer, inner, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A program goes on, with the statements that it has prepared, while the next
// release migrates.
func TestPreparedStatementsOutliveAMigration(t *testing.T) {
	for _, mode := range modes() {
		dsn := migrated(t)
		db := alone(t, dsn+"&default_query_exec_mode="+mode)
		createAda(t, db)
		for revision := range int64(2) {
			m := core.Mutation{
				Tenant: "acme", Account: "ada", Revision: revision + 1, ChangedAt: time.Unix(1, 0), Remember: &core.HistoryEntry{Hash: "h", SetAt: time.Unix(1, 0)},
				Event: core.Event{ID: core.EventID(rune('a' + revision)), Tenant: "acme", At: time.Unix(1, 0)},
			}
			if err := db.Apply(t.Context(), m); err != nil {
				t.Errorf("%s, revision %d: %v", mode, revision+1, err)
			}
			if _, err := db.Events(t.Context(), "acme", "", 9); err != nil {
				t.Errorf("%s, revision %d: %v", mode, revision+1, err)
			}
			if revision == 0 {
				grow(t, "pgx", dsn, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
			}
		}
	}
}

// alone opens a store with one connection, which every call has to share.
func alone(t *testing.T, dsn string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{DSN: dsn, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// usable fails the test if the store's connections stay within a transaction, or
// if it cannot write. A server needs a moment to see that one was closed.
func usable(t *testing.T, db *store.DB, dsn string) {
	t.Helper()
	const within = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
	for end := time.Now().Add(10 * time.Second); number(t, dsn, within) != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d connections were given back within a transaction", number(t, dsn, within))
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := db.Writable(ctx); err != nil {
		t.Errorf("the next write: %v", err)
	}
}
