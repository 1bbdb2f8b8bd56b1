package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"rekey/cmd/prove/rig"
)

// pause is how long a client waits before it tries again. Retry-After advises
// more: clients that do not listen are worse.
const pause = 100 * time.Millisecond

// load is clients who change passwords through all dialects, again and again,
// and try again with the same proof where they got no certain answer.
type load struct {
	client *rig.Client
	ledger *rig.Ledger
	stop   context.CancelFunc
	all    sync.WaitGroup

	mu         sync.Mutex
	sums       tally
	last       map[rig.Via]time.Time // when a change was last acknowledged
	violations []rig.Violation
	spent      []told
}

// tally counts answers.
type tally struct {
	acknowledged, unavailable, unanswered int
	slowest                               time.Duration
}

// told is an account whose proof was dead when its client tried again, so
// that a try before must have worked.
type told struct {
	entry   *rig.Entry
	changes int
	answers []rig.Answer
}

// newLoad begins a load of so many clients of each dialect.
func newLoad(ctx context.Context, client *rig.Client, ledger *rig.Ledger, each int) *load {
	ctx, stop := context.WithCancel(ctx)
	l := &load{client: client, ledger: ledger, stop: stop, last: map[rig.Via]time.Time{}}
	for _, via := range rig.Ways() {
		for range each {
			l.all.Go(func() { l.work(ctx, via) })
		}
	}
	return l
}

// end ends the load when every request is answered. It may be called again.
func (l *load) end() {
	l.stop()
	l.all.Wait()
	l.client.Close()
}

func (l *load) work(ctx context.Context, via rig.Via) {
	for ctx.Err() == nil {
		e := l.ledger.Take(rand.IntN)
		if e == nil {
			_ = rig.Rest(ctx, pause)
			continue
		}
		l.change(ctx, e, via)
		l.ledger.Bring(e)
	}
}

// change changes one password; a proof is tried until its fate is certain.
func (l *load) change(ctx context.Context, e *rig.Entry, via rig.Via) {
	proof := rig.Attempt{Via: via, Account: e.Account, Current: e.Password()}
	if via == rig.ByToken {
		if proof.Token = l.token(ctx, e); proof.Token == "" {
			return
		}
	}
	var attempts []rig.Attempt
	var answers []rig.Answer
	changes := e.Changes()
	whole := context.WithoutCancel(ctx) // every request is heard out
	for len(answers) == 0 || !answers[len(answers)-1].Certain() && ctx.Err() == nil {
		if len(answers) > 0 {
			_ = rig.Rest(ctx, pause)
		}
		proof.New = rig.NewPassword()
		attempts = append(attempts, proof)
		answers = append(answers, l.heard(via, func() rig.Answer { return l.client.Do(whole, proof) }))
	}
	violations := e.Settle(attempts, answers)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.violations = append(l.violations, violations...)
	if last := answers[len(answers)-1]; len(answers) > 1 && last.Verdict == rig.Refused && last.Certain() {
		l.spent = append(l.spent, told{e, changes, answers})
	}
}

// token asks for a reset link until there is one.
func (l *load) token(ctx context.Context, e *rig.Entry) (token string) {
	for ctx.Err() == nil {
		answer := l.heard("", func() (answer rig.Answer) {
			token, answer = l.client.Link(context.WithoutCancel(ctx), e.Account)
			return answer
		})
		e.Issued(token, answer)
		if answer.Fault != "" {
			l.mu.Lock()
			l.violations = append(l.violations, rig.Violation{Kind: rig.Malformed, Account: e.Account, What: answer.Fault})
			l.mu.Unlock()
		}
		if token != "" {
			return token
		}
		_ = rig.Rest(ctx, pause)
	}
	return ""
}

// heard counts the answer to one request; via is "" if it changes nothing.
func (l *load) heard(via rig.Via, ask func() rig.Answer) rig.Answer {
	begun := time.Now()
	answer := ask()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sums.slowest = max(l.sums.slowest, time.Since(begun))
	switch {
	case answer.Verdict == rig.Unknown:
		l.sums.unanswered++
		l.violations = append(l.violations, rig.Violation{Kind: rig.Malformed, What: fmt.Sprintf("a request got no answer: %v", answer.Err)})
	case answer.Status == http.StatusServiceUnavailable:
		l.sums.unavailable++
	case answer.Verdict == rig.Acknowledged && via != "":
		l.sums.acknowledged++
		l.last[via] = begun
	}
	return answer
}

func (l *load) tally() tally {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sums
}

// serves waits until every dialect has acknowledged a change that was asked for
// after since.
func (l *load) serves(ctx context.Context, since time.Time, patience time.Duration) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline) && ctx.Err() == nil; _ = rig.Rest(ctx, 2*time.Millisecond) {
		if l.servedSince(since) {
			return true
		}
	}
	return false
}

func (l *load) servedSince(since time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, via := range rig.Ways() {
		if l.last[via].Before(since) {
			return false
		}
	}
	return true
}

// inconsistent returns the accounts whose client was told that its proof is
// dead, though no try before had worked. The database was inspected before.
func (l *load) inconsistent() (found []rig.Violation) {
	for _, s := range l.spent {
		if s.entry.Changes() == s.changes {
			found = append(found, rig.Violation{Kind: rig.Denied, Account: s.entry.Account, What: fmt.Sprintf("nothing had changed, and yet: %v", s.answers)})
		}
	}
	return found
}
