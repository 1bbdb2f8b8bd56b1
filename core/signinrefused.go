package core

import (
	"context"
	"fmt"
	"time"
)

// signInLimits returns what a refused key counts against. A key cannot be guessed:
// this keeps the trail and the database from those who try.
func signInLimits(o Origin) []Limit {
	if !o.Addr.IsValid() {
		return nil
	}
	return []Limit{{Key: "signin/client/" + shorten(network(o.Addr)), Every: 10 * time.Second, Burst: 10}}
}

// mayTry returns Throttled with RetryAfter if too many keys were refused.
func (s *Service) mayTry(ctx context.Context, limits []Limit) error {
	if s.Attempts == nil {
		return nil
	}
	reserved, err := s.Attempts.Reserve(ctx, s.present(), Claim{}, s.Rules, limits...)
	switch {
	case err != nil:
		return &Error{Code: Unavailable, Err: fmt.Errorf("ask for refused keys: %w", err)}
	case reserved.Wait > 0:
		return &Error{Code: Throttled, RetryAfter: reserved.Wait}
	}
	return nil
}

// refuseSignIn stores that a key was refused, counts it and returns why, or
// Unavailable.
func (s *Service) refuseSignIn(ctx context.Context, e Event, why Code, limits []Limit) error {
	e.Outcome = why
	if s.Attempts == nil {
		if err := s.record(ctx, e); err != nil {
			return err
		}
		return why
	}
	refused := Settlement{At: e.At, Events: []Event{e}, Counts: limits}
	if err := s.lastingly(ctx, "settle sign-in", func(ctx context.Context) error { return s.Attempts.Settle(ctx, refused) }); err != nil {
		return err
	}
	return why
}
