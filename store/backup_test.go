package store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"rekey/core"
)

// Each account is created together with its event, so a copy of one instant has as
// many of one as of the other, while others write.
func TestABackupIsOfOneInstant(t *testing.T) {
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "rekey.db")
	db, other := open(t, dsn), open(t, dsn)
	add := func(n int) {
		a := core.Account{ID: core.AccountID(fmt.Sprintf("a%06d", n)), Tenant: "acme", Revision: 1}
		e := core.Event{ID: core.EventID(fmt.Sprintf("e%06d", n)), At: planned, Tenant: "acme", Account: a.ID}
		if err := db.CreateAccount(t.Context(), a, e); err != nil {
			t.Errorf("account %d: %v", n, err)
		}
	}
	const before = 300
	for n := range before {
		add(n)
	}
	done := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		for n := before; ; n++ {
			select {
			case <-done:
				return
			default:
				add(n)
			}
		}
	})
	defer func() { close(done); writer.Wait() }()
	for round := range 3 {
		path := filepath.Join(t.TempDir(), "backup.db")
		if err := other.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != 0o600 {
			t.Fatalf("got %v, %v, want that the owner alone can read it", info, err)
		}
		copied := open(t, "sqlite:"+path)
		accounts, err := copied.Accounts(t.Context(), "acme", "", 1_000_000)
		events, err2 := copied.Events(t.Context(), "acme", "", 1_000_000)
		if err != nil || err2 != nil || len(accounts) < before || len(accounts) != len(events) {
			t.Errorf("round %d: got %d accounts, %d events, %v, %v", round, len(accounts), len(events), err, err2)
		}
	}
}

func TestABackupReplacesNothingAndLeavesNoPart(t *testing.T) {
	folder := t.TempDir()
	db := open(t, "sqlite:"+filepath.Join(folder, "rekey.db"))
	path := filepath.Join(folder, "kept")
	if err := os.WriteFile(path, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want that the file is there", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "kept" {
		t.Errorf("got %q, %v, want what was there", text, err)
	}
	if err := os.Rename(filepath.Join(folder, "rekey.db"), filepath.Join(folder, "moved.db")); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), filepath.Join(folder, "new")); core.CodeOf(err) != core.Unavailable {
		t.Errorf("a database that was moved: got %v, want Unavailable", err)
	}
	for _, name := range []string{"kept.part", "new.part", "new"} {
		if _, err := os.Stat(filepath.Join(folder, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left behind: %v", name, err)
		}
	}
}

func TestPostgreSQLHasItsOwnBackups(t *testing.T) {
	db := open(t, migrated(t))
	path := filepath.Join(t.TempDir(), "backup")
	if err := db.Backup(t.Context(), path); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %v, want that it is not supported", err)
	}
}
