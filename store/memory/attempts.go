package memory

import (
	"context"
	"math"
	"slices"
	"time"

	"rekey/core"
)

var _ core.Attempts = (*Store)(nil)

// Reserve implements [core.Attempts]. The claim without a client has the tally
// of the account.
func (s *Store) Reserve(
	ctx context.Context, now time.Time, c core.Claim, rules core.AttemptRules, limits ...core.Limit,
) (core.Reservation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return core.Reservation{}, err
	}
	now = micro(now)
	var wait time.Duration
	for _, l := range limits {
		_, exhausted := s.takeFrom(now, []core.Limit{l})
		wait = max(wait, exhausted)
	}
	if c.Account == "" {
		return core.Reservation{Wait: wait}, nil
	}
	all := core.Claim{Account: c.Account}
	if wait = max(wait, rules.Wait(now, s.attempts[all], s.attempts[c])); wait > 0 {
		return core.Reservation{Wait: wait}, nil
	}
	s.attempts[all], s.attempts[c] = s.attempts[all].With(s.attempts[c], now)
	return core.Reservation{Failures: s.attempts[all].Failures}, nil
}

// Release implements [core.Attempts].
func (s *Store) Release(ctx context.Context, c core.Claim) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, claim := range []core.Claim{{Account: c.Account}, c} {
		if t, ok := s.attempts[claim]; ok && ctx.Err() == nil {
			t.Failures = max(0, t.Failures-1)
			s.attempts[claim] = t
		}
	}
	return ctx.Err()
}

// Settle implements [core.Attempts].
func (s *Store) Settle(ctx context.Context, settled core.Settlement) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	for n, e := range settled.Events {
		_, taken := s.slot(e)
		if taken || slices.ContainsFunc(settled.Events[:n], func(o core.Event) bool { return o.ID == e.ID && o.Tenant == e.Tenant }) {
			return core.Internal
		}
	}
	if !s.fresh(settled.Messages) {
		return core.Internal
	}
	for _, e := range settled.Events {
		s.keep(e)
	}
	s.enqueue(settled.Messages)
	limits := slices.Clone(settled.Counts)
	for i := range limits {
		limits[i].Burst = math.MaxInt32
	}
	s.free, _ = s.takeFrom(settled.At, limits)
	s.prove(settled.Proven)
	return nil
}

// prove forgets the failures of a proven account.
func (s *Store) prove(p *core.Proven) {
	if p == nil {
		return
	}
	at := micro(p.At)
	for _, account := range p.Accounts {
		all := core.Claim{Account: account}
		if t, ok := s.attempts[all]; ok {
			s.attempts[all] = core.Tally{Last: t.Last, Proven: at}
		}
		if p.Client != "" {
			s.attempts[core.Claim{Account: account, Client: p.Client}] = core.Tally{Last: at, Proven: at}
		}
	}
}

// Failures implements [core.Attempts].
func (s *Store) Failures(ctx context.Context, accounts ...string) (most int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, account := range accounts {
		most = max(most, s.attempts[core.Claim{Account: account}].Failures)
	}
	return most, ctx.Err()
}
