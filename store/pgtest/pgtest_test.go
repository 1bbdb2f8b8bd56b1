package pgtest_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"rekey/store/pgtest"
)

func TestEveryDatabaseIsNewAndEmpty(t *testing.T) {
	for range 2 {
		conn, err := pgx.Connect(t.Context(), pgtest.DSN(t))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		var tables int
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables); err != nil || tables != 0 {
			t.Errorf("got %d tables, %v, want an empty database", tables, err)
		}
		if _, err := conn.Exec(t.Context(), "CREATE TABLE left_behind (id integer)"); err != nil {
			t.Fatal(err)
		}
	}
}
