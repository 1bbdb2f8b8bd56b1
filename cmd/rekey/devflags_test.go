package main

import (
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestDevLeavesNothingBehind(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	before := goleak.IgnoreCurrent()
	file := filepath.Join(folder, "facts.json")
	r := startCommand(t, "dev", "--addr", "127.0.0.1:0", "--facts", file)
	r.introduced(file)
	if found, _ := filepath.Glob(filepath.Join(folder, "rekey-dev-*")); len(found) != 1 {
		t.Errorf("while it runs there are %v, want one folder", found)
	}
	if err := r.stop(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if _, failure := run("", "dev", "--addr", "0.0.0.0:0"); failure == "" {
		t.Error("it served on every address")
	}
	if found, _ := filepath.Glob(filepath.Join(folder, "rekey-dev-*")); len(found) != 0 {
		t.Errorf("%v is left", found)
	}
	goleak.VerifyNone(t, before)
}

func TestDevListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"every address":     {"--addr", "0.0.0.0:0"},
		"no host":           {"--addr", ":0"},
		"every address, v6": {"--addr", "[::]:0"},
		"another's":         {"--addr", "192.0.2.1:8080"},
		"a name":            {"--addr", "rekey.example:8080"},
		"the configuration": {"--config", write(t, "dev.yaml", "server: {address: '0.0.0.0:0'}")},
		"health checks":     {"--config", write(t, "dev.yaml", "operations: {address: ':0'}")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failure := run("", append([]string{"dev"}, args...)...)
			if !strings.Contains(failure, "loopback only") || !strings.Contains(failure, "rekey serve") {
				t.Errorf("got %q, want a refusal that says what to do", failure)
			}
		})
	}
}

func TestDevSaysWhichFlagIsWrong(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"--facts":        {"--facts", filepath.Join(t.TempDir(), "none", "facts.json")},
		"--addr":         {"--addr", "0.0.0.0:0"},
		"server.address": {"--addr", "nonsense"},
		"store.dsn":      {"--dsn", "mysql://root@localhost/rekey"},
		"none.yaml":      {"--config", "none.yaml"},
	} {
		if _, failure := run("", append([]string{"dev", "--addr", "127.0.0.1:0"}, args...)...); !strings.Contains(failure, want) {
			t.Errorf("%v: got %q, want one about %s", args, failure, want)
		}
	}
}

func TestAConfigurationIsLaidOverWhatDevSetsUp(t *testing.T) {
	t.Parallel()
	r := startDevCommand(t, "--config", write(t, "dev.yaml", `
adapters:
  unleash: {enabled: false}
  licensespring:
    companies:
      newcomer: {tenant: globex, api_key: newcomers-key, shared_key: newcomers-secret}
`))
	if _, printed := r.printed()["unleash"]; printed {
		t.Errorf("a command is printed for a disabled dialect:\n%s", r.out)
	}
	if a := r.send(r.firstChange(unleashDialect, 0, "A fresh sample staple 1")); a.status != 404 || a.body != `{"error":"not found"}` {
		t.Errorf("the disabled dialect answers %d %s", a.status, a.body)
	}
	added := r.facts
	added.LicenseSpring.APIKey, added.LicenseSpring.SharedKey = "newcomers-key", "newcomers-secret"
	q := licensespringDialect.change(added, 3, r.Accounts[3].Password, "A fresh sample staple 2")
	r.succeeds(licensespringDialect, r.send(q), "the company that was added")
	r.succeeds(licensespringDialect, r.send(r.firstChange(licensespringDialect, 0, "A fresh sample staple 3")), "dev's own company")
	r.succeeds(zapDialect, r.send(r.firstChange(zapDialect, 1, "A fresh sample staple 4")), "dev's own issuer")
}

func TestDevTakesADatabaseThatItUsedBefore(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		first := startDevCommand(t, "--dsn", dsn)
		first.succeeds(zapDialect, first.send(first.firstChange(zapDialect, 0, "A fresh sample staple 1")), "the first run")
		if err := first.stop(); err != nil {
			t.Fatal(err)
		}
		second := startDevCommand(t, "--dsn", dsn)
		if second.Accounts[0].Username == first.Accounts[0].Username {
			t.Errorf("two accounts are called %s", first.Accounts[0].Username)
		}
		for n, d := range dialects() {
			second.succeeds(d, second.send(second.firstChange(d, n, "A fresh sample staple 2")), "the second run")
		}
		kept := second.facts
		kept.Accounts = first.Accounts
		q := licensespringDialect.change(kept, 0, "A fresh sample staple 1", "A fresh sample staple 3")
		second.succeeds(licensespringDialect, second.send(q), "an account of the first run")
	})
}
