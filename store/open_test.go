package store_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rekey/core"
	"rekey/store"
)

func TestBadDSNIsRefusedWithoutItsPassword(t *testing.T) {
	for _, dsn := range []string{
		"",
		"hunter2",
		"mysql://root:hunter2@localhost/db",
		"postgres:hunter2",
		"host=localhost password=hunter2",
		"postgres://u:hunter2@localhost:port/db",
		"postgres://u:hun%zzhunter2@localhost/db",
		"postgres://u:hunter2@localhost/db?sslmode=hunter2",
		"sqlite:",
		"sqlite://",
		"sqlite::memory:",
		"file::memory:?cache=shared",
		"sqlite:rekey.db?_pragma=synchronous(OFF)",
		"file:rekey.db?mode=ro",
		"file:%zz",
		"sqlite:a\x00b",
	} {
		db, err := store.Open(t.Context(), store.Options{DSN: dsn})
		if err == nil {
			_ = db.Close()
		}
		if core.CodeOf(err) != core.Invalid {
			t.Errorf("open %q: got %v, want invalid", dsn, err)
			continue
		}
		for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err)} {
			if strings.Contains(text, "hunter2") || !strings.Contains(text, "write sqlite:PATH or postgres://") {
				t.Errorf("open %q: got error %q, want advice and no secret", dsn, text)
			}
		}
	}
}

func TestUnreachableDatabaseIsUnavailable(t *testing.T) {
	dir := t.TempDir()
	for _, dsn := range []string{
		"postgres://u:hunter2@127.0.0.1:1/db",
		"postgres://u:hunter2@127.0.0.1:1,127.0.0.1:2/db?target_session_attrs=read-write",
		"postgresql:///db?host=" + dir,
		"sqlite:" + dir, // a folder
		"sqlite:" + filepath.Join(dir, "none", "rekey.db"),
	} {
		db, err := store.Open(t.Context(), store.Options{DSN: dsn})
		if err == nil {
			_ = db.Close()
		}
		if core.CodeOf(err) != core.Unavailable || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("open %q: got %v, want unavailable and no secret", dsn, err)
		}
	}
}

func TestFileThatIsNoDatabaseIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "letter.txt")
	text := []byte(strings.Repeat("Dear Ada, ", 1000))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), store.Options{DSN: "sqlite:" + path}); core.CodeOf(err) != core.Internal {
		t.Errorf("got %v, want internal", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != string(text) {
		t.Errorf("the file was changed (%v)", err)
	}
}

func TestSQLiteFileIsPrivateAndWhereItWasAskedFor(t *testing.T) {
	for _, c := range []struct{ prefix, name, file string }{
		{"sqlite:", "plain.db", "plain.db"},
		{"sqlite://", "two slashes.db", "two slashes.db"},
		{"file:", "a%20space.db", "a space.db"},
		{"sqlite:", "a%20percent & ümlaut'\".db", "a%20percent & ümlaut'\".db"},
	} {
		dir := t.TempDir()
		db := open(t, c.prefix+dir+"/"+c.name)
		if err := db.Writable(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, suffix := range []string{"", "-wal", "-shm"} {
			info, err := os.Stat(filepath.Join(dir, c.file) + suffix)
			if err != nil {
				t.Error(err)
			} else if info.Mode().Perm() != 0o600 {
				t.Errorf("%s: got mode %v, want %v", info.Name(), info.Mode().Perm(), fs.FileMode(0o600))
			}
		}
	}
}

func TestSQLiteKeepsWhatWasStored(t *testing.T) {
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "rekey.db")
	want := core.Event{ID: "1", Tenant: "acme", Action: core.AccountCreated, At: time.Unix(0, 0).UTC()}
	for range 3 {
		db, err := store.Open(t.Context(), store.Options{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Record(t.Context(), want); err != nil && core.CodeOf(err) != core.Internal { // taken, from the second time on
			t.Fatal(err)
		}
		got, err := db.Events(t.Context(), "acme", "", 9)
		if err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
