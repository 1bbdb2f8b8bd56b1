package store_test

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"rekey/core"
	"rekey/store"
)

// FuzzSQLitePath holds that a DSN names a file, or is refused without being
// repeated.
func FuzzSQLitePath(f *testing.F) {
	for _, seed := range []string{"sqlite:rekey.db", "sqlite:///a/b", "file:a%20b", "file:%3fmode=ro", "file:a%00", "sqlite:a?_pragma=x", "file::memory:", "sqlite:", ":"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, dsn string) {
		path, err := store.SQLitePath(dsn)
		switch {
		case err == nil && (path == "" || strings.ContainsAny(path, "?#\x00") || strings.Contains(path, ":memory:")):
			t.Errorf("%q names %q", dsn, path)
		case err != nil && (core.CodeOf(err) != core.Invalid || len(dsn) > 12 && strings.Contains(err.Error(), dsn)):
			t.Errorf("%q: %v", dsn, err)
		}
	})
}

// FuzzPostgresDSN holds that no error repeats the password of a DSN. Nothing is
// connected to, and no file that a DSN may name is read.
func FuzzPostgresDSN(f *testing.F) {
	for _, seed := range []string{"@localhost/db", "@localhost:port/db", "@[::1/db", "@a,b:1,c/db?target_session_attrs=read-write", "@h/%zz", "@h/db?connect_timeout=x", "%zz@h", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, rest string) {
		if lower := strings.ToLower(rest); strings.Contains(lower, "ssl") || strings.Contains(lower, "file") || strings.Contains(lower, "service") || strings.Contains(rest, "%") {
			t.Skip("may name a file")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		db, err := store.Open(ctx, store.Options{DSN: "postgres://u:hunter2-planted" + rest})
		if err == nil {
			_ = db.Close()
			t.Fatalf("%q: connected", rest)
		}
		if code := core.CodeOf(err); strings.Contains(err.Error(), "hunter2-planted") || code != core.Invalid && code != core.Unavailable {
			t.Errorf("%q: %v", rest, err)
		}
	})
}

// FuzzTexts holds that texts are read back as they were kept, and that a column
// that holds anything else is an error and no panic.
func FuzzTexts(f *testing.F) {
	f.Add("unleash.role", "admin", `{"a":"b"}`)
	f.Add("", "\u2028<&>\x00", `{"a":1}`)
	f.Add("a", "\xff", `[`)
	f.Fuzz(func(t *testing.T, name, value, column string) {
		back, err := store.Texts(map[string]string{name: value})
		if err != nil || utf8.ValidString(name) && utf8.ValidString(value) && back[name] != value {
			t.Errorf("%q: %q became %q, %v", name, value, back, err)
		}
		_ = store.ScanTexts(column)
	})
}
