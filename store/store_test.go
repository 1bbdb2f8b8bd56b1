package store_test

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"rekey/core"
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
func sqlite(t testing.TB) core.Store {
	return open(t, "sqlite:"+filepath.Join(t.TempDir(), "rekey.db"))
}

// postgres opens a store in a database of its own.
func postgres(t testing.TB) core.Store {
	dsn := pgtest.DSN(t)
	if err := store.Migrate(t.Context(), store.Options{DSN: dsn}, func(string) {}); err != nil {
		t.Fatal(err)
	}
	return open(t, dsn)
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
