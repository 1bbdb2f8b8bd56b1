package memory

import (
	"context"
	"time"

	"rekey/core"
)

var _ core.Factors = (*Store)(nil)

// code is a mailed code with the tries that were spent on it.
type code struct {
	core.MailedCode
	tries int
}

// slot is what an account has one code for.
type slot struct {
	tenant  core.TenantID
	account core.AccountID
	purpose string
}

// Enrol implements [core.Factors].
func (s *Store) Enrol(ctx context.Context, tenant core.TenantID, id core.AccountID, factor core.Enrolment, e core.Event) error {
	return s.commit(ctx, e, func() error {
		a, ok := s.account(tenant, id)
		if !ok {
			return core.NotFound
		}
		a.Factor = &factor
		a.Revision++
		s.accounts[id] = clone(a)
		return nil
	})
}

// PutCode implements [core.Factors].
func (s *Store) PutCode(ctx context.Context, c core.MailedCode, e core.Event) error {
	return s.commit(ctx, e, func() error {
		if _, ok := s.account(c.Tenant, c.Account); !ok {
			return core.NotFound
		}
		c.ExpiresAt = micro(c.ExpiresAt)
		s.codes[slot{c.Tenant, c.Account, c.Purpose}] = code{MailedCode: c}
		return nil
	})
}

// TryCode implements [core.Factors].
func (s *Store) TryCode(
	ctx context.Context, tenant core.TenantID, id core.AccountID, purpose string, now time.Time, maxTries int,
) (core.MailedCode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return core.MailedCode{}, err
	}
	at := slot{tenant, id, purpose}
	c, ok := s.codes[at]
	if !ok || c.tries >= maxTries || !c.ExpiresAt.After(micro(now)) {
		return core.MailedCode{}, core.NotFound
	}
	c.tries++
	s.codes[at] = c
	return c.MailedCode, nil
}

// factorHolds reports whether the one-time code of the change is unspent.
func (s *Store) factorHolds(a core.Account, m core.Mutation) bool {
	if m.FactorStep != 0 && (a.Factor == nil || a.Factor.LastStep >= m.FactorStep) {
		return false
	}
	if m.Code == "" {
		return true
	}
	for at, c := range s.codes {
		if at.tenant == a.Tenant && at.account == a.ID && c.Digest == m.Code {
			return true
		}
	}
	return false
}

// endProofs ends what would let its bearer change the password of a.
func (s *Store) endProofs(a core.Account, at time.Time) {
	s.supersede(a, at)
	for in := range s.codes {
		if in.tenant == a.Tenant && in.account == a.ID {
			delete(s.codes, in)
		}
	}
}
