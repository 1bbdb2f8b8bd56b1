package main

import (
	"database/sql"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"rekey/store/pgtest"
)

func TestHealthChecksAreServedBesideTheDialects(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, text := r.probe(path); status != http.StatusOK || text != "ok\n" {
			t.Errorf("%s: got %d %q", path, status, text)
		}
		if a := r.send(request{method: http.MethodGet, path: path}); a.status != http.StatusNotFound {
			t.Errorf("%s is served to clients: %d %s", path, a.status, a.body)
		}
	}
	if status, _ := r.probe(zapDialect.path); status != http.StatusNotFound {
		t.Errorf("a dialect is served beside the health checks: %d", status)
	}
}

func TestASQLiteFileThatIsLockedIsNotReady(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rekey.db")
	r := startDev(t, withDSN("sqlite:"+path))
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	lock, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	run := func(statement string) {
		if _, err := lock.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	run("PRAGMA busy_timeout = 5000") // the server may write at this moment
	run("BEGIN EXCLUSIVE")
	r.isNotReady()
	run("ROLLBACK")
	r.isReadyAgain()
}

func TestADatabaseThatOnlyReadsIsNotReady(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	r := startDev(t, withDSN(dsn))
	admin, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close(t.Context()) }()
	u, _ := url.Parse(dsn)
	name := strings.TrimPrefix(u.Path, "/")
	only := func(setting string) {
		for _, statement := range []string{
			"ALTER DATABASE " + name + " SET default_transaction_read_only = " + setting,
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
		} {
			if _, err := admin.Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	only("on")
	r.isNotReady()
	for n, d := range dialects() {
		r.fails(d, r.send(r.firstChange(d, n, "A fresh sample staple 1")), busy)
	}
	only("off")
	r.isReadyAgain()
}

// isNotReady waits until the server says that it is not ready, and still lives.
func (r *running) isNotReady() {
	r.t.Helper()
	r.eventually("it is not ready", func() bool {
		status, text := r.probe("/readyz")
		return status == http.StatusServiceUnavailable && text == "database cannot be written\n"
	})
	if status, _ := r.probe("/healthz"); status != http.StatusOK {
		r.t.Errorf("without a database, /healthz answers %d", status)
	}
}

func (r *running) isReadyAgain() {
	r.t.Helper()
	r.eventually("it is ready", func() bool {
		status, _ := r.probe("/readyz")
		return status == http.StatusOK
	})
	for n, d := range dialects() {
		r.succeeds(d, r.send(r.firstChange(d, n, "A fresh sample staple 2")), "once the database is back")
	}
}
