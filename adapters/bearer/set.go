package bearer

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"rekey/core"
)

// How often an issuer is asked for its keys.
const (
	// freshness is how old keys grow before they are fetched again: a key that
	// the issuer withdraws is good for as long.
	freshness = 5 * time.Minute
	// spacing lies between two fetches, whoever wants them: tokens with made-up
	// kids cost the issuer one request a second at most.
	spacing = time.Second
	// patience is how long a request waits for a key. It outlasts the spacing,
	// so that a new key is found in the midst of made-up ones.
	patience = 3 * time.Second
	// maxRetry bounds the doubling pause after fetches that failed.
	maxRetry = 30 * time.Second
)

// maxKID bounds what is looked up as a kid, in bytes.
const maxKID = 256

// set is the keys of an issuer that publishes them. One goroutine fetches
// them, so that there is never more than one fetch; a set that was fetched
// once serves on while its issuer is down.
type set struct {
	id    setID
	fetch fetcher
	log   *slog.Logger
	wake  chan struct{} // holds the wish for a fetch before its time

	mu           sync.Mutex
	byKID        map[string]any
	begun, ended int           // fetches
	failures     int           // since the last fetch that did not fail
	changed      chan struct{} // closed at the end of the next fetch
}

func newSet(id setID, fetch fetcher, log *slog.Logger) *set {
	return &set{id: id, fetch: fetch, log: log, wake: make(chan struct{}, 1), changed: make(chan struct{})}
}

// key implements [keys]. A token without a kid is refused: it would be tried
// against every key. A kid that is not known is waited for, once.
func (s *set) key(ctx context.Context, kid any, ask bool) (any, error) {
	name, ok := kid.(string)
	if !ok || name == "" || len(name) > maxKID {
		return nil, core.Unauthenticated
	}
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	last := s.look(name).begun + 1 // the fetch whose word is the last: it begins after the token was made
	for {
		seen := s.look(name)
		switch {
		case seen.key != nil:
			return seen.key, nil
		case ask && seen.ended < last:
		case seen.empty, ask && seen.failed:
			return nil, unavailable(nil)
		default:
			return nil, core.Unauthenticated
		}
		s.want()
		select {
		case <-seen.changed:
		case <-timeout.C:
			return nil, unavailable(nil)
		case <-ctx.Done():
			return nil, unavailable(ctx.Err())
		}
	}
}

func unavailable(cause error) error {
	return &core.Error{Code: core.Unavailable, RetryAfter: spacing, Err: errors.Join(errors.New("the issuer's keys cannot be had"), cause)}
}

// view is what is known of a kid at one moment.
type view struct {
	key           any  // nil if it is not known
	empty, failed bool // whether no key is known, and whether the last fetch failed
	begun, ended  int
	changed       <-chan struct{}
}

func (s *set) look(kid string) view {
	s.mu.Lock()
	defer s.mu.Unlock()
	return view{s.byKID[kid], len(s.byKID) == 0, s.failures > 0, s.begun, s.ended, s.changed}
}

// want wishes for a fetch as soon as the spacing allows.
func (s *set) want() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// keepFresh fetches the keys until ctx ends.
func (s *set) keepFresh(ctx context.Context) {
	for ctx.Err() == nil {
		s.refresh(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(spacing):
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-time.After(s.pause() - spacing):
		}
	}
}

// refresh fetches the keys once and tells whoever waits. A fetch that fails
// leaves the keys as they are.
func (s *set) refresh(ctx context.Context) {
	select {
	case <-s.wake: // this fetch grants the wish
	default:
	}
	s.mu.Lock()
	s.begun++
	s.mu.Unlock()
	fetched, err := s.fetch(ctx, s.id)
	s.mu.Lock()
	before := s.failures
	if err == nil {
		s.byKID, s.failures = fetched, 0
	} else {
		s.failures++
	}
	s.ended++
	close(s.changed)
	s.changed = make(chan struct{})
	first := s.ended == 1
	s.mu.Unlock()
	s.tell(ctx, err, len(fetched), first || before > 0, before == 0)
}

// tell logs a failure and the end of it, and nothing that repeats.
func (s *set) tell(ctx context.Context, err error, keys int, recovered, failed bool) {
	switch {
	case ctx.Err() != nil:
	case err != nil && failed:
		s.log.Warn("an issuer's keys cannot be fetched; those that are known stay good", "url", s.id.address, "error", err.Error())
	case err == nil && keys == 0:
		s.log.Warn("an issuer publishes no key for its algorithm", "url", s.id.address, "algorithm", s.id.algorithm)
	case err == nil && recovered:
		s.log.Info("an issuer's keys are fetched", "url", s.id.address, "keys", keys)
	}
}

// pause returns how long after a fetch the next one comes unasked.
func (s *set) pause() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures == 0 {
		return freshness
	}
	return min(spacing<<min(s.failures, 10), maxRetry)
}
