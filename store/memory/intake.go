package memory

import (
	"context"
	"maps"
	"slices"

	"rekey/core"
)

// Named implements [core.Intake].
func (s *Store) Named(ctx context.Context, tenant core.TenantID, keys []core.Key) ([]core.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []core.Account
	for _, id := range slices.Sorted(maps.Keys(s.accounts)) {
		a := s.accounts[id]
		if a.Tenant == tenant && slices.ContainsFunc(keys, func(key core.Key) bool { return answers(a, key) }) {
			found = append(found, clone(a))
		}
	}
	return found, ctx.Err()
}

// Import implements [core.Intake]. What has to be undone is undone: an arrival
// may be in the way of a later one.
func (s *Store) Import(ctx context.Context, tenant core.TenantID, arrivals []core.Arrival) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	accounts, tokens, codes, events := maps.Clone(s.accounts), maps.Clone(s.tokens), maps.Clone(s.codes), slices.Clone(s.events)
	for _, arrival := range arrivals {
		if err := s.take(tenant, arrival); err != nil {
			s.accounts, s.tokens, s.codes, s.events = accounts, tokens, codes, events
			return err
		}
	}
	return nil
}

func (s *Store) take(tenant core.TenantID, arrival core.Arrival) error {
	a := clone(arrival.Account)
	if a.Tenant != tenant || arrival.Event.Tenant != tenant {
		return core.Internal
	}
	if _, taken := s.slot(arrival.Event); taken {
		return core.Internal
	}
	old, known := s.accounts[a.ID]
	switch {
	case arrival.Was == 0 && known:
		return conflict(core.KeyID)
	case arrival.Was != 0 && (!known || old.Tenant != tenant || old.Revision != arrival.Was):
		return core.Conflict
	case arrival.Was != 0:
		a.Revision = arrival.Was + 1
		a.History, a.HistorySalt, a.Factor, a.CreatedAt = old.History, old.HistorySalt, old.Factor, old.CreatedAt
	}
	for _, key := range a.Keys() {
		if s.taken(a, key) {
			return conflict(core.KeyLogin)
		}
	}
	if arrival.Ends {
		s.endProofs(a, arrival.Event.At)
	}
	s.accounts[a.ID] = a
	s.keep(arrival.Event)
	return nil
}

// AccountsWhole implements [core.Intake].
func (s *Store) AccountsWhole(ctx context.Context, tenant core.TenantID, after core.AccountID, limit int) ([]core.Account, error) {
	found, err := s.Accounts(ctx, tenant, after, limit)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, a := range found {
		found[i] = clone(s.accounts[a.ID])
	}
	return found, err
}

// Tenants implements [core.Intake].
func (s *Store) Tenants(ctx context.Context) ([]core.TenantID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tenants := map[core.TenantID]bool{}
	for _, a := range s.accounts {
		tenants[a.Tenant] = true
	}
	return slices.Sorted(maps.Keys(tenants)), ctx.Err()
}
