package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"rekey/store"
)

// kept opens a file by connections that keep their statements, with a table of the
// numbers 1 to 3.
func kept(t *testing.T) (on *sql.Conn, beside *sql.DB) {
	t.Helper()
	beside = store.OpenFile("file:" + filepath.Join(t.TempDir(), "kept.db"))
	t.Cleanup(func() { _ = beside.Close() })
	on, err := beside.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = on.Close() })
	if _, err := on.ExecContext(t.Context(), "CREATE TABLE numbers (n integer PRIMARY KEY); INSERT INTO numbers VALUES (1), (2), (3)"); err != nil {
		t.Fatal(err)
	}
	return on, beside
}

func numbers(ctx context.Context, t *testing.T, on *sql.Conn, query string, between func()) string {
	t.Helper()
	rows, err := on.QueryContext(ctx, query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []int
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		if all = append(all, n); len(all) > 9 {
			t.Fatalf("the rows begin anew: %d", all)
		}
		between()
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(all)
}

func TestAQueryIsAskedWhileItsRowsAreRead(t *testing.T) {
	on, _ := kept(t)
	const query = "SELECT n FROM numbers ORDER BY n"
	for range 3 {
		got := numbers(t.Context(), t, on, query, func() {
			if got := numbers(t.Context(), t, on, query, func() {}); got != "[1 2 3]" {
				t.Errorf("within: got %s", got)
			}
		})
		if got != "[1 2 3]" {
			t.Errorf("got %s", got)
		}
	}
}

// Of those that were asked last.
func TestAConnectionKeepsSoManyStatements(t *testing.T) {
	on, _ := kept(t)
	const often = "SELECT n FROM numbers ORDER BY n"
	for n := range 3 * store.MostPrepared {
		if got := numbers(t.Context(), t, on, fmt.Sprintf("SELECT n FROM numbers WHERE n = 1 + %d %% 3", n), func() {}); got != fmt.Sprintf("[%d]", 1+n%3) {
			t.Fatalf("statement %d: got %s", n, got)
		}
		if all := store.Kept(t, on); n > 0 && !slices.Contains(all, often) {
			t.Fatalf("statement %d: what is asked often is not kept", n)
		}
		if got := numbers(t.Context(), t, on, often, func() {}); got != "[1 2 3]" {
			t.Fatalf("statement %d: got %s", n, got)
		}
	}
	if n := len(store.Kept(t, on)); n != store.MostPrepared {
		t.Errorf("got %d statements, want %d", n, store.MostPrepared)
	}
}

func TestAStatementIsOfTheSchemaAsItIs(t *testing.T) {
	on, beside := kept(t)
	const query = "SELECT * FROM numbers WHERE n = 1"
	if got := columns(t, on, query); got != "[n]" {
		t.Errorf("before: got %s", got)
	}
	if _, err := beside.ExecContext(t.Context(), "ALTER TABLE numbers ADD COLUMN later text NOT NULL DEFAULT 'x'"); err != nil {
		t.Fatal(err)
	}
	if got := columns(t, on, query); got != "[n later]" {
		t.Errorf("after: got %s", got)
	}
}

func columns(t *testing.T, on *sql.Conn, query string) string {
	t.Helper()
	rows, err := on.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err = errors.Join(err, rows.Err()); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(names)
}

// What failed once is not kept from working later.
func TestAStatementThatFailedIsAskedAgain(t *testing.T) {
	on, _ := kept(t)
	const insert = "INSERT INTO numbers VALUES (?)"
	for _, c := range []struct {
		n    int
		good bool
	}{{1, false}, {4, true}, {2, false}, {5, true}} {
		if _, err := on.ExecContext(t.Context(), insert, c.n); (err == nil) != c.good {
			t.Errorf("%d: got %v", c.n, err)
		}
	}
	if got := numbers(t.Context(), t, on, "SELECT n FROM numbers ORDER BY n", func() {}); got != "[1 2 3 4 5]" {
		t.Errorf("got %s", got)
	}
}
