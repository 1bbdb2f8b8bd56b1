// Package memory is a store that forgets when the process ends. It is short
// enough to serve as the specification of [core.Store]: what another store
// does differently, it does wrong.
package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"rekey/core"
	"rekey/core/audit"
)

// Store is a [core.Store] in memory.
type Store struct {
	mu         sync.Mutex
	accounts   map[core.AccountID]core.Account
	tokens     map[core.Digest]core.ResetToken
	events     []core.Event // in the order of tenant and id
	batches    map[place]int64
	seals      []audit.Seal
	codes      map[slot]code
	messages   map[core.MessageID]message
	deliveries []*delivery // in the order in which they were stored
	places     int64
	free       map[string]int64 // by the keys of limits
	attempts   map[core.Claim]core.Tally
	keys       map[core.Digest]core.AccessKey
	replays    map[string]core.Replay // by their keys
	samples    map[seen]core.Sample
	sessions   map[core.Digest]core.Session
}

var _ core.Store = (*Store)(nil)

// New returns an empty store.
func New() *Store {
	return &Store{
		accounts: map[core.AccountID]core.Account{},
		tokens:   map[core.Digest]core.ResetToken{},
		codes:    map[slot]code{},
		messages: map[core.MessageID]message{},
		free:     map[string]int64{},
		attempts: map[core.Claim]core.Tally{},
		batches:  map[place]int64{},
		keys:     map[core.Digest]core.AccessKey{},
		replays:  map[string]core.Replay{},
		samples:  map[seen]core.Sample{},
		sessions: map[core.Digest]core.Session{},
	}
}

// Writable implements [core.Store].
func (s *Store) Writable(ctx context.Context) error { return ctx.Err() }

// Record implements [core.Store].
func (s *Store) Record(ctx context.Context, e core.Event) error {
	return s.commit(ctx, e, func() error { return nil })
}

// Events implements [core.Store].
func (s *Store) Events(ctx context.Context, tenant core.TenantID, after core.EventID, limit int) ([]core.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []core.Event
	for _, e := range s.events {
		if len(found) < limit && e.Tenant == tenant && e.ID > after {
			found = append(found, e)
		}
	}
	return found, ctx.Err()
}

// commit runs check-then-write under the lock and stores e if it succeeds.
// write may change nothing before its last check has passed.
func (s *Store) commit(ctx context.Context, e core.Event, write func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, taken := s.slot(e); taken {
		return core.Internal
	}
	if err := write(); err != nil {
		return err
	}
	s.keep(e)
	return nil
}

// slot returns where the event belongs, and whether one with its id is there.
func (s *Store) slot(e core.Event) (i int, taken bool) {
	return slices.BinarySearchFunc(s.events, e, func(a, b core.Event) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.ID, b.ID))
	})
}

func (s *Store) keep(e core.Event) {
	i, _ := s.slot(e)
	e.At = micro(e.At)
	s.events = slices.Insert(s.events, i, e)
}

// micro returns t as a store keeps it.
func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// clone returns a that shares nothing with the store, its times as they are kept.
func clone(a core.Account) core.Account {
	a.ExternalIDs, a.Attributes = maps.Clone(a.ExternalIDs), maps.Clone(a.Attributes)
	if a.Factor != nil {
		factor := *a.Factor
		if a.Factor = &factor; factor.Sealed == "" {
			a.Factor = nil
		}
	}
	a.HistorySalt = slices.Clone(a.HistorySalt)
	a.History = slices.Clone(a.History)
	for i := range a.History {
		a.History[i].SetAt = micro(a.History[i].SetAt)
	}
	a.PasswordChangedAt = micro(a.PasswordChangedAt)
	a.TokensValidAfter = micro(a.TokensValidAfter)
	a.CreatedAt = micro(a.CreatedAt)
	return a
}
