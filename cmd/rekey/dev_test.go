package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rekey/core/leftout"
)

func TestTheThreePrintedCommandsChangeAPasswordOnce(t *testing.T) {
	t.Parallel()
	for name, paste := range map[string]func(*running, string) answer{
		"as they are written": (*running).understand,
		"in a shell":          (*running).pasteIntoShell,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath("curl"); err != nil && name == "in a shell" {
				leftout.Skip(t, "curl, to run the printed commands with")
			}
			r := startDevCommand(t)
			commands := r.printed()
			if len(commands) != len(dialects()) {
				t.Errorf("%d commands are printed, want one a dialect:\n%s", len(commands), r.out)
			}
			for n, d := range dialects() {
				r.succeeds(d, paste(r, commands[d.name]), "the printed command")
				r.fails(d, paste(r, commands[d.name]), spent)
				r.knows(n, "Correct horse battery staple 1")
			}
		})
	}
}

func TestDevSaysWhatItIsNotFor(t *testing.T) {
	t.Parallel()
	r := startDevCommand(t)
	if !strings.Contains(r.out.String(), "not for production") {
		t.Errorf("the introduction does not say so:\n%s", r.out)
	}
	if help := mustRun(t, "", "dev", "--help"); !strings.Contains(help, "not for production") {
		t.Errorf("the help does not say so:\n%s", help)
	}
}

// Programs read the facts, so what is told may grow but not change.
func TestTheFactsHaveTheirShape(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "facts.json")
	r := startCommand(t, "dev", "--addr", "127.0.0.1:0", "--facts", file)
	r.introduced(file)
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
		t.Errorf("the file's mode is %v, %v; want one that only its owner reads", info.Mode(), err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var told map[string]any
	if err := json.Unmarshal(text, &told); err != nil {
		t.Fatal(err)
	}
	texts(t, told, "base_url")
	section := func(name string) map[string]any { s, _ := told[name].(map[string]any); return s }
	texts(t, section("licensespring"), "api_key", "shared_key", "refused_api_key", "refused_shared_key")
	texts(t, section("unleash"), "admin_token")
	texts(t, section("manage"), "url", "key")
	texts(t, section("console"), "sign_in_url")
	texts(t, section("pages"), "reset_url", "forgot_url")
	texts(t, section("zap"), "admin_token", "other_role_token", "hmac_secret")
	accounts, _ := told["accounts"].([]any)
	tokens, _ := section("unleash")["reset_tokens"].([]any)
	if len(accounts) < 4 || len(tokens) != len(accounts) {
		t.Fatalf("got %d accounts and %d reset tokens, want four or more, and as many", len(accounts), len(tokens))
	}
	for n, one := range accounts {
		account, _ := one.(map[string]any)
		texts(t, account, "id", "tenant", "username", "email", "password", "zap_user_id")
		if token, ok := tokens[n].(string); !ok || len(token) < 43 {
			t.Errorf("reset token %d is %v", n, tokens[n])
		}
	}
	first := r.Accounts[0].Tenant
	if r.Accounts[1].Tenant != first || r.Accounts[2].Tenant != first || r.Accounts[3].Tenant == first {
		t.Errorf("want three accounts of one tenant and a fourth of another: %+v", r.Accounts)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".*")); len(left) > 0 {
		t.Errorf("beside the facts is left %v", left)
	}
}

// texts reports members that are missing, empty or no text.
func texts(t *testing.T, object map[string]any, names ...string) {
	t.Helper()
	for _, name := range names {
		if text, ok := object[name].(string); !ok || text == "" {
			t.Errorf("%q is %v in %v", name, object[name], object)
		}
	}
}

// Every fact is there to be used: by a program that shows who is refused.
func TestTheFactsRefuseWhomTheySay(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	q := r.firstChange(licensespringDialect, 0, "A fresh sample staple 1")
	q.header["Date"], q.header["Authorization"] = signed(r.LicenseSpring.RefusedAPIKey, r.LicenseSpring.RefusedSharedKey, time.Now())
	if got := r.send(q).refusalIn(licensespringDialect); got != (refusal{400, "change_password_not_allowed"}) {
		t.Errorf("the refused company: got %v", got)
	}
	q = r.firstChange(zapDialect, 0, "A fresh sample staple 1").with("Authorization", "Bearer "+r.ZAP.OtherRoleToken)
	if got := r.send(q).refusalIn(zapDialect); got != (refusal{403, "forbidden"}) {
		t.Errorf("the other role: got %v", got)
	}
	q = zapDialect.change(r.facts, 3, r.Accounts[3].Password, "A fresh sample staple 1")
	r.fails(zapDialect, r.send(q), spent) // another tenant's account is an unknown one
	r.succeeds(unleashDialect, r.send(r.firstChange(unleashDialect, 3, "A fresh sample staple 1")), "the other tenant's token")
}
