package mail_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"rekey/adapters/mail"
	"rekey/core"
)

const chosen = "a wholly new passphrase"

// ask asks for a reset link as a client does.
func (w *world) ask(email string) {
	w.t.Helper()
	limits := mail.Default().MailLimits()
	if err := w.RequestReset(w.t.Context(), acme, email, limits, client); err != nil {
		w.t.Fatalf("ask for %s: %v", email, err)
	}
}

func (w *world) redeem(token core.Token, want core.AccountID) {
	w.t.Helper()
	receipt, err := w.Change(w.t.Context(), core.Change{Proof: core.Possession{Token: token}, New: core.NewPassword(chosen), Origin: client})
	if err != nil || receipt.Account != want {
		w.t.Fatalf("redeemed %s's link: %v", receipt.Account, err)
	}
}

func (w *world) account2(username, email string) {
	w.t.Helper()
	if _, err := w.CreateAccount(w.t.Context(), core.NewAccount{Tenant: acme, Username: username, Email: email}, core.Origin{}); err != nil {
		w.t.Fatal(err)
	}
}

// dispatching is some dispatchers at work, and what they logged.
type dispatching struct {
	t        *testing.T
	stop     func()
	outcomes chan core.Outcome

	mu   sync.Mutex
	seen []core.Outcome
	log  *bytes.Buffer
}

// dispatch starts n dispatchers that mail. A message that failed is due again
// within milliseconds: the world's clock stands still, so they see it run.
func (w *world) dispatch(c mail.Config, n int) *dispatching {
	w.t.Helper()
	d := &dispatching{t: w.t, outcomes: make(chan core.Outcome, 1000), log: &bytes.Buffer{}}
	began, log := time.Now(), slog.New(slog.NewTextHandler(d.log, nil))
	parts := core.DispatcherParts{
		Outbox: w.store, Handlers: w.mailer(c).Handlers(), Now: func() time.Time { return noon.Add(time.Since(began)) },
		Report: func(o core.Outcome) {
			d.mu.Lock()
			defer d.mu.Unlock()
			log.Info("mail", "outcome", o)
			d.outcomes <- o
		},
		Workers: 2, Poll: 10 * time.Millisecond, Lease: 20 * time.Second,
		Retry: core.Retry{First: 50 * time.Millisecond, Most: 100 * time.Millisecond, Tries: 1000},
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	for range n {
		running.Go(func() { core.NewDispatcher(parts).Run(ctx) })
	}
	d.stop = func() { cancel(); running.Wait() }
	w.t.Cleanup(d.stop)
	return d
}

// until waits for the fates, in any order. A message may be postponed more
// often than is waited for.
func (d *dispatching) until(fates ...core.Fate) {
	d.t.Helper()
	for len(fates) > 0 {
		select {
		case o := <-d.outcomes:
			d.seen = append(d.seen, o)
			for i, fate := range fates {
				if o.Fate == fate {
					fates = append(fates[:i:i], fates[i+1:]...)
					break
				}
			}
		case <-time.After(20 * time.Second):
			d.t.Fatalf("still waiting for %v after %+v", fates, d.seen)
		}
	}
}

func (d *dispatching) last() core.Outcome { return d.seen[len(d.seen)-1] }
