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
		_ = rig.Rest(ctx, l.once(ctx, client, random))
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
