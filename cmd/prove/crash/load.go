package crash

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"rekey/cmd/prove/rig"
)

// load is clients at work.
type load struct {
	stop    context.CancelFunc
	working sync.WaitGroup
	client  *rig.Client
}

// begin lets the clients change passwords.
func (r *run) begin(ctx context.Context) *load {
	l := &load{client: r.server.Client(rig.Acme)}
	more, stop := context.WithCancel(ctx)
	l.stop = stop
	for n := range r.Clients {
		w := worker{run: r, Client: l.client, random: rand.New(rand.NewPCG(r.Seed, uint64(r.rounds)<<16|uint64(n+1)))} //nolint:gosec // nothing here is secret
		l.working.Go(func() {
			for more.Err() == nil {
				w.work(ctx, more)
			}
		})
	}
	return l
}

// end waits until every client has its answers.
func (l *load) end() {
	l.stop()
	l.working.Wait()
	l.client.Close()
}

// worker is one client at a time of accounts that nobody else has.
type worker struct {
	*run
	*rig.Client
	random *rand.Rand
}

// work makes one change, or tries it twice at the same time. It waits for the
// answers with ctx, for an attempt that is cut off is in doubt for no reason,
// and for nothing else once more has ended.
func (w worker) work(ctx, more context.Context) {
	entry := w.ledger.Take(w.random.IntN)
	if entry == nil { // all are in doubt
		_ = rig.Rest(more, 5*time.Millisecond)
		return
	}
	defer w.ledger.Bring(entry)
	attempts, ok := w.attempts(ctx, more, entry)
	if !ok {
		return
	}
	answers := make([]rig.Answer, len(attempts))
	var sent sync.WaitGroup
	for k, attempt := range attempts {
		sent.Go(func() { answers[k] = w.Do(ctx, attempt) })
	}
	sent.Wait()
	w.enter(answers)
	w.violate(entry.Settle(attempts, answers)...)
	w.heed(more, answers...)
}

// attempts returns one attempt, or two with proofs that kill each other.
func (w worker) attempts(ctx, more context.Context, entry *rig.Entry) ([]rig.Attempt, bool) {
	ways := []rig.Via{w.way()}
	if w.random.IntN(4) == 0 {
		ways = append(ways, w.way())
	}
	var attempts []rig.Attempt
	var token string
	for _, via := range ways {
		if via == rig.ByToken && token == "" {
			var ok bool
			if token, ok = w.token(ctx, more, entry); !ok {
				return nil, false
			}
		}
		attempts = append(attempts, rig.Attempt{Via: via, Account: entry.Account, Current: entry.Password(), Token: token, New: rig.NewPassword()})
	}
	return attempts, true
}

func (w worker) way() rig.Via { return rig.Ways()[w.random.IntN(len(rig.Ways()))] }

// token asks for a reset token as a backend does.
func (w worker) token(ctx, more context.Context, entry *rig.Entry) (string, bool) {
	token, answer := w.Link(ctx, entry.Account)
	entry.Issued(token, answer)
	switch {
	case answer.Fault != "":
		w.violate(rig.Violation{Kind: rig.Malformed, Account: entry.Account, What: answer.Fault})
	case answer.Verdict == rig.Refused && answer.Certain():
		w.violate(rig.Violation{Kind: rig.Denied, Account: entry.Account, What: "a reset link was refused: " + answer.String()})
	}
	w.heed(more, answer)
	return token, token != ""
}

// heed pauses after an answer that asks for it, a second at most, and briefly
// after none.
func (w worker) heed(ctx context.Context, answers ...rig.Answer) {
	var d time.Duration
	for _, answer := range answers {
		d = max(d, min(answer.RetryAfter, time.Second))
		if answer.Verdict == rig.Unknown {
			d = max(d, 20*time.Millisecond)
		}
	}
	_ = rig.Rest(ctx, d)
}
