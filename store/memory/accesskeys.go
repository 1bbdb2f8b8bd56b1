package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"rekey/core"
)

var _ core.AccessKeys = (*Store)(nil)

// CreateAccessKey implements [core.AccessKeys].
func (s *Store) CreateAccessKey(ctx context.Context, k core.AccessKey, e core.Event) error {
	return s.commit(ctx, e, func() error {
		for _, other := range s.keys {
			if other.Digest == k.Digest || other.Tenant == k.Tenant && other.Name == k.Name {
				return conflict("name")
			}
		}
		k.CreatedAt, k.ExpiresAt = micro(k.CreatedAt), micro(k.ExpiresAt)
		k.LastUsedAt, k.RevokedAt = micro(k.LastUsedAt), micro(k.RevokedAt)
		s.keys[k.Digest] = copied(k)
		return nil
	})
}

// AccessKey implements [core.AccessKeys].
func (s *Store) AccessKey(ctx context.Context, digest core.Digest) (core.AccessKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return core.AccessKey{}, err
	}
	k, ok := s.keys[digest]
	if !ok {
		return core.AccessKey{}, core.NotFound
	}
	return copied(k), nil
}

// AccessKeys implements [core.AccessKeys].
func (s *Store) AccessKeys(ctx context.Context, tenant core.TenantID, after string, limit int) ([]core.AccessKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []core.AccessKey
	for _, k := range s.keys {
		if k.Tenant == tenant && k.Name > after {
			found = append(found, copied(k))
		}
	}
	slices.SortFunc(found, func(a, b core.AccessKey) int { return cmp.Compare(a.Name, b.Name) })
	return found[:max(0, min(limit, len(found)))], ctx.Err()
}

// RevokeAccessKey implements [core.AccessKeys].
func (s *Store) RevokeAccessKey(ctx context.Context, tenant core.TenantID, name string, e core.Event) error {
	return s.commit(ctx, e, func() error {
		for digest, k := range s.keys {
			if k.Tenant == tenant && k.Name == name && k.RevokedAt.IsZero() {
				k.RevokedAt = micro(e.At)
				s.keys[digest] = k
				s.endSessionsOf(digest)
				return nil
			}
		}
		return core.NotFound
	})
}

// UseAccessKey implements [core.AccessKeys].
func (s *Store) UseAccessKey(ctx context.Context, digest core.Digest, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if k, ok := s.keys[digest]; ok {
		k.LastUsedAt = micro(at)
		s.keys[digest] = k
	}
	return nil
}

func copied(k core.AccessKey) core.AccessKey {
	k.Scopes = slices.Clone(k.Scopes)
	return k
}
