package core

import (
	"context"
	"sync"
	"time"
)

// observed returns parts that tell their observer what they do.
func observed(p Parts) Parts {
	o := p.Observer
	if p.Store != nil {
		p.Store = observedStore{p.Store, o}
	}
	if p.Hasher != nil {
		p.Hasher = observedHasher{p.Hasher, o}
	}
	if p.Attempts != nil {
		p.Attempts = observedAttempts{p.Attempts, o}
	}
	if p.Throttle != nil {
		p.Throttle = observedThrottle{p.Throttle, o}
	}
	return p
}

// during does what is one step. A panic ends it as Internal.
func during[T any](ctx context.Context, o Observer, s Step, do func(context.Context) (T, error)) (result T, err error) {
	ctx, end := o.Begin(ctx, s)
	err = Internal
	defer func() { end(err) }()
	result, err = do(ctx)
	return result, err
}

// only is during, for what has no result.
func only(ctx context.Context, o Observer, s Step, do func(context.Context) error) error {
	_, err := during(ctx, o, s, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) })
	return err
}

type observedStore struct {
	Store
	observer Observer
}

func (s observedStore) Account(ctx context.Context, tenant TenantID, key Key) (Account, error) {
	return during(ctx, s.observer, Reading, func(ctx context.Context) (Account, error) { return s.Store.Account(ctx, tenant, key) })
}

func (s observedStore) Find(ctx context.Context, tenant TenantID, key Key) (AccountID, error) {
	return during(ctx, s.observer, Reading, func(ctx context.Context) (AccountID, error) { return s.Store.Find(ctx, tenant, key) })
}

func (s observedStore) Token(ctx context.Context, digest Digest) (ResetToken, error) {
	return during(ctx, s.observer, Reading, func(ctx context.Context) (ResetToken, error) { return s.Store.Token(ctx, digest) })
}

func (s observedStore) Apply(ctx context.Context, m Mutation) error {
	return only(ctx, s.observer, Committing, func(ctx context.Context) error { return s.Store.Apply(ctx, m) })
}

func (s observedStore) Record(ctx context.Context, e Event) error {
	return only(ctx, s.observer, Recording, func(ctx context.Context) error { return s.Store.Record(ctx, e) })
}

type observedHasher struct {
	Hasher
	observer Observer
}

func (h observedHasher) Hash(ctx context.Context, p Password) (string, error) {
	return during(ctx, h.observer, Deriving, func(ctx context.Context) (string, error) { return h.Hasher.Hash(ctx, p) })
}

func (h observedHasher) Verify(ctx context.Context, p Password, stored string) (bool, error) {
	return during(ctx, h.observer, Deriving, func(ctx context.Context) (bool, error) { return h.Hasher.Verify(ctx, p, stored) })
}

func (h observedHasher) Derive(ctx context.Context, p Password, setting string) (string, error) {
	return during(ctx, h.observer, Deriving, func(ctx context.Context) (string, error) { return h.Hasher.Derive(ctx, p, setting) })
}

// HashAhead's step ends when somebody has waited for it.
func (h observedHasher) HashAhead(ctx context.Context, p Password) func() (string, error) {
	wait := h.Hasher.HashAhead(ctx, p)
	if wait == nil {
		return nil
	}
	_, end := h.observer.Begin(ctx, Deriving)
	return sync.OnceValues(func() (string, error) {
		made, err := wait()
		end(err)
		return made, err
	})
}

// Seat's context is no part of its step: what has the seat comes later.
func (h observedHasher) Seat(ctx context.Context, now bool) (context.Context, func(), error) {
	_, end := h.observer.Begin(ctx, Seating)
	seated, leave, err := h.Hasher.Seat(ctx, now)
	end(err)
	return seated, leave, err
}

type observedAttempts struct {
	Attempts
	observer Observer
}

func (a observedAttempts) Reserve(ctx context.Context, now time.Time, c Claim, rules AttemptRules, limits ...Limit) (Reservation, error) {
	ctx, end := a.observer.Begin(ctx, Throttling)
	r, err := a.Attempts.Reserve(ctx, now, c, rules, limits...)
	end(throttled(r.Wait, err))
	return r, err
}

func (a observedAttempts) Settle(ctx context.Context, s Settlement) error {
	return only(ctx, a.observer, Recording, func(ctx context.Context) error { return a.Attempts.Settle(ctx, s) })
}

func (a observedAttempts) Release(ctx context.Context, c Claim) error {
	return only(ctx, a.observer, Recording, func(ctx context.Context) error { return a.Attempts.Release(ctx, c) })
}

type observedThrottle struct {
	Throttle
	observer Observer
}

func (t observedThrottle) Take(ctx context.Context, now time.Time, limits ...Limit) (time.Duration, error) {
	ctx, end := t.observer.Begin(ctx, Limiting)
	wait, err := t.Throttle.Take(ctx, now, limits...)
	end(throttled(wait, err))
	return wait, err
}

// throttled returns what a verdict means that is no error by itself.
func throttled(wait time.Duration, err error) error {
	if err == nil && wait > 0 {
		return Throttled
	}
	return err
}
