package store_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"rekey/store"
	"rekey/store/pgtest"
	"rekey/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSQLite(t *testing.T) { storetest.Run(t, sqlite) }

func TestPostgres(t *testing.T) { storetest.Run(t, postgres) }

func TestSQLiteLikeMemory(t *testing.T) { storetest.Differential(t, sqlite(t)) }

func TestPostgresLikeMemory(t *testing.T) { storetest.Differential(t, postgres(t)) }

func BenchmarkSQLite(b *testing.B) { storetest.Benchmark(b, sqlite) }

func BenchmarkPostgres(b *testing.B) { storetest.Benchmark(b, postgres) }

func BenchmarkSamples(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { storetest.BenchmarkSamples(b, sqlite) })
	b.Run("Postgres", func(b *testing.B) { storetest.BenchmarkSamples(b, postgres) })
}

// sqlite opens a store in a file of its own.
func sqlite(t testing.TB) storetest.Store { return open(t, file(t)) }

// file returns the DSN of a new file that is ready for use: a copy, because the
// race detector makes migrating one slow.
func file(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rekey.db")
	whole, err := template()
	if err == nil {
		err = os.WriteFile(path, whole, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// template returns an empty database.
var template = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "rekey-store-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path := filepath.Join(folder, "rekey.db")
	if err := store.Migrate(context.Background(), store.Options{DSN: "sqlite:" + path}, func(string) {}); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// postgres opens a store in a database of its own.
func postgres(t testing.TB) storetest.Store { return open(t, migrated(t)) }

// migrated returns the DSN of a database that is ready for use.
func migrated(t testing.TB) string {
	t.Helper()
	dsn := pgtest.DSN(t)
	if err := store.Migrate(t.Context(), store.Options{DSN: dsn}, func(string) {}); err != nil {
		t.Fatal(err)
	}
	return dsn
}

func open(t testing.TB, dsn string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Several processes that have one database open, each with connections of its own.
func TestSQLiteIsShared(t *testing.T) {
	storetest.Share(t, func(t testing.TB) []storetest.Store {
		return several(t, file(t))
	})
}

func TestPostgresIsShared(t *testing.T) {
	storetest.Share(t, func(t testing.TB) []storetest.Store { return several(t, migrated(t)) })
}

func several(t testing.TB, dsn string) (all []storetest.Store) {
	for range 3 {
		all = append(all, open(t, dsn))
	}
	return all
}
