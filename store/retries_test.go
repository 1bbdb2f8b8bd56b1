package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"rekey/core"
	"rekey/store"
)

// A real deadlock: another transaction holds a token and wants the account,
// which the change holds while it wants the token. The other one is too
// patient to look for a deadlock, so PostgreSQL undoes the change.
func TestAChangeThatADeadlockUndidIsMadeAgain(t *testing.T) {
	dsn := migrated(t)
	db, now := open(t, dsn), time.Unix(1, 0)
	createAda(t, db)
	token := core.ResetToken{Digest: core.Digest{1}, Tenant: "acme", Account: "ada", IssuedAt: now, ExpiresAt: now.Add(time.Hour)}
	if err := db.CreateToken(t.Context(), token, core.Event{ID: "1", Tenant: "acme", At: now}); err != nil {
		t.Fatal(err)
	}
	other := connect(t, dsn)
	execute(t, other, "SET deadlock_timeout = '1h'", "BEGIN", "SELECT 1 FROM reset_tokens FOR UPDATE")
	ended := make(chan error, 1)
	go func() {
		ended <- db.Apply(context.WithoutCancel(t.Context()), core.Mutation{
			Tenant: "acme", Account: "ada", Revision: 1, ChangedAt: now, Event: core.Event{ID: "2", Tenant: "acme", At: now},
		})
	}()
	waits(t, dsn)
	execute(t, other, "UPDATE accounts SET name = 'Ada'", "COMMIT")
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil { // then PostgreSQL counts it
		t.Error(err)
	}
	for deadline := time.Now().Add(30 * time.Second); number(t, dsn, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0; {
		if time.Now().After(deadline) {
			t.Fatal("there was no deadlock")
		}
	}
	if n := number(t, dsn, "SELECT count(*) FROM accounts WHERE revision = 2 AND name = 'Ada'"); n != 1 {
		t.Errorf("got %d accounts with both changes, want 1", n)
	}
}

// A real serialization failure: the row was changed after the statement's
// snapshot, and an administrator wants statements to be serializable.
func TestAWriteThatCouldNotBeSerializedIsDoneAgain(t *testing.T) {
	dsn := migrated(t)
	db, other := open(t, with(t, dsn, "default_transaction_isolation", "serializable")), connect(t, dsn)
	execute(t, other, "BEGIN", "UPDATE pulse SET beats = 100")
	ended := make(chan error, 1)
	go func() { ended <- db.Writable(context.WithoutCancel(t.Context())) }()
	waits(t, dsn)
	execute(t, other, "COMMIT")
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := number(t, dsn, "SELECT beats FROM pulse"); n != 101 {
		t.Errorf("got %d beats, want 101", n)
	}
}

// What PostgreSQL undoes again and again is given up, and another failure at
// once. A sequence counts the tries: it takes part in no transaction.
func TestWhatIsUndoneAgainAndAgainIsGivenUp(t *testing.T) {
	for code, want := range map[string]struct {
		tries int
		code  core.Code
	}{
		"40001": {6, core.Unavailable},
		"40P01": {6, core.Unavailable},
		"57014": {1, core.Unavailable},
		"22012": {1, core.Internal},
	} {
		dsn := migrated(t)
		db := open(t, dsn)
		createAda(t, db)
		execute(t, connect(t, dsn), "CREATE SEQUENCE tries", `CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN PERFORM nextval('tries'); RAISE EXCEPTION USING ERRCODE = '`+code+`'; END $$`,
			"CREATE TRIGGER undo BEFORE INSERT ON history FOR EACH ROW EXECUTE FUNCTION undo()")
		err := db.Apply(t.Context(), core.Mutation{
			Tenant: "acme", Account: "ada", Revision: 1, ChangedAt: time.Unix(1, 0), Remember: &core.HistoryEntry{Hash: "h", SetAt: time.Unix(1, 0)}, KeepHistory: 5,
			Event: core.Event{ID: "2", Tenant: "acme", At: time.Unix(1, 0)},
		})
		if core.CodeOf(err) != want.code {
			t.Errorf("%s: got %v, want %s", code, err, want.code)
		}
		if n := number(t, dsn, "SELECT last_value FROM tries"); n != want.tries {
			t.Errorf("%s: got %d tries, want %d", code, n, want.tries)
		}
		if n := number(t, dsn, "SELECT revision FROM accounts"); n != 1 {
			t.Errorf("%s: got revision %d of an account that was not changed, want 1", code, n)
		}
	}
}

func createAda(t *testing.T, db *store.DB) {
	t.Helper()
	ada := core.Account{ID: "ada", Tenant: "acme", Username: "ada", Revision: 1, CreatedAt: time.Unix(1, 0)}
	if err := db.CreateAccount(t.Context(), ada, core.Event{ID: "0", Tenant: "acme", At: time.Unix(1, 0)}); err != nil {
		t.Fatal(err)
	}
}

// connect returns a connection of the test's own.
func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func execute(t *testing.T, conn *pgx.Conn, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func number(t *testing.T, dsn, query string) (n int) {
	t.Helper()
	conn := connect(t, dsn)
	if err := errors.Join(conn.QueryRow(t.Context(), query).Scan(&n), conn.Close(t.Context())); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// waits returns when somebody waits for a lock.
func waits(t *testing.T, dsn string) {
	t.Helper()
	conn := connect(t, dsn)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		var n int
		err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&n)
		if err == nil && n > 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("nobody waits: %v", err)
		}
	}
}
