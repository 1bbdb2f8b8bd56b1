// Package pgtest gives tests a PostgreSQL that is thrown away afterwards.
//
// It starts the binaries that are installed on the machine, once for a test
// binary, as another user where the tests run as root. If
// REKEY_TEST_POSTGRES_DSN names a server, it makes its databases there
// instead; the role needs CREATEDB. With neither, tests are skipped, or fail
// if REKEY_TEST_REQUIRE_POSTGRES is 1, as it is in CI.
package pgtest

import (
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"rekey/core/leftout"
	"rekey/store/pgtest/cluster"
)

const (
	dsnEnv     = "REKEY_TEST_POSTGRES_DSN"
	requireEnv = "REKEY_TEST_REQUIRE_POSTGRES"
)

// DSN returns the URL of a new, empty database, which is dropped when the test
// ends, with whoever is still connected to it. About 30 ms, and once half a
// second for the server.
func DSN(t testing.TB) string {
	t.Helper()
	server, err := server()
	switch {
	case errors.Is(err, cluster.ErrMissing) && os.Getenv(requireEnv) != "1":
		leftout.Skip(t, "PostgreSQL (Debian: apt-get install postgresql, or set "+dsnEnv+" to a server's postgres:// URL)")
	case err != nil:
		t.Fatalf("pgtest: %v", err)
	}
	name := "rekey_test_" + strings.ToLower(rand.Text())
	if err := cluster.Execute(server, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		t.Fatalf("pgtest: create database: %v", err)
	}
	t.Cleanup(func() {
		if err := cluster.Execute(server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("pgtest: drop database: %v", err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("pgtest: %s is no URL", dsnEnv)
	}
	u.Path = "/" + name
	return u.String()
}

// Binaries ends the test where PostgreSQL's programs are not installed, as
// [DSN] does: for tests that run a [cluster.Cluster] of their own.
func Binaries(t testing.TB) {
	t.Helper()
	switch {
	case cluster.Installed():
	case os.Getenv(requireEnv) == "1":
		t.Fatalf("pgtest: %v", cluster.ErrMissing)
	default:
		leftout.Skip(t, "PostgreSQL's programs (Debian: apt-get install postgresql)")
	}
}

// server returns the URL of the server, which it starts at the first call.
var server = sync.OnceValues(func() (string, error) {
	if dsn := os.Getenv(dsnEnv); dsn != "" {
		return dsn, nil
	}
	c, err := cluster.New(cluster.Options{}) // removed when the tests end
	if err != nil {
		return "", err
	}
	return c.URL("postgres", nil), nil
})
