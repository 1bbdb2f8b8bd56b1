package memory

import (
	"context"
	"maps"
	"time"

	"rekey/core"
)

var _ core.Sessions = (*Store)(nil)

// StartSession implements [core.Sessions].
func (s *Store) StartSession(ctx context.Context, x core.Session, e core.Event) error {
	return s.commit(ctx, e, func() error { return s.putSession(x) })
}

// Session implements [core.Sessions].
func (s *Store) Session(ctx context.Context, digest core.Digest) (core.Session, core.AccessKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return core.Session{}, core.AccessKey{}, err
	}
	x, started := s.sessions[digest]
	k, known := s.keys[x.KeyDigest]
	if !started || !known {
		return core.Session{}, core.AccessKey{}, core.NotFound
	}
	return x, copied(k), nil
}

// SeeSession implements [core.Sessions].
func (s *Store) SeeSession(ctx context.Context, digest core.Digest, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if x, ok := s.sessions[digest]; ok {
		x.SeenAt = later(x.SeenAt, micro(at))
		s.sessions[digest] = x
	}
	return nil
}

// RenewSession implements [core.Sessions].
func (s *Store) RenewSession(ctx context.Context, digest core.Digest, x core.Session, e core.Event) error {
	return s.commit(ctx, e, func() error {
		if _, ok := s.sessions[digest]; !ok {
			return core.NotFound
		}
		if err := s.putSession(x); err != nil {
			return err
		}
		delete(s.sessions, digest)
		return nil
	})
}

// EndSession implements [core.Sessions].
func (s *Store) EndSession(ctx context.Context, digest core.Digest, e core.Event) error {
	return s.commit(ctx, e, func() error {
		if _, ok := s.sessions[digest]; !ok {
			return core.NotFound
		}
		delete(s.sessions, digest)
		return nil
	})
}

// putSession keeps a session whose digest no other has.
func (s *Store) putSession(x core.Session) error {
	if _, taken := s.sessions[x.Digest]; taken {
		return core.Internal
	}
	x.StartedAt, x.SeenAt = micro(x.StartedAt), micro(x.SeenAt)
	x.ConfirmedAt, x.ExpiresAt = micro(x.ConfirmedAt), micro(x.ExpiresAt)
	s.sessions[x.Digest] = x
	return nil
}

// endSessionsOf forgets the sessions that stand for the access key.
func (s *Store) endSessionsOf(key core.Digest) {
	maps.DeleteFunc(s.sessions, func(_ core.Digest, x core.Session) bool { return x.KeyDigest == key })
}
