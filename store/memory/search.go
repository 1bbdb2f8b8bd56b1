package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"rekey/core"
)

// Search implements [core.Store].
func (s *Store) Search(ctx context.Context, tenant core.TenantID, q core.Search, after string, limit int) ([]core.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []core.Account
	for _, a := range s.accounts {
		if by := q.By(a); a.Tenant == tenant && by != "" && by > after {
			a = clone(a)
			a.History = nil
			found = append(found, a)
		}
	}
	slices.SortFunc(found, func(a, b core.Account) int { return cmp.Compare(q.By(a), q.By(b)) })
	return found[:max(0, min(limit, len(found)))], ctx.Err()
}

// Meant implements [core.Store].
func (s *Store) Meant(ctx context.Context, tenant core.TenantID, text string) ([]core.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kinds := map[string]bool{}
	for _, a := range s.accounts {
		for _, key := range a.Keys() {
			kinds[key.Kind] = kinds[key.Kind] || a.Tenant == tenant
		}
	}
	maps.DeleteFunc(kinds, func(_ string, theirs bool) bool { return !theirs })
	looked := slices.Sorted(maps.Keys(kinds))
	looked = looked[:min(len(looked), core.MostKinds)]
	var found []core.Account
	for id, a := range s.accounts {
		named := slices.ContainsFunc(a.Keys(), func(key core.Key) bool {
			return slices.Contains(looked, key.Kind) && (key.Kind == core.KeyLogin && key.Value == core.Fold(text) || key.Kind != core.KeyLogin && key.Value == text)
		})
		if a.Tenant == tenant && (named || string(id) == text) {
			a = clone(a)
			a.History = nil
			found = append(found, a)
		}
	}
	slices.SortFunc(found, func(a, b core.Account) int { return cmp.Compare(a.ID, b.ID) })
	return found, ctx.Err()
}

// EndSessions implements [core.Store].
func (s *Store) EndSessions(ctx context.Context, tenant core.TenantID, id core.AccountID, e core.Event) error {
	return s.commit(ctx, e, func() error {
		a, ok := s.account(tenant, id)
		if !ok {
			return core.NotFound
		}
		a.TokensValidAfter = later(a.TokensValidAfter, micro(e.At))
		a.Revision++
		s.accounts[id] = a
		return nil
	})
}

// Upgrade implements [core.Store].
func (s *Store) Upgrade(ctx context.Context, tenant core.TenantID, id core.AccountID, revision int64, verifier string, e core.Event) error {
	return s.commit(ctx, e, func() error {
		a, ok := s.account(tenant, id)
		if !ok || a.Revision != revision {
			return core.Conflict
		}
		a.Verifier = verifier
		a.Revision++
		s.accounts[id] = a
		return nil
	})
}

// Trail implements [core.Store].
func (s *Store) Trail(ctx context.Context, tenant core.TenantID, q core.Trail, limit, within int) (found []core.Event, end core.EventID, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var along []core.Event
	for _, e := range s.events {
		if e.Tenant == tenant && e.ID > q.After && (q.Before == "" || e.ID < q.Before) && (q.Account == "" || e.Account == q.Account) {
			along = append(along, e)
		}
	}
	if q.Newest {
		slices.Reverse(along)
	}
	if limit <= 0 || within <= 0 {
		return nil, "", ctx.Err()
	}
	if len(along) >= within {
		along, end = along[:within], along[within-1].ID
	}
	for _, e := range along {
		if q.Means(e) && len(found) < limit {
			found = append(found, e)
		}
	}
	return found, end, ctx.Err()
}
