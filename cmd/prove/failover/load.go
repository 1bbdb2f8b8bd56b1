package failover

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"rekey/cmd/prove/rig"
)

// load is clients that change passwords through the balancer, and what they saw.
type load struct {
	ledgers []*rig.Ledger
	gate    sync.RWMutex // held for reading by whoever has a request under way

	mu         sync.Mutex
	seen       tally
	rolling    *tally // of the rolling restart under way; nil if there is none
	violations []rig.Violation
	last       time.Time // the last acknowledgement; zero after a pause
	longest    time.Duration
	waiters    []waiter
}

// tally counts answers.
type tally struct {
	Acknowledged int `json:"acknowledged"`
	Refused      int `json:"refused"`     // by the loser of two that hold one proof
	TurnedAway   int `json:"turned_away"` // 503, in dialect, with Retry-After
	Balancers    int `json:"by_balancer"` // of those, the balancer's own
	Unanswered   int `json:"unanswered"`
}

// waiter is told of the first acknowledgement of a request that was sent
// after an instant.
type waiter struct {
	since time.Time
	heard chan<- time.Time
}

// clientsAddress is on loopback as well, and not the balancer's: the audit trail
// must tell them apart.
const clientsAddress = "127.0.0.7"

// run makes the client change passwords until ctx ends.
func (l *load) run(ctx context.Context, url string, keys rig.Keys, random *rand.Rand) {
	client := rig.NewClient(url, keys)
	defer client.Close()
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(clientsAddress)}}
	client.HTTP.Transport = &witness{
		load: l,
		next: &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: 5 * time.Second, DialContext: from.DialContext},
	}
	for ctx.Err() == nil {
		pause := l.once(ctx, client, random)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// witness tells the balancer's own answers.
type witness struct {
	load *load
	next *http.Transport
}

// RoundTrip implements [http.RoundTripper].
func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := w.next.RoundTrip(r)
	if err == nil && fromBalancer(response) {
		w.load.count(func(t *tally) { t.Balancers++ })
	}
	return response, err
}

// CloseIdleConnections lets the client end them.
func (w *witness) CloseIdleConnections() { w.next.CloseIdleConnections() }

// once makes one account's change, or two at once by one proof, and returns
// how long to wait then.
func (l *load) once(ctx context.Context, client *rig.Client, random *rand.Rand) time.Duration {
	l.gate.RLock()
	defer l.gate.RUnlock()
	ledger := l.ledgers[random.IntN(len(l.ledgers))]
	entry := ledger.Take(random.IntN)
	if entry == nil {
		return 50 * time.Millisecond
	}
	defer ledger.Bring(entry)
	ctx = context.WithoutCancel(ctx) // what was begun is waited for
	attempt := rig.Attempt{Via: rig.Ways()[random.IntN(3)], Account: entry.Account, Current: entry.Password()}
	if attempt.Via == rig.ByToken {
		sent := time.Now()
		token, answer := client.Link(ctx, entry.Account)
		entry.Issued(token, answer)
		l.hear(sent, answer, false)
		if answer.Fault != "" {
			l.report(rig.Violation{Kind: rig.Malformed, Account: entry.Account, What: answer.Fault})
		}
		if attempt.Token = token; token == "" {
			return patience(answer, random)
		}
	}
	attempts := []rig.Attempt{attempt}
	if random.IntN(4) == 0 {
		attempts = append(attempts, attempt)
	}
	return l.send(ctx, client, entry, attempts, random)
}

// send sends the attempts at once and enters the answers.
func (l *load) send(ctx context.Context, client *rig.Client, entry *rig.Entry, attempts []rig.Attempt, random *rand.Rand) (pause time.Duration) {
	answers := make([]rig.Answer, len(attempts))
	var wg sync.WaitGroup
	for k := range attempts {
		attempts[k].New = rig.NewPassword()
		wg.Go(func() {
			sent := time.Now()
			answers[k] = client.Do(ctx, attempts[k])
			l.hear(sent, answers[k], true)
		})
	}
	wg.Wait()
	l.report(entry.Settle(attempts, answers)...)
	for _, answer := range answers {
		pause = max(pause, patience(answer, random))
	}
	return pause
}

// patience is how long a well-behaved client waits after an answer.
func patience(a rig.Answer, random *rand.Rand) time.Duration {
	switch {
	case a.RetryAfter > 0:
		return a.RetryAfter/2 + time.Duration(random.Int64N(int64(a.RetryAfter/2)))
	case a.Verdict == rig.Unknown:
		return 200 * time.Millisecond
	}
	return 0
}

// hear enters one answer.
func (l *load) hear(sent time.Time, a rig.Answer, change bool) {
	l.count(func(t *tally) {
		switch {
		case a.Verdict == rig.Unknown:
			t.Unanswered++
		case a.Status == http.StatusServiceUnavailable:
			t.TurnedAway++
		case a.Verdict == rig.Refused:
			t.Refused++
		case change:
			t.Acknowledged++
		}
	})
	if change && a.Verdict == rig.Acknowledged {
		l.acknowledged(sent, time.Now())
	}
}

func (l *load) count(into func(*tally)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	into(&l.seen)
	if l.rolling != nil {
		into(l.rolling)
	}
}

func (l *load) report(violations ...rig.Violation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.violations = append(l.violations, violations...)
}

func (l *load) acknowledged(sent, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.last.IsZero() {
		l.longest = max(l.longest, now.Sub(l.last))
	}
	l.last = now
	var waiting []waiter
	for _, w := range l.waiters {
		if sent.Before(w.since) {
			waiting = append(waiting, w)
			continue
		}
		w.heard <- now
	}
	l.waiters = waiting
}

// await returns when the first request that is sent from now on is
// acknowledged.
func (l *load) await() <-chan time.Time {
	heard := make(chan time.Time, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiters = append(l.waiters, waiter{time.Now(), heard})
	return heard
}

// pause waits until no request is under way, and lets none begin.
func (l *load) pause() {
	l.gate.Lock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.last.IsZero() {
		l.longest = max(l.longest, time.Since(l.last))
	}
	l.last = time.Time{}
}

// resume lets requests begin again. The time of the pause is in no gap.
func (l *load) resume() {
	l.mu.Lock()
	l.last = time.Now()
	l.mu.Unlock()
	l.gate.Unlock()
}

// during counts the requests of a rolling restart apart: those that were under
// way at some time of it.
func (l *load) during(do func() error) (tally, error) {
	l.mu.Lock()
	t := &tally{}
	l.rolling = t
	l.mu.Unlock()
	err := do()
	l.pause()
	l.mu.Lock()
	l.rolling = nil
	l.mu.Unlock()
	l.resume()
	return *t, err
}
