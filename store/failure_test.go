package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"rekey/core"
	"rekey/store"
)

var event = core.Event{ID: "1", Tenant: "acme", Action: core.PasswordRefused, At: time.Unix(1, 0)}

func TestStandbyIsNotWritable(t *testing.T) {
	db := open(t, with(t, migrated(t), "default_transaction_read_only", "on"))
	for name, err := range map[string]error{
		"writable": db.Writable(t.Context()),
		"record":   db.Record(t.Context(), event),
		"create":   db.CreateAccount(t.Context(), core.Account{ID: "1", Tenant: "acme", Username: "ada"}, event),
	} {
		if core.CodeOf(err) != core.Unavailable {
			t.Errorf("%s: got %v, want unavailable", name, err)
		}
	}
	if _, err := db.Events(t.Context(), "acme", "", 1); err != nil {
		t.Errorf("events: got %v, want none", err)
	}
}

// A server that became a standby keeps its connections; they must not stay in
// the pool, for another server is the primary now.
func TestConnectionsToFormerPrimaryAreGivenUp(t *testing.T) {
	dsn := migrated(t)
	able := with(t, dsn, "default_transaction_read_only", "off")
	const standby = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = "
	if err := onPostgres(t, able, standby+"on', current_database()); END $$"); err != nil {
		t.Fatal(err)
	}
	db := open(t, dsn)
	if err := db.Writable(t.Context()); core.CodeOf(err) != core.Unavailable {
		t.Fatalf("writable: got %v, want unavailable", err)
	}
	if err := onPostgres(t, able, standby+"off', current_database()); END $$"); err != nil { // which new connections see
		t.Fatal(err)
	}
	if err := db.Writable(t.Context()); err != nil {
		t.Errorf("writable: got %v, want none", err)
	}
}

// with returns the DSN with one more parameter.
func with(t *testing.T, dsn, key, value string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set(key, value)
	u.RawQuery = query.Encode()
	return u.String()
}

func TestBrokenConnectionsAreReplaced(t *testing.T) {
	dsn := migrated(t)
	db := open(t, dsn)
	const hangUp = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE pid <> pg_backend_pid() AND datname = current_database()`
	for i := range 3 {
		if err := onPostgres(t, dsn, hangUp); err != nil {
			t.Fatal(err)
		}
		for try := 1; ; try++ {
			err := db.Writable(t.Context())
			if err == nil {
				break
			}
			if core.CodeOf(err) != core.Unavailable || try == 5 {
				t.Fatalf("round %d, try %d: got %v, want unavailable and soon none", i, try, err)
			}
		}
	}
}

func TestSQLiteReadersDoNotWaitForWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rekey.db")
	db := open(t, "sqlite:"+path)
	unlock := lock(t, path)
	if _, err := db.Events(t.Context(), "acme", "", 1); err != nil {
		t.Errorf("a reader: got %v, want none", err)
	}
	hurried, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := db.Record(hurried, event); core.CodeOf(err) != core.Unavailable {
		t.Errorf("a writer in a hurry: got %v, want unavailable", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("a writer in a hurry gave up after %v, want soon after 100 ms", took)
	}
	time.AfterFunc(400*time.Millisecond, unlock)
	if err := db.Record(t.Context(), event); err != nil {
		t.Errorf("a patient writer: got %v, want none", err)
	}
}

func TestSQLiteThatStaysLockedIsUnavailable(t *testing.T) {
	t.Parallel() // it takes 5 s
	path := filepath.Join(t.TempDir(), "rekey.db")
	db := open(t, "sqlite:"+path)
	defer lock(t, path)()
	if err := db.Writable(t.Context()); core.CodeOf(err) != core.Unavailable {
		t.Errorf("got %v, want unavailable", err)
	}
}

// lock writes to the file as another process would, and does not commit
// before unlock is called.
func lock(t *testing.T, path string) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), "UPDATE pulse SET beats = 99"); err != nil {
		t.Fatal(err)
	}
	return func() { _ = tx.Commit() }
}

func TestSQLiteFileSharedByProcessesHoldsTheGuards(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "rekey.db")
	server, command := open(t, dsn), open(t, dsn)
	ctx, now := t.Context(), time.Now()
	a := core.Account{ID: "ada", Tenant: "acme", Username: "ada", Revision: 1, CreatedAt: now}
	if err := server.CreateAccount(ctx, a, core.Event{ID: "0", Tenant: "acme", At: now}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 10 {
		for name, db := range map[string]*store.DB{"server": server, "command": command} {
			wg.Go(func() {
				id := fmt.Sprint(name, i)
				token := core.ResetToken{
					Digest: core.NewToken(id).Digest(), Tenant: "acme", Account: "ada", IssuedAt: now, ExpiresAt: now.Add(time.Hour),
				}
				if err := db.CreateToken(ctx, token, core.Event{ID: core.EventID(id), Tenant: "acme", At: now}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if n, err := command.RevokeTokens(ctx, "acme", "ada", core.Event{ID: "1", Tenant: "acme", At: now}); n != 1 || err != nil {
		t.Errorf("tokens alive: got %d, %v, want 1", n, err)
	}
	if events, err := server.Events(ctx, "acme", "", 99); len(events) != 22 || err != nil {
		t.Errorf("got %d events, %v, want 22", len(events), err)
	}
}

func TestClosedStoreAnswersNothing(t *testing.T) {
	db, err := store.Open(t.Context(), store.Options{DSN: "sqlite:" + filepath.Join(t.TempDir(), "rekey.db")})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Writable(t.Context()); err == nil {
		t.Error("a closed store is writable")
	}
}
