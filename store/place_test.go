package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"rekey/core"
	"rekey/store"
)

// A file that was moved or deleted takes writes that nobody will ever find.
func TestSQLiteThatWasMovedIsUnavailableUntilItIsBack(t *testing.T) {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		path := filepath.Join(t.TempDir(), "rekey.db")
		db := open(t, "sqlite:"+path)
		away := path + ".away"
		if err := errors.Join(db.Writable(t.Context()), os.Rename(path+suffix, away)); err != nil {
			t.Fatal(err)
		}
		refusesWrites(t, db, "moved"+suffix)
		if err := os.WriteFile(path+suffix, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		refusesWrites(t, db, "replaced"+suffix)
		if err := os.Rename(away, path+suffix); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(db.Writable(t.Context()), db.CreateAccount(t.Context(), ada("1"), event)); err != nil {
			t.Errorf("back%s: got %v, want none", suffix, err)
		}
	}
}

// A change that is stopped leaves nothing for who puts the file back.
func TestSQLiteThatWasMovedTakesNoChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rekey.db")
	db := open(t, "sqlite:"+path)
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if err := db.CreateAccount(t.Context(), ada("1"), event); core.CodeOf(err) != core.Unavailable {
		t.Errorf("got %v, want unavailable", err)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	if events, err := db.Events(t.Context(), "acme", "", 9); len(events) != 0 || err != nil {
		t.Errorf("got %d events, %v, want none", len(events), err)
	}
}

// What began before the move ends after it, unacknowledged.
func TestSQLiteThatMovesDuringAWriteAcknowledgesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rekey.db")
	db := open(t, "sqlite:"+path)
	unlock := lock(t, path)
	time.AfterFunc(100*time.Millisecond, func() { // within SQLite's own wait
		if err := os.Rename(path, path+".away"); err != nil {
			t.Error(err)
		}
		unlock()
	})
	if err := db.Record(t.Context(), event); core.CodeOf(err) != core.Unavailable {
		t.Errorf("got %v, want unavailable", err)
	}
}

// Connections come and go, and SQLite removes its files with the last one.
func TestSQLiteKeepsItsFilesWhileItIsOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rekey.db")
	db := open(t, "sqlite:"+path)
	for range 20 {
		if err := store.DropIdle(db); err != nil {
			t.Fatal(err)
		}
		if err := db.Writable(t.Context()); err != nil {
			t.Fatalf("got %v, want none", err)
		}
	}
}

func refusesWrites(t *testing.T, db *store.DB, when string) {
	t.Helper()
	for name, err := range map[string]error{
		"writable": db.Writable(t.Context()),
		"record":   db.Record(t.Context(), event),
		"create":   db.CreateAccount(t.Context(), ada("2"), event),
	} {
		if core.CodeOf(err) != core.Unavailable {
			t.Errorf("%s, %s: got %v, want unavailable", when, name, err)
		}
	}
}

func ada(id core.AccountID) core.Account {
	return core.Account{ID: id, Tenant: "acme", Username: "ada", Revision: 1, CreatedAt: time.Unix(1, 0)}
}
