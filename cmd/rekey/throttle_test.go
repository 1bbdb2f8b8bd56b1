package main

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"rekey/config"
	"rekey/config/secret"
)

// impatient lets two attempts for an account fail, and makes the next one wait
// for longer than a test takes. Its keys are the same in every server.
func impatient(cfg *config.Config) {
	cfg.Attempts.PerClient = config.Pace{Free: 2, First: 10 * time.Minute, Most: 15 * time.Minute}
	cfg.Attempts.ClientBurst, cfg.Attempts.ClientEvery = 3, time.Minute
	cfg.Sealing = config.Sealing{Active: "k", Keys: map[string]secret.Value{"k": secret.New("bm90IGEga2V5OiBtYWtlIG9uZSBvZiB5b3VyIG93biE=")}}
}

// unthrottled is for tests in which one client fails on purpose and often.
func unthrottled(cfg *config.Config) { cfg.Attempts.Enabled = false }

// guess is a change of another server's account n that proves nothing.
func (r *running) guess(d dialect, of *running, n int) answer {
	f := r.facts
	f.Accounts = of.Accounts
	return r.send(d.change(f, n, "not the password", "A fresh sample staple 1"))
}

// waits reports an answer that is not the dialect's 429.
func (r *running) waits(d dialect, a answer, atLeast int) {
	r.t.Helper()
	r.fails(d, a, throttled)
	if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < atLeast || wait > 600 {
		r.t.Errorf("%s: Retry-After is %q, want %d to 600", d.name, a.header.Get("Retry-After"), atLeast)
	}
}

func TestFailedAttemptsAreThrottledInDialect(t *testing.T) {
	t.Parallel()
	for n, d := range dialects() {
		r := startDev(t, impatient)
		free := 2
		if d.name == "unleash" {
			free = 3 // a token names no account, so only the client counts
		}
		for range free {
			r.fails(d, r.guess(d, r, n), spent)
		}
		for range 2 {
			r.waits(d, r.guess(d, r, n), pickInt(d.name == "unleash", 30, 300))
		}
		r.waits(d, r.send(r.firstChange(d, n, "A fresh sample staple 1")), 30)
		r.eventually("each refusal is logged", func() bool { return len(r.logged("request")) == free+3 })
		for _, entry := range r.logged("request")[free:] {
			if entry["code"] != "throttled" || entry["status"] != 429.0 || entry["addr"] != "127.0.0.1" {
				t.Errorf("%s: the log says %v", d.name, entry)
			}
		}
	}
}

func pickInt(yes bool, a, b int) int {
	if yes {
		return a
	}
	return b
}

// What one replica counts, another one and the next start know.
func TestFailedAttemptsAreSharedAndSurviveARestart(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		first := startDev(t, withDSN(dsn), impatient)
		second := startDev(t, withDSN(dsn), impatient)
		d := licensespringDialect
		first.fails(d, first.guess(d, first, 0), spent)
		second.fails(d, second.guess(d, first, 0), spent)
		first.waits(d, first.guess(d, first, 0), 300)
		second.waits(d, second.guess(d, first, 0), 300)
		for _, r := range []*running{first, second} {
			if err := r.stop(); err != nil {
				t.Fatal(err)
			}
		}
		again := startDev(t, withDSN(dsn), impatient)
		again.waits(d, again.guess(d, first, 0), 300)
	})
}

// A reset that is proven lets its owner in, whatever strangers have done.
func TestAResetEndsTheThrottlingOfItsAccount(t *testing.T) {
	t.Parallel()
	r := startDev(t, impatient, func(cfg *config.Config) { cfg.Attempts.ClientEvery = 0 })
	d := licensespringDialect
	for range 2 {
		r.fails(d, r.guess(d, r, 0), spent)
	}
	r.waits(d, r.guess(d, r, 0), 300)
	r.succeeds(unleashDialect, r.send(r.firstChange(unleashDialect, 0, "A fresh sample staple 1")), "the reset")
	r.succeeds(d, r.send(d.change(r.facts, 0, "A fresh sample staple 1", "A fresh sample staple 2")), "the change after it")
}

// Unknown users are delayed as known ones, answer for answer.
func TestThrottlingDoesNotTellWhoExists(t *testing.T) {
	t.Parallel()
	r := startDev(t, func(cfg *config.Config) {
		cfg.Attempts.PerClient.First, cfg.Attempts.PerClient.Most = 10*time.Minute, 10*time.Minute
	})
	nobody := r.facts
	nobody.Accounts = []accountFacts{{Email: "nobody@acme.example", ZAPUserID: "0000000000000000000000ff"}}
	for _, d := range []dialect{licensespringDialect, zapDialect} {
		var told [2]string
		for n, f := range []facts{r.facts, nobody} {
			for range 8 {
				a := r.send(d.change(f, 0, "not the password", "A fresh sample staple 1"))
				told[n] += fmt.Sprintln(a.status, a.body, a.header.Get("Retry-After") != "")
			}
		}
		if told[0] != told[1] {
			t.Errorf("%s: a user that exists is told\n%sand one that does not\n%s", d.name, told[0], told[1])
		}
	}
}

// Whoever has one API key, or is one administrator, cannot guess at everybody.
func TestFailuresCountForTheCredentialToo(t *testing.T) {
	t.Parallel()
	for _, d := range []dialect{licensespringDialect, zapDialect} {
		r := startDev(t, func(cfg *config.Config) {
			cfg.Attempts.ClientEvery, cfg.Attempts.CallerBurst, cfg.Attempts.CallerEvery = 0, 2, 10*time.Minute
		})
		for n := range 2 {
			r.fails(d, r.guess(d, r, n), spent)
		}
		r.waits(d, r.guess(d, r, 2), 300)
		r.waits(d, r.send(r.firstChange(d, 2, "A fresh sample staple 1")), 300)
		r.succeeds(unleashDialect, r.send(r.firstChange(unleashDialect, 2, "A fresh sample staple 1")), "another dialect")
	}
}
