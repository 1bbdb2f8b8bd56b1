package store_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"rekey/core"
	"rekey/store"
	"rekey/store/pgtest"
)

func TestPostgresWithOldSchemaAsksForMigration(t *testing.T) {
	o := store.Options{DSN: pgtest.DSN(t)}
	for range 2 { // looking changes nothing
		_, err := store.Open(t.Context(), o)
		if !errors.Is(err, store.ErrOutdated) || core.CodeOf(err) != core.Unavailable || !strings.Contains(err.Error(), "rekey migrate") {
			t.Fatalf("open: got %v, want %v", err, store.ErrOutdated)
		}
	}
	pending, err := store.Pending(t.Context(), o)
	if err != nil || len(pending) == 0 || pending[0] != "00001_accounts.sql" {
		t.Fatalf("pending: got %v, %v, want every migration", pending, err)
	}
	var applied []string
	if err := store.Migrate(t.Context(), o, func(name string) { applied = append(applied, name) }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(applied, pending) {
		t.Errorf("applied: got %v, want %v", applied, pending)
	}
	if pending, err = store.Pending(t.Context(), o); err != nil || len(pending) != 0 {
		t.Errorf("pending after migration: got %v, %v, want none", pending, err)
	}
	if err := store.Migrate(t.Context(), o, func(name string) { t.Errorf("%s was applied twice", name) }); err != nil {
		t.Fatal(err)
	}
	open(t, o.DSN)
}

func TestNewerSchemaIsTolerated(t *testing.T) {
	const newer = `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true);
		ALTER TABLE accounts ADD COLUMN colour text;
		ALTER TABLE identifiers ADD COLUMN colour text;
		ALTER TABLE history ADD COLUMN colour text;
		ALTER TABLE reset_tokens ADD COLUMN colour text;
		ALTER TABLE events ADD COLUMN colour text`
	t.Run("PostgreSQL", func(t *testing.T) {
		dsn := migrated(t)
		tolerates(t, open(t, dsn), dsn, func() error { return onPostgres(t, dsn, newer) })
	})
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "rekey.db")
		db := open(t, "sqlite:"+path)
		tolerates(t, db, "sqlite:"+path, func() error { return onSQLite(path, newer) })
	})
}

// tolerates uses db before and after the schema grows, and opens it again.
func tolerates(t *testing.T, db *store.DB, dsn string, grow func() error) {
	t.Helper()
	use := func(db *store.DB) {
		t.Helper()
		for range 6 { // also the statements that drivers keep
			_, noAccount := db.Account(t.Context(), "acme", core.Key{Kind: core.KeyID, Value: "1"})
			_, noToken := db.Token(t.Context(), core.Digest{})
			_, accounts := db.Accounts(t.Context(), "acme", "", 9)
			_, events := db.Events(t.Context(), "acme", "", 9)
			if core.CodeOf(noAccount) != core.NotFound || core.CodeOf(noToken) != core.NotFound || accounts != nil || events != nil {
				t.Fatalf("got %v, %v, %v and %v, want two not_found and two nil", noAccount, noToken, accounts, events)
			}
		}
	}
	use(db)
	if err := grow(); err != nil {
		t.Fatal(err)
	}
	use(db)
	use(open(t, dsn))
	if pending, err := store.Pending(t.Context(), store.Options{DSN: dsn}); err != nil || len(pending) != 0 {
		t.Errorf("pending: got %v, %v, want none", pending, err)
	}
}

func TestProcessesThatMigrateAtOnceAgree(t *testing.T) {
	for name, c := range map[string]struct {
		dsn     func(testing.TB) string
		n       int
		migrate func(store.Options, func(string)) error
	}{
		"SQLite": {func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "rekey.db") }, 8, func(o store.Options, _ func(string)) error {
			db, err := store.Open(t.Context(), o)
			if err != nil {
				return err
			}
			return errors.Join(db.Writable(t.Context()), db.Close())
		}},
		"PostgreSQL": {pgtest.DSN, 3, func(o store.Options, report func(string)) error { return store.Migrate(t.Context(), o, report) }},
	} {
		t.Run(name, func(t *testing.T) {
			o := store.Options{DSN: c.dsn(t)}
			var mu sync.Mutex
			var wg sync.WaitGroup
			applied := map[string]int{}
			for range c.n {
				wg.Go(func() {
					err := c.migrate(o, func(name string) {
						mu.Lock()
						defer mu.Unlock()
						applied[name]++
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			for name, n := range applied {
				if n != 1 {
					t.Errorf("%s was applied %d times, want once", name, n)
				}
			}
		})
	}
}

func onPostgres(t *testing.T, dsn, statements string) error {
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		return err
	}
	_, err = conn.Exec(t.Context(), statements)
	return errors.Join(err, conn.Close(t.Context()))
}

func onSQLite(path, statements string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	_, err = db.Exec(statements)
	return errors.Join(err, db.Close())
}
