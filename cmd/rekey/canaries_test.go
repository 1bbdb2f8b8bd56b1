package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Every kind of secret is planted in an installation that runs as operators run
// it, goes through successes and every kind of failure, and is then looked for in
// all that the installation leaves behind. `go test ./cmd/rekey -run Canaries -v`
// prints what was seen.
func TestCanaries(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes too long under the race detector")
	}
	t.Parallel()
	for name, setUp := range map[string]func(*testing.T) *campaign{
		"SQLite":     func(t *testing.T) *campaign { return newCampaign(t, sqliteBase(t), "json") },
		"PostgreSQL": func(t *testing.T) *campaign { return newCampaign(t, postgresBase(t), "text") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := setUp(t)
			c.operate()
			c.start()
			for _, d := range dialects() {
				c.attack(d)
			}
			c.change()
			c.manage()
			c.visit()
			c.signIn()
			c.mail()
			c.burst()
			c.breakDatabase()
			c.look()
			c.h.report(t)
			c.report()
		})
	}
}

// operate does what an operator does, and what they do wrong.
func (c *campaign) operate() {
	c.command("check", "", true, "check")
	c.command("migrate", "", true, "migrate")
	for i, name := range []string{"ada", "grace", "alan", "edsger"} {
		id := fmt.Sprintf("%024x", i+1)
		c.command("account add", c.present[i]+"\n", true, "account", "add", "-t", "acme", "--username", name,
			"--email", name+"@acme.example", "--id", "zap="+id)
		c.Accounts = append(c.Accounts, accountFacts{Username: name, Email: name + "@acme.example", Password: c.present[i], ZAPUserID: id})
	}
	c.command("account add", c.weak+"\n", false, "account", "add", "-t", "acme", "--username", "weak")
	c.command("account add", c.long+"\n", false, "account", "add", "-t", "acme", "--username", "long")
	c.command("account add", c.present[0]+"\n", false, "account", "add", "-t", "acme", "--username", "ada")
	for n := range 3 { // an older one is superseded
		issued := c.command("token issue", "", true, "token", "issue", "-t", "acme", "grace")
		c.token = c.h.plant(fmt.Sprintf("reset token %d", n), strings.TrimSpace(issued), append([]string{"token issue"}, map[int][]string{2: {"answers"}}[n]...)...)
	}
	enrolled := c.command("account otp enroll", "", true, "account", "otp", "enroll", "-t", "acme", "alan")
	c.plantFactor(enrolled)
	for _, name := range builtinNames() {
		c.command("example", "", true, "example", name)
	}
	c.command("account list", "", true, "account", "list", "-t", "acme")
	c.command("account show", "", true, "account", "show", "-t", "acme", "alan")
	c.command("account disable", "", true, "account", "disable", "-t", "acme", "edsger")
	c.command("hash list", "", true, "hash", "list")
	c.misconfigure()
}

// misconfigure writes secrets where they do not belong, and asks what is wrong.
func (c *campaign) misconfigure() {
	s := c.misplaced
	for _, text := range map[string]string{
		"broken YAML":        "sealing: {active: a, keys: {a: '" + s + "}}\n",
		"a tab":              "store:\n\tdsn: " + s + "\n",
		"an unknown key":     "store: {dns: '" + s + "'}",
		"a list":             "store: {dsn: ['" + s + "']}",
		"a section":          "store: {dsn: {fil: '" + s + "'}}",
		"no DSN":             "store: {dsn: '" + s + "'}",
		"a DSN with a space": "store: {dsn: 'postgres://rekey:" + s + " @localhost/rekey'}",
		"a DSN with a port":  "store: {dsn: 'postgres://rekey:" + s + "@localhost:port/rekey'}",
		"nobody there":       "store: {dsn: 'postgres://rekey:" + s + "@127.0.0.1:1/rekey'}",
		"a SQLite parameter": "store: {dsn: 'sqlite:rekey.db?key=" + s + "'}",
		"a sealing key":      "sealing: {active: a, keys: {a: '" + s + "'}}",
		"a pepper":           "passwords: {pepper: {active: a, keys: {a: '" + s + "'}}}",
		"a response key":     "adapters: {licensespring: {enabled: true, response_key: '" + s + "'}}",
		"a PEM of nothing":   "adapters: {licensespring: {enabled: true, response_key: \"-----BEGIN PRIVATE KEY-----\\n" + s + "\\n-----END PRIVATE KEY-----\"}}",
		"an API key twice": "adapters: {licensespring: {enabled: true, companies: {a: {tenant: acme, api_key: '" + s + "', shared_key: x}, " +
			"b: {tenant: acme, api_key: '" + s + "', shared_key: x}}}}",
		"an API token": "adapters: {unleash: {enabled: true, api_tokens: {a: {secret: 'é" + s + "', kind: some}}}}",
		"an issuer":    "adapters: {zap: {enabled: true, issuers: {a: {tenant: acme, algorithm: RS256, secret: '" + s + "', public_key: '" + s + "'}}}}",
		"a mail server": "mail: {enabled: true, base_url: 'https://u:" + s + "@x', smtp: {host: 127.0.0.1, port: 1, tls: none, username: u, password: '" +
			s + "'}}",
	} {
		file := filepath.Join(c.folder, "wrong.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			c.t.Fatal(err)
		}
		out := c.run("", "check", "-c", file)
		c.keep("check, misconfigured", []byte(out))
		for _, command := range []string{"serve", "migrate", "dev"} {
			if strings.Contains(text, "postgres:") {
				out = c.run("", command, "-c", file)
				c.keep(command+", misconfigured", []byte(out))
			}
		}
	}
	out := c.run("REKEY_STORE__DSN=postgres://rekey:"+s+" @[::1/x", "check")
	more := c.run("REKEY_SEALING__KEYS__A="+s, "check")
	c.keep("check, misconfigured", []byte(out+more))
}

// change goes through the successes, and what follows them.
func (c *campaign) change() {
	c.succeeds(licensespringDialect, c.send(c.ask(licensespringDialect, c.present[0], c.fresh[0])), "the change")
	c.succeeds(licensespringDialect, c.send(c.ask(licensespringDialect, c.fresh[0], c.fresher)), "another change")
	for _, reused := range []string{c.fresher, c.present[0], c.fresh[0]} {
		if a := c.send(c.ask(licensespringDialect, c.fresher, reused)); a.status != http.StatusBadRequest {
			c.t.Errorf("a reused password is answered %d", a.status)
		}
	}
	c.send(request{method: "GET", path: "/auth/reset/validate?token=" + c.token})
	c.succeeds(unleashDialect, c.send(c.ask(unleashDialect, c.token, c.fresh[1])), "the reset")
	c.fails(unleashDialect, c.send(c.ask(unleashDialect, c.token, c.fresher)), spent)
	code := c.code()
	c.succeeds(zapDialect, c.send(c.withCode(c.ask(zapDialect, c.present[2], c.fresh[2]), code)), "the administrator's change")
	c.fails(zapDialect, c.send(c.withCode(c.ask(zapDialect, c.fresh[2], c.fresher), code)), spent)
	answer := c.send(request{
		method: "POST", path: "/api/admin/user-admin/reset-password", body: toJSON(map[string]string{"id": "ada@acme.example"}),
		header: map[string]string{"Content-Type": "application/json", "Authorization": c.Unleash.AdminToken},
	})
	var link struct{ ResetPasswordURL string }
	_ = json.Unmarshal([]byte(answer.body), &link)
	_, token, _ := strings.Cut(link.ResetPasswordURL, "token=")
	if c.h.plant("the token of a backend's link", token, "answers"); len(token) < 40 {
		c.t.Errorf("a backend's link is answered %d %s", answer.status, answer.body)
	}
}

// mail asks for a link and a code, and lets the server refuse further ones in words
// that quote the secrets.
func (c *campaign) mail() {
	c.send(asking("grace@acme.example"))
	c.send(asking("nobody@acme.example"))
	c.send(request{method: "POST", path: "/v1/otp/", body: toJSON(map[string]string{"email": "alan@acme.example"}),
		header: map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + c.ZAP.AdminToken}})
	c.eventually("the mails are there", func() bool { return c.plantMails() })
	c.succeeds(unleashDialect, c.send(c.ask(unleashDialect, c.linked, c.fresher)), "the mailed link")
	c.send(c.withCode(c.ask(zapDialect, c.wrong, c.fresher), c.mailed))
	for _, stage := range []string{"auth", "mail", "rcpt", "data"} {
		c.quoting.Store(stage)
		before := c.quoted.Load()
		c.command("account enable", "", true, "account", "enable", "-t", "acme", "edsger")
		c.send(asking(map[string]string{"auth": "ada", "mail": "edsger", "rcpt": "alan", "data": "alan"}[stage] + "@acme.example"))
		if stage == "data" { // one a minute an address: what waits is tried again
			break
		}
		c.eventually("the mail is refused at "+stage, func() bool { return c.quoted.Load() > before })
	}
	c.quoting.Store("data")
	c.send(request{method: "POST", path: "/v1/otp/", body: toJSON(map[string]string{"email": "ada@acme.example"}),
		header: map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + c.ZAP.AdminToken}})
	before := c.quoted.Load()
	c.eventually("the mail is refused at its end", func() bool { return c.quoted.Load() > before })
	time.Sleep(300 * time.Millisecond) // until that is noted
	c.quoting.Store("")
}

// burst asks for more than there are workers.
func (c *campaign) burst() {
	refused := 0
	for range 10 {
		for _, a := range c.atOnce(12, func(int) request { return c.ask(licensespringDialect, c.wrong, c.fresher) }) {
			if a.status == http.StatusServiceUnavailable {
				refused++
			}
		}
		if refused > 0 {
			return
		}
	}
	c.t.Error("nothing was refused for overload")
}
