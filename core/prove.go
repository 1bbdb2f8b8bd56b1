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
		return s.authorize(ctx, a, proof)
	default:
		return &Error{Code: Internal, Err: fmt.Errorf("unknown proof: %T", a.Proof)}
	}
}

// authorize proves the present password and the one-time code. Both are judged
// whichever fails, so that the time it takes does not tell which did.
func (s *Service) authorize(ctx context.Context, a *attempt, proof Authority) error {
	refusal := s.govern(ctx, a, proof)
	if refusal != nil && CodeOf(refusal) != NotFound && CodeOf(refusal) != WrongPassword {
		return refusal
	}
	held, err := s.stepUp(ctx, a, proof.Factor)
	switch {
	case err != nil:
		return err
	case refusal != nil:
		return refusal
	case !held:
		return WrongFactor
	}
	return nil
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

// passed is the one-time code that a change spends: the step of a time-based
// one, or the digest of a mailed one.
type passed struct {
	step int64
	code string
}

// stepUp reports whether the one-time code holds, or none is asked for. What it
// does, but for microseconds, depends on what the client sent and never on the
// account: it opens the secret of one that has a factor, and spends a try of
// one that was mailed a code, also where no code is asked for.
func (s *Service) stepUp(ctx context.Context, a *attempt, f Factor) (bool, error) {
	if f.Rule == "" || f.Rule == FactorOff {
		return true, nil
	}
	code, err := s.readCode(ctx, a, f.Code)
	if err != nil || f.Rule == FactorEnrolled && a.account.Factor == nil {
		return true, err
	}
	a.factor = code
	return code != passed{}, nil
}

// readCode returns what the code proves: nothing, if it does not hold. Its
// length says of which kind it is.
func (s *Service) readCode(ctx context.Context, a *attempt, code *OneTimeCode) (p passed, err error) {
	if code == nil {
		return passed{}, nil
	}
	switch text := code.Reveal(); len(text) {
	case totpDigits:
		p.step, err = s.totpStep(a.account, text)
	case codeDigits:
		p.code, err = s.mailedCode(ctx, a, text)
	}
	return p, err
}
