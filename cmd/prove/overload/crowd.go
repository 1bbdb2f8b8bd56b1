package overload

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"rekey/cmd/prove/rig"
)

// crowd is many clients who change passwords all the time, each on a connection
// and with an account of its own. Who is refused waits as long as it is told.
type crowd struct {
	client *rig.Client
	all    sync.WaitGroup
	stop   context.CancelFunc

	mu    sync.Mutex
	level *Level
}

func newCrowd(ctx context.Context, client *rig.Client, ledger *rig.Ledger, level *Level) *crowd {
	ctx, stop := context.WithCancel(ctx)
	c := &crowd{client: client, stop: stop, level: level}
	client.HTTP.Transport = &http.Transport{MaxIdleConnsPerHost: level.Clients}
	for k, e := range ledger.Entries() {
		c.all.Go(func() { c.press(ctx, e, rig.Ways()[k%len(rig.Ways())]) })
	}
	return c
}

// end ends the crowd when every request is answered.
func (c *crowd) end() {
	c.stop()
	c.all.Wait()
	c.client.Close()
}

// press changes one password again and again.
func (c *crowd) press(ctx context.Context, e *rig.Entry, via rig.Via) {
	_ = rig.Rest(ctx, time.Duration(rand.Int64N(int64(time.Second)))) //nolint:gosec // nobody begins with everybody
	for ctx.Err() == nil {
		proof := rig.Attempt{Via: via, Account: e.Account, Current: e.Password(), New: rig.NewPassword()}
		if via == rig.ByToken {
			if proof.Token = c.token(ctx, e); proof.Token == "" {
				return
			}
		}
		var answer rig.Answer
		for answer = c.ask(ctx, proof); answer.Status == http.StatusServiceUnavailable && ctx.Err() == nil; answer = c.ask(ctx, proof) {
			_ = rig.Rest(ctx, answer.RetryAfter+time.Duration(rand.Int64N(int64(time.Second)/2))) //nolint:gosec // any will do
		}
		if answer.Status == http.StatusServiceUnavailable {
			return // the end
		}
		for _, violation := range e.Settle([]rig.Attempt{proof}, []rig.Answer{answer}) {
			c.note(func(l *Level) { l.complain(violation.String()) })
		}
		if !answer.Certain() {
			return // its password is in doubt
		}
	}
}

// token asks for a reset link until there is one.
func (c *crowd) token(ctx context.Context, e *rig.Entry) string {
	for ctx.Err() == nil {
		token, answer := c.client.Link(context.WithoutCancel(ctx), e.Account)
		if token != "" {
			return token
		}
		if answer.Status != http.StatusServiceUnavailable || answer.Fault != "" {
			c.note(func(l *Level) { l.complain("a link was asked for: " + answer.String() + " " + answer.Fault) })
		}
		_ = rig.Rest(ctx, time.Second)
	}
	return ""
}

// ask sends one change and counts the answer.
func (c *crowd) ask(ctx context.Context, proof rig.Attempt) rig.Answer {
	begun := time.Now()
	answer := c.client.Do(context.WithoutCancel(ctx), proof)
	took := time.Since(begun)
	c.note(func(l *Level) {
		switch {
		case answer.Verdict == rig.Acknowledged:
			l.Acknowledged++
			l.served = append(l.served, took)
		case answer.Status == http.StatusServiceUnavailable:
			l.Refused++
			l.refused = append(l.refused, took)
		}
		if answer.Verdict == rig.Unknown || answer.Fault != "" {
			l.complain(answer.String() + " " + answer.Fault)
		}
	})
	return answer
}

func (c *crowd) note(do func(*Level)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	do(c.level)
}
