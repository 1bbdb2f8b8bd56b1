package core

import (
	"context"
	"fmt"
)

// prove establishes that the proof holds, and finds the account.
func (s *Service) prove(ctx context.Context, a *attempt) error {
	switch proof := a.Proof.(type) {
	case Knowledge:
		return s.know(ctx, a, proof.Account, proof.Current)
	case Possession:
		return s.possess(ctx, a, proof.Token)
	case Authority:
		if err := s.govern(ctx, a, proof); err != nil {
			return err
		}
		return proof.Factor.holds()
	default:
		return &Error{Code: Internal, Err: fmt.Errorf("unknown proof: %T", a.Proof)}
	}
}

// govern finds the account, and proves its present password where the dialect
// asks for it.
func (s *Service) govern(ctx context.Context, a *attempt, proof Authority) error {
	if proof.Current == nil {
		return s.locate(ctx, a, proof.Account)
	}
	return s.know(ctx, a, proof.Account, *proof.Current)
}

// locate finds the account.
func (s *Service) locate(ctx context.Context, a *attempt, l Locator) (err error) {
	if l == (Locator{}) {
		return &Error{Code: Invalid, Fields: []string{"account"}}
	}
	a.account, err = s.find(ctx, a.Tenant, l)
	return err
}

// know proves that current is the password of the account that l names. A
// missing account costs the derivation that a present one does.
func (s *Service) know(ctx context.Context, a *attempt, l Locator, current Password) error {
	missing := s.locate(ctx, a, l)
	if missing != nil && CodeOf(missing) != NotFound {
		return missing
	}
	ok, err := s.Hasher.Verify(ctx, current, a.account.Verifier)
	switch {
	case err != nil:
		return fmt.Errorf("verify: %w", err)
	case missing != nil:
		return missing
	case !ok:
		return WrongPassword
	}
	a.current = &current
	return nil
}

// possess proves that token is live, and finds its account.
func (s *Service) possess(ctx context.Context, a *attempt, token Token) error {
	t, account, err := s.bear(ctx, a.Tenant, token)
	if a.account = account; t.Tenant != "" {
		a.Tenant = t.Tenant
	}
	if err == nil {
		a.token = &t.Digest
	}
	return err
}

// holds returns nil if the factor is not asked for, and WrongFactor otherwise:
// no account can have a factor enrolled yet.
func (f Factor) holds() error {
	if f.Rule == FactorRequired {
		return WrongFactor
	}
	return nil
}
