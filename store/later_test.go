package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"rekey/store"
	"rekey/store/storetest"
)

// This program must run on the schema of the next release, which only adds: it
// goes on while that one migrates, and until every replica is replaced.

func TestPostgresOfTheNextRelease(t *testing.T) {
	if testing.Short() {
		t.Skip("the suite once more")
	}
	storetest.Run(t, func(t testing.TB) storetest.Store {
		dsn := migrated(t)
		grow(t, "pgx", dsn, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
		return open(t, dsn)
	})
}

func TestSQLiteOfTheNextRelease(t *testing.T) {
	if testing.Short() {
		t.Skip("the suite once more")
	}
	storetest.Run(t, func(t testing.TB) storetest.Store {
		path := filepath.Join(t.TempDir(), "rekey.db")
		if err := store.Migrate(t.Context(), store.Options{DSN: "sqlite:" + path}, func(string) {}); err != nil {
			t.Fatal(err)
		}
		grow(t, "sqlite", path, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
		return open(t, "sqlite:"+path)
	})
}

// grow adds all that a migration may add, to every table.
func grow(t testing.TB, driver, dsn, query string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
	}
	if err := rows.Err(); err != nil || len(tables) < 9 {
		t.Fatalf("got tables %q, %v", tables, err)
	}
	statements := []string{"CREATE TABLE later (later text NOT NULL)"}
	for _, table := range tables {
		statements = append(statements,
			fmt.Sprintf("ALTER TABLE %s ADD COLUMN later text", table),
			fmt.Sprintf("ALTER TABLE %s ADD COLUMN later_still text NOT NULL DEFAULT 'x'", table),
			fmt.Sprintf("CREATE INDEX later_%s ON %s (later, later_still)", table, table))
	}
	all := strings.Join(statements, ";\n")
	if found := contractions(all); len(found) > 0 {
		t.Fatalf("no migration may say %q", found)
	}
	if _, err := db.ExecContext(t.Context(), all+"; INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)"); err != nil {
		t.Fatal(err)
	}
}
