package memory

import (
	"context"
	"slices"
	"time"

	"rekey/core"
)

// Token implements [core.Store].
func (s *Store) Token(ctx context.Context, digest core.Digest) (core.ResetToken, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return core.ResetToken{}, err
	}
	t, ok := s.tokens[digest]
	if !ok {
		return core.ResetToken{}, core.NotFound
	}
	return t, nil
}

// CreateToken implements [core.Store].
func (s *Store) CreateToken(ctx context.Context, t core.ResetToken, e core.Event) error {
	return s.commit(ctx, e, func() error {
		a, ok := s.account(t.Tenant, t.Account)
		if !ok {
			return core.NotFound
		}
		if _, taken := s.tokens[t.Digest]; taken {
			return core.Internal
		}
		s.supersede(a, e.At)
		t.IssuedAt, t.ExpiresAt = micro(t.IssuedAt), micro(t.ExpiresAt)
		t.UsedAt, t.SupersededAt = micro(t.UsedAt), micro(t.SupersededAt)
		s.tokens[t.Digest] = t
		return nil
	})
}

// RevokeTokens implements [core.Store].
func (s *Store) RevokeTokens(ctx context.Context, tenant core.TenantID, id core.AccountID, e core.Event) (n int, err error) {
	err = s.commit(ctx, e, func() error {
		a, ok := s.account(tenant, id)
		if !ok {
			return core.NotFound
		}
		n = s.supersede(a, e.At)
		return nil
	})
	return n, err
}

// Apply implements [core.Store].
func (s *Store) Apply(ctx context.Context, m core.Mutation) error {
	return s.commit(ctx, m.Event, func() error {
		a, ok := s.account(m.Tenant, m.Account)
		if m.Token != nil {
			t := s.tokens[*m.Token]
			if t.Tenant != m.Tenant || t.Account != m.Account || !unspent(t) {
				return core.UsedToken
			}
		}
		if !ok || a.Revision != m.Revision {
			return core.Conflict
		}
		switch {
		case !s.factorHolds(a, m):
			return core.WrongFactor
		case !s.fresh(m.Messages):
			return core.Internal
		}
		if m.Token != nil {
			t := s.tokens[*m.Token]
			t.UsedAt = micro(m.ChangedAt)
			s.tokens[*m.Token] = t
		}
		s.endProofs(a, m.ChangedAt)
		s.accounts[a.ID] = changed(a, m)
		s.prove(m.Proven)
		s.enqueue(m.Messages)
		return nil
	})
}

// changed returns a as m leaves it.
func changed(a core.Account, m core.Mutation) core.Account {
	a.Verifier = m.Verifier
	a.HistorySalt = m.HistorySalt
	a.Revision++
	a.PasswordChangedAt = m.ChangedAt
	a.TokensValidAfter = later(a.TokensValidAfter, m.TokensValidAfter)
	if m.FactorStep != 0 {
		a.Factor = &core.Enrolment{Sealed: a.Factor.Sealed, LastStep: m.FactorStep}
	}
	if m.Remember != nil {
		a.History = slices.Insert(slices.Clone(a.History), 0, *m.Remember)
	}
	a.History = a.History[:max(0, min(len(a.History), m.KeepHistory))]
	return clone(a)
}

// supersede ends the tokens of a that are live at the given time and returns
// how many there were.
func (s *Store) supersede(a core.Account, at time.Time) (n int) {
	at = micro(at)
	for digest, t := range s.tokens {
		if t.Tenant == a.Tenant && t.Account == a.ID && unspent(t) && at.Before(t.ExpiresAt) {
			t.SupersededAt = at
			s.tokens[digest] = t
			n++
		}
	}
	return n
}

func unspent(t core.ResetToken) bool { return t.UsedAt.IsZero() && t.SupersededAt.IsZero() }
