package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"rekey/store/pgtest"
)

// Each imports a file as an operator does, to the last commit: accounts with an
// address, an external id, a name and a bcrypt hash, into tables with all their
// indexes, each with its event.
func BenchmarkImportSQLite(b *testing.B) {
	benchmarkImport(b, "sqlite:"+filepath.Join(b.TempDir(), "rekey.db"))
}

func BenchmarkImportPostgres(b *testing.B) { benchmarkImport(b, pgtest.DSN(b)) }

const benchmarkAccounts = 50_000

func benchmarkImport(b *testing.B, dsn string) {
	b.Setenv("REKEY_STORE__DSN", dsn)
	if _, failure := run("", "migrate"); failure != "" {
		b.Fatal(failure)
	}
	n := 0
	for b.Loop() {
		b.StopTimer()
		var file bytes.Buffer
		for i := range benchmarkAccounts {
			fmt.Fprintf(&file, `{"_id":{"$oid":"%024x"},"email":"user%d@acme.example","name":"Some One","password":"$2a$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW","createdAt":{"$date":"2020-01-02T03:04:05.678Z"}}`+"\n", n+i, n+i)
		}
		n += benchmarkAccounts
		path := filepath.Join(b.TempDir(), "users.json")
		if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if out, failure := run("", "import", "-t", "acme", "--preset", "zap", path); failure != "" {
			b.Fatal(failure, out)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "accounts/s")
}
