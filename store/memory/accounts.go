package memory

import (
	"context"
	"maps"
	"slices"

	"rekey/core"
)

// Account implements [core.Store].
func (s *Store) Account(ctx context.Context, tenant core.TenantID, key core.Key) (core.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return core.Account{}, err
	}
	for _, a := range s.accounts {
		if a.Tenant == tenant && answers(a, key) {
			return clone(a), nil
		}
	}
	return core.Account{}, core.NotFound
}

// Find implements [core.Store].
func (s *Store) Find(ctx context.Context, tenant core.TenantID, key core.Key) (core.AccountID, error) {
	a, err := s.Account(ctx, tenant, key)
	return a.ID, err
}

// Accounts implements [core.Store].
func (s *Store) Accounts(ctx context.Context, tenant core.TenantID, after core.AccountID, limit int) ([]core.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []core.Account
	for _, id := range slices.Sorted(maps.Keys(s.accounts)) {
		if a := s.accounts[id]; len(found) < limit && a.Tenant == tenant && id > after {
			a = clone(a)
			a.History = nil
			found = append(found, a)
		}
	}
	return found, ctx.Err()
}

// CreateAccount implements [core.Store].
func (s *Store) CreateAccount(ctx context.Context, a core.Account, e core.Event) error {
	return s.commit(ctx, e, func() error {
		if _, taken := s.accounts[a.ID]; taken {
			return conflict(core.KeyID)
		}
		for _, key := range a.Keys() {
			if s.taken(a, key) {
				return conflict(key.Kind)
			}
		}
		s.accounts[a.ID] = clone(a)
		return nil
	})
}

// SetDisabled implements [core.Store].
func (s *Store) SetDisabled(ctx context.Context, tenant core.TenantID, id core.AccountID, disabled bool, e core.Event) error {
	return s.commit(ctx, e, func() error {
		a, ok := s.account(tenant, id)
		if !ok {
			return core.NotFound
		}
		a.Disabled = disabled
		a.Revision++
		if disabled {
			a.TokensValidAfter = later(a.TokensValidAfter, micro(e.At))
			s.endProofs(a, e.At)
		}
		s.accounts[id] = a
		return nil
	})
}

// SetExternalID implements [core.Store].
func (s *Store) SetExternalID(ctx context.Context, tenant core.TenantID, id core.AccountID, key core.Key, e core.Event) error {
	return s.commit(ctx, e, func() error {
		a, ok := s.account(tenant, id)
		switch {
		case key.Kind == core.KeyID || key.Kind == core.KeyLogin:
			return core.Internal
		case !ok:
			return core.NotFound
		case key.Value != "" && s.taken(a, key):
			return conflict(key.Kind)
		}
		ids := maps.Clone(a.ExternalIDs)
		delete(ids, key.Kind)
		if key.Value != "" {
			if ids == nil {
				ids = map[string]string{}
			}
			ids[key.Kind] = key.Value
		}
		a.ExternalIDs = ids
		a.Revision++
		s.accounts[id] = a
		return nil
	})
}

func (s *Store) account(tenant core.TenantID, id core.AccountID) (core.Account, bool) {
	a, ok := s.accounts[id]
	return a, ok && a.Tenant == tenant
}

// taken reports whether another account of a's tenant answers to key.
func (s *Store) taken(a core.Account, key core.Key) bool {
	for _, other := range s.accounts {
		if other.ID != a.ID && other.Tenant == a.Tenant && answers(other, key) {
			return true
		}
	}
	return false
}

func answers(a core.Account, key core.Key) bool {
	return key == core.Key{Kind: core.KeyID, Value: string(a.ID)} || slices.Contains(a.Keys(), key)
}

func conflict(kind string) error {
	return &core.Error{Code: core.Conflict, Fields: []string{kind}}
}
