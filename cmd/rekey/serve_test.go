package main

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"rekey/store/pgtest"
)

// serveConfig writes the configuration of an installation on free ports, with
// LicenseSpring's dialect for the tenant acme, and returns its file. The
// server's section may be another one.
func serveConfig(t *testing.T, dsn string, server ...string) string {
	t.Helper()
	server = append(server, "server: {address: '127.0.0.1:0', drain_delay: 0s}")
	return write(t, "rekey.yaml", server[0]+`
operations: {address: '127.0.0.1:0'}
store: {dsn: '`+dsn+`'}
adapters:
  licensespring:
    enabled: true
    companies:
      acme: {tenant: acme, api_key: the-api-key, shared_key: the-shared-key}
`)
}

// withAda tells the clients of a server that was set up by [serveConfig] what
// they need to know of its first account.
func (r *running) withAda() *running {
	r.LicenseSpring.APIKey, r.LicenseSpring.SharedKey = "the-api-key", "the-shared-key"
	r.Accounts = []accountFacts{{Email: "ada@acme.example", Password: "forgotten tomorrow"}}
	return r
}

func addAda(t *testing.T, file string) {
	t.Helper()
	mustRun(t, "forgotten tomorrow\n", "account", "add", "-c", file, "-t", "acme", "--username", "ada", "--email", "ada@acme.example")
}

func TestServeBringsSQLiteUpToDate(t *testing.T) {
	t.Parallel()
	file := serveConfig(t, "sqlite:"+filepath.Join(t.TempDir(), "rekey.db"))
	r := startServe(t, file).withAda()
	addAda(t, file) // beside the server that runs
	r.succeeds(licensespringDialect, r.send(r.firstChange(licensespringDialect, 0, "A fresh sample staple 1")), "the change")
	if status, _ := r.probe("/readyz"); status != 200 {
		t.Errorf("/readyz answers %d", status)
	}
}

func TestServeAsksForTheMigrationOfPostgreSQL(t *testing.T) {
	t.Parallel()
	file := serveConfig(t, pgtest.DSN(t))
	if _, failure := run("", "serve", "-c", file); !strings.Contains(failure, "run `rekey migrate`") {
		t.Errorf("got %q, want what to run first", failure)
	}
	mustRun(t, "", "migrate", "-c", file)
	addAda(t, file)
	r := startServe(t, file).withAda()
	r.succeeds(licensespringDialect, r.send(r.firstChange(licensespringDialect, 0, "A fresh sample staple 1")), "the change")
}

func TestServeSaysWhyItDoesNot(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "rekey.db")
	for name, c := range map[string]struct{ file, want string }{
		"no dialect":         {write(t, "rekey.yaml", "store: {dsn: '"+dsn+"'}"), "no dialect is enabled"},
		"a taken address":    {serveConfig(t, dsn, "server: {address: '"+taken.Addr().String()+"'}"), "server.address: "},
		"no such folder":     {serveConfig(t, "sqlite:/no/such/folder/rekey.db"), "check store.dsn"},
		"a parameter":        {serveConfig(t, dsn+"?mode=ro"), "a SQLite file takes no parameters"},
		"a key of no kind":   {serveConfig(t, dsn, "servers: {address: ':1'}"), "servers"},
		"no certificate":     {serveConfig(t, dsn, "server: {tls: {certificate: /none.pem, key: /none.key}}"), "server.tls"},
		"half a certificate": {serveConfig(t, dsn, "server: {tls: {certificate: "+write(t, "a.pem", "")+"}}"), "server.tls"},
		"an empty file":      {serveConfig(t, dsn, "server: {address: '127.0.0.1:0', tls: {certificate: "+write(t, "a.pem", "")+", key: "+write(t, "a.key", "")+"}}"), "server.tls"},
	} {
		if _, failure := run("", "serve", "-c", c.file); !strings.Contains(failure, c.want) {
			t.Errorf("%s: got %q, want one that says %q", name, failure, c.want)
		}
	}
}
