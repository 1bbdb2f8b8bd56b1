package main

import (
	"encoding/json"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"rekey/adapters/mail"
	"rekey/adapters/mail/mailtest"
	"rekey/config"
	"rekey/config/secret"
	"rekey/store/pgtest"
)

// mailing makes a dev installation mail through the server at the address.
func mailing(address string) func(*config.Config) {
	return func(cfg *config.Config) {
		host, port, _ := net.SplitHostPort(address)
		cfg.Mail.Enabled, cfg.Mail.BaseURL, cfg.Mail.From = true, "https://accounts.acme.example", "Acme <no-reply@acme.example>"
		cfg.Mail.SMTP.Host, cfg.Mail.SMTP.TLS = host, mail.NoTLS
		cfg.Mail.SMTP.Port, _ = strconv.Atoi(port)
		cfg.Adapters.Unleash.Tenant = devTenant
	}
}

// asking is a client that asks for a reset link.
func asking(email string) request {
	body, _ := json.Marshal(map[string]string{"email": email})
	return request{method: "POST", path: "/auth/reset/password-email", header: map[string]string{"Content-Type": "application/json"}, body: string(body)}
}

var resetLink = regexp.MustCompile(`https://accounts\.acme\.example/reset-password\?token=([A-Za-z0-9_-]{43})`)

// From a request over HTTP to an SMTP server in another process, back with the
// link, and to the notice. The Host header is the attacker's.
func TestAMailedLinkChangesAPassword(t *testing.T) {
	t.Parallel()
	smtp := mailtest.StartProcess(t, mailtest.Options{})
	r := startDev(t, mailing(smtp.Address))
	ada := r.Accounts[0]
	known := r.send(asking(ada.Email).with("X-Forwarded-Host", "evil.example"))
	unknown := r.send(asking("nobody@acme.example"))
	if known.status != 200 || known.status != unknown.status || known.body != unknown.body {
		t.Errorf("a known address is answered %d %q, an unknown one %d %q", known.status, known.body, unknown.status, unknown.body)
	}
	if again := r.send(asking(strings.ToUpper(ada.Email))); again.status != 429 {
		t.Errorf("a second mail within the minute is answered %d", again.status)
	}
	link := resetLink.FindStringSubmatch(smtp.Wait(t, 1)[0].Read(t).Text)
	if link == nil {
		t.Fatalf("there is no link in\n%s", smtp.Mails()[0].Data)
	}
	const fresh = "A fresh sample staple 1"
	body, _ := json.Marshal(map[string]string{"token": link[1], "password": fresh})
	if a := r.send(asking("").at("POST", "/auth/reset/password").saying(string(body))); a.status != 200 {
		t.Fatalf("the link is answered %d %s", a.status, a.body)
	}
	notices := 0
	for _, m := range smtp.Wait(t, 2) {
		read := m.Read(t)
		if m.To[0] != ada.Email || strings.Contains(m.Data, fresh) {
			t.Errorf("%s went to %v", read.Subject, m.To)
		}
		if strings.Contains(read.Subject, "was changed") && strings.Contains(read.Text, "unleash") && strings.Contains(read.Text, "127.0.0.1") {
			notices++
		}
	}
	if notices != 1 {
		t.Errorf("got %d notices", notices)
	}
	r.eventually("the mails are logged", func() bool { return len(r.logged("message")) >= 3 })
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if len(smtp.Mails()) != 2 {
		t.Errorf("got %d mails, want 2", len(smtp.Mails()))
	}
	for _, secret := range append(r.secrets(), link[1], fresh) {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// Two replicas count together, and mail once.
func TestReplicasShareTheLimitsAndTheMails(t *testing.T) {
	t.Parallel()
	smtp, dsn := mailtest.Start(t, mailtest.Options{}), pgtest.DSN(t)
	key := secret.New(newSealingKey())
	together := func(cfg *config.Config) { // or they could not tell whom the other's messages are for
		cfg.Sealing = config.Sealing{Active: "shared", Keys: map[string]secret.Value{"shared": key}}
	}
	first := startDev(t, mailing(smtp.Address), withDSN(dsn), together)
	second := startDev(t, mailing(smtp.Address), withDSN(dsn), together)
	for _, account := range first.Accounts[:3] {
		if a := first.send(asking(account.Email)); a.status != 200 {
			t.Errorf("got %d %s", a.status, a.body)
		}
		if a := second.send(asking(account.Email)); a.status != 429 {
			t.Errorf("the other replica answers %d %s", a.status, a.body)
		}
	}
	smtp.Wait(t, 3)
	first.eventually("the mails are done", func() bool { return len(first.logged("message"))+len(second.logged("message")) >= 3 })
	time.Sleep(2 * mailPoll)
	if got := len(smtp.Mails()); got != 3 {
		t.Errorf("got %d mails, want 3", got)
	}
}

// A mail that is being sent when the server is told to stop is sent to its
// end, and not again by the next one.
func TestTheEndWaitsForAMail(t *testing.T) {
	t.Parallel()
	began := make(chan struct{}, 8)
	smtp := mailtest.Start(t, mailtest.Options{Answer: func(stage, _ string) error {
		if stage == "data" {
			began <- struct{}{}
			time.Sleep(500 * time.Millisecond)
		}
		return nil
	}})
	dsn := "sqlite:" + t.TempDir() + "/rekey.db"
	r := startDev(t, mailing(smtp.Address), withDSN(dsn))
	r.send(asking(r.Accounts[0].Email))
	<-began
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if got := len(smtp.Mails()); got != 1 {
		t.Errorf("got %d mails at the end, want 1", got)
	}
	startDev(t, mailing(smtp.Address), withDSN(dsn))
	time.Sleep(2 * mailPoll)
	if got := len(smtp.Mails()); got != 1 {
		t.Errorf("got %d mails after the next start, want 1", got)
	}
}

// Without mail the answers are the same, and nothing waits to be mailed.
func TestWithoutMailNothingPilesUp(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + t.TempDir() + "/rekey.db"
	r := startDev(t, withDSN(dsn), func(cfg *config.Config) { cfg.Adapters.Unleash.Tenant, cfg.Pages.Enabled = devTenant, false })
	for _, email := range []string{r.Accounts[0].Email, "nobody@acme.example"} {
		if a := r.send(asking(email)); a.status != 200 {
			t.Errorf("%s: got %d %s", email, a.status, a.body)
		}
	}
	r.succeeds(unleashDialect, r.send(r.firstChange(unleashDialect, 1, "A fresh sample staple 1")), "the change")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	smtp := mailtest.Start(t, mailtest.Options{})
	next := startDev(t, withDSN(dsn), mailing(smtp.Address))
	next.send(asking("another@acme.example")) // the limits outlive a start
	next.eventually("the outbox is worked on", func() bool { return len(next.logged("message")) >= 1 })
	time.Sleep(2 * mailPoll)
	if got := len(next.logged("message")); got != 1 || len(smtp.Mails()) != 0 {
		t.Errorf("%d messages were done, and %d mails sent", got, len(smtp.Mails()))
	}
}

// Mail goes on while the server drains.
func TestADrainingServerStillMails(t *testing.T) {
	t.Parallel()
	smtp := mailtest.Start(t, mailtest.Options{})
	r := startDev(t, mailing(smtp.Address), func(cfg *config.Config) { cfg.Server.DrainDelay = 2 * mailPoll })
	r.send(asking(r.Accounts[0].Email))
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if got := len(smtp.Mails()); got != 1 {
		t.Errorf("got %d mails at the end, want 1", got)
	}
}

// Whatever dialect a change came by, the owner is told, and told no password.
func TestEveryDialectsChangeIsToldToTheOwner(t *testing.T) {
	t.Parallel()
	smtp := mailtest.Start(t, mailtest.Options{})
	r := startDev(t, mailing(smtp.Address))
	const fresh = "A fresh sample staple 1"
	want := map[string]string{}
	for n, d := range dialects() {
		r.succeeds(d, r.send(r.firstChange(d, n, fresh)), "the change")
		want[r.Accounts[n].Email] = d.name
	}
	for _, m := range smtp.Wait(t, len(want)) {
		read := m.Read(t)
		if name := want[m.To[0]]; name == "" || !strings.Contains(read.Text, "Through: "+name) || strings.Contains(m.Data, fresh) {
			t.Errorf("%s was told\n%s", m.To[0], read.Text)
		}
		delete(want, m.To[0])
	}
	if len(want) > 0 {
		t.Errorf("not told: %v", want)
	}
}
