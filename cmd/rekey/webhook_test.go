package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/config"
	"rekey/core"
	"rekey/store/pgtest"
)

// From requests over HTTP in every dialect to the receiver of the examples.
func TestAReceiverIsToldWhatHappens(t *testing.T) {
	t.Parallel()
	box := receive(t, hookSecret)
	r := startDev(t, told("siem", box.URL, hookSecret), func(cfg *config.Config) {
		cfg.Webhooks.RefusedAfter = 3
		cfg.Attempts.PerClient.Free, cfg.Attempts.PerAccount.Free = 24, 24
		cfg.Attempts.Stop, cfg.Attempts.Kept = 4, 0
	})
	for n, d := range dialects() {
		r.succeeds(d, r.send(r.firstChange(d, n, "A fresh sample staple 1").with("X-Request-Id", "call-7")), "the change")
		r.eventually("it is told", func() bool { return box.count() == n+1 })
		e := box.events()[n]
		valid := e.Data.TokensValidAfter
		if e.Type != "password.changed" || e.Version != 1 || e.Data.AccountID != r.Accounts[n].ID || e.Data.Tenant != "acme" || e.Data.Dialect != d.name ||
			e.Data.ClientAddress != "127.0.0.1" || e.Data.ExternalIDs["zap"] != r.Accounts[n].ZAPUserID || valid == nil ||
			e.Data.PasswordChangedAt == nil || !valid.Equal(*e.Data.PasswordChangedAt) || e.Data.EventID == "" || e.Data.RequestID != "call-7" {
			t.Errorf("%s: it was told %+v", d.name, e)
		}
	}
	if e := box.events()[2]; e.Data.Actor == "" || e.Data.Proof != "authority" {
		t.Errorf("an administrator's change is told as %+v", e)
	}
	for range 4 { // of an account, and of nobody
		r.guess(licensespringDialect, r, 0)
		q := licensespringDialect.change(r.facts, 0, "not the password", "A fresh sample staple 1")
		r.send(q.saying(strings.Replace(q.body, r.Accounts[0].Email, "nobody@acme.example", 1)))
	}
	for _, email := range []string{r.Accounts[1].Email, "nobody@acme.example"} {
		r.send(asking(email))
	}
	r.eventually("all is told", func() bool { return box.count() == 7 })
	var types []string
	for _, e := range box.events()[3:] {
		types = append(types, fmt.Sprint(e.Type, " ", e.Data.Outcome, " ", e.Data.Failures, " ", e.Data.AccountID == r.Accounts[0].ID))
	}
	slices.Sort(types)
	want := []string{
		"account.locked  4 true", "password.change_refused wrong_password 3 true", "password.change_refused wrong_password 4 true", "reset.requested  0 false",
	}
	if !slices.Equal(types, want) {
		t.Errorf("it was told %q, want %q", types, want)
	}
	time.Sleep(2 * webhookPoll)
	if box.count() != 7 || box.tried() != 7 {
		t.Errorf("%d were told in %d tries, want 7", box.count(), box.tried())
	}
	for _, bodies := range box.bodies {
		for _, secret := range append(r.secrets(), "A fresh sample staple 1", "not the password", "nobody", r.Accounts[1].Email) {
			if strings.Contains(bodies[0], secret) {
				t.Errorf("%q is told in %s", secret, bodies[0])
			}
		}
	}
}

// settings writes a configuration for commands beside a server.
func settings(t *testing.T, dsn string) string {
	return write(t, "rekey.yaml", "store: {dsn: '"+dsn+"'}\n")
}

func TestADeadEndpointHoldsUpNobodyAndIsToldLater(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + t.TempDir() + "/rekey.db"
	well, dead := receive(t, hookSecret), receive(t, hookSecret)
	dead.answer(http.StatusInternalServerError)
	r := startDev(t, withDSN(dsn), told("well", well.URL, hookSecret), told("dead", dead.URL, hookSecret))
	r.succeeds(licensespringDialect, r.send(r.firstChange(licensespringDialect, 0, "A fresh sample staple 1")), "the change")
	r.knows(0, "A fresh sample staple 1")
	r.eventually("the other is told", func() bool { return well.count() == 2 && dead.tried() > 0 })
	file := settings(t, dsn)
	pending := func() string { return mustRun(t, "", "events", "list", "-c", file, "--state", "pending") }
	r.eventually("it waits", func() bool { return strings.Contains(pending(), "the endpoint answers 500") })
	if got := pending(); strings.Count(got, "dead ") != 2 || strings.Contains(got, "well") || !strings.Contains(got, "password.changed") {
		t.Errorf("listed:\n%s", got)
	}
	dead.answer(0)
	if got := mustRun(t, "", "events", "retry", "-c", file, "--all", "--state", "all", "--endpoint", "dead"); got != "2 retried\n" {
		t.Errorf("got %q", got)
	}
	r.eventually("it is told", func() bool { return dead.count() == 2 })
	first, second := dead.events()[0], dead.events()[1]
	if !first.Data.PasswordChangedAt.Before(*second.Data.PasswordChangedAt) {
		t.Error("the second change is told before the first")
	}
	for id, bodies := range dead.bodies {
		if slices.ContainsFunc(bodies, func(b string) bool { return b != bodies[0] }) {
			t.Errorf("tries of %s differ: %q", id, bodies)
		}
	}
	r.eventually("nothing is left", func() bool { return !strings.Contains(mustRun(t, "", "events", "list", "-c", file), "pending") })
}

func TestWhatIsRefusedForGoodIsDeadUntilItIsRetried(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + t.TempDir() + "/rekey.db"
	box := receive(t, hookSecret)
	box.answer(http.StatusGone)
	r := startDev(t, withDSN(dsn), told("siem", box.URL, hookSecret))
	r.succeeds(licensespringDialect, r.send(r.firstChange(licensespringDialect, 0, "A fresh sample staple 1")), "the change")
	file := settings(t, dsn)
	var one listed
	r.eventually("it is dead", func() bool {
		line := mustRun(t, "", "events", "list", "-c", file, "--state", "dead", "--json")
		return json.Unmarshal([]byte(line), &one) == nil
	})
	if one.Reason != "invalid: the endpoint answers 410" || one.Tries != 1 || one.DeadAt == nil || one.Event != "password.changed" || one.Account != r.Accounts[0].ID {
		t.Errorf("got %+v", one)
	}
	box.answer(0)
	mustRun(t, "", "events", "retry", "-c", file, one.ID)
	r.eventually("it is told", func() bool { return box.count() == 1 })
	if box.tries[one.ID] != 2 {
		t.Errorf("tries by webhook-id: %v, want 2 of %s", box.tries, one.ID)
	}
	if _, failure := run("", "events", "retry", "-c", file, one.ID); !strings.Contains(failure, "1 of 1 were not retried") {
		t.Errorf("retried when it was done: %q", failure)
	}
}

// Two replicas tell each event once, also those that the other has caused.
func TestReplicasShareTheDeliveries(t *testing.T) {
	t.Parallel()
	dsn, box := pgtest.DSN(t), receive(t, hookSecret)
	replicas := []*running{startDev(t, withDSN(dsn), told("siem", box.URL, hookSecret)), startDev(t, withDSN(dsn), told("siem", box.URL, hookSecret))}
	for _, r := range replicas {
		for n, d := range dialects() {
			r.succeeds(d, r.send(r.firstChange(d, n, "A fresh sample staple 1")), "the change")
		}
	}
	replicas[0].eventually("all is told", func() bool { return box.count() == 6 })
	time.Sleep(2 * webhookPoll)
	if box.count() != 6 || box.tried() != 6 {
		t.Errorf("%d were told in %d tries, want 6", box.count(), box.tried())
	}
}

// While secrets are rotated, receivers that know either believe what they are told.
func TestSecretsAreRotatedWithoutLoss(t *testing.T) {
	t.Parallel()
	before, after := receive(t, hookSecret), receive(t, laterSecret)
	r := startDev(t, told("before", before.URL, hookSecret, laterSecret), told("after", after.URL, hookSecret, laterSecret))
	r.succeeds(licensespringDialect, r.send(r.firstChange(licensespringDialect, 0, "A fresh sample staple 1")), "the change")
	r.eventually("both believe it", func() bool { return before.count() == 1 && after.count() == 1 })
}

// What is being sent when the server is told to stop is sent to its end; what a
// killed process had claimed is sent by the next, by the same webhook-id.
func TestTheEndOfAServerLosesNothing(t *testing.T) {
	t.Parallel()
	dsn, box := "sqlite:"+t.TempDir()+"/rekey.db", receive(t, hookSecret)
	box.answer(http.StatusServiceUnavailable)
	first := startDev(t, withDSN(dsn), told("siem", box.URL, hookSecret))
	first.succeeds(licensespringDialect, first.send(first.firstChange(licensespringDialect, 0, "A fresh sample staple 1")), "the change")
	first.eventually("it is tried", func() bool { return box.tried() > 0 })
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	box.answer(0)
	mustRun(t, "", "events", "retry", "-c", settings(t, dsn), "--all", "--state", "pending")
	second := startDev(t, withDSN(dsn), told("siem", box.URL, hookSecret))
	second.eventually("the next tells it", func() bool { return box.count() == 1 })
	if len(box.tries) != 1 || box.events()[0].Type != string(core.PasswordChanged) {
		t.Errorf("tries by webhook-id: %v", box.tries)
	}
}
