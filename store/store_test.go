package store_test

import (
	"path/filepath"
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

// sqlite opens a store in a file of its own.
func sqlite(t testing.TB) storetest.Store {
	return open(t, "sqlite:"+filepath.Join(t.TempDir(), "rekey.db"))
}

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
		return several(t, "sqlite:"+filepath.Join(t.TempDir(), "rekey.db"))
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
