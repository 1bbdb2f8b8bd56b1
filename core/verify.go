package core

import (
	"context"
	"fmt"
	"time"
)

// Verification asks, for a service that lets people sign in, whether a password
// is an account's.
type Verification struct {
	Tenant   TenantID // what the caller's credential chose
	Account  Locator
	Password Password
	Origin   Origin // its address is that of whoever signs in
	Caller   string // which credential the request came with
	By       string // who asks, for the audit trail
}

// Verified is the answer to a password that is the account's.
type Verified struct {
	Account           AccountID
	PasswordChangedAt time.Time
	TokensValidAfter  time.Time // session tokens issued before it are dead

	// Upgrade is why an old hash of the password was not replaced by a new one;
	// nil if it was, or need not be. It does not touch the verdict.
	Upgrade error
}

// Verify tells whether a password is an account's, with the order of checks, the
// throttling and the derivations of a [Service.Change] by [Knowledge], of which
// it shares the counts:
//
//   - Invalid: no account is named; Fields are "account".
//   - NotFound, WrongPassword, Disabled: it is not, in the words of which nobody
//     may tell them apart.
//   - Throttled, with RetryAfter: it was not judged.
//   - Unavailable, Internal: nothing was judged.
//
// Every verdict leaves one event. The hash of a password that held is made anew
// if it is not what a change would make now; that ends no session, and is no
// change of the password.
func (s *Service) Verify(ctx context.Context, v Verification) (Verified, error) {
	a := attempt{
		Change: Change{Tenant: v.Tenant, Proof: Knowledge{v.Account, v.Password}, Origin: v.Origin, Caller: v.Caller},
		by:     v.By, refusal: VerifyRefused,
	}
	ctx, leave, err := s.Hasher.Seat(ctx, true)
	if err != nil {
		return Verified{}, fmt.Errorf("take a seat: %w", err)
	}
	defer leave()
	if err := s.reserve(ctx, &a); err != nil {
		return Verified{}, err
	}
	if err := s.admit(ctx, &a, v); err != nil {
		return Verified{}, s.refuse(ctx, a, err)
	}
	return Verified{
		Account: a.account.ID, PasswordChangedAt: a.account.PasswordChangedAt, TokensValidAfter: a.account.TokensValidAfter,
		Upgrade: s.upgrade(ctx, &a, v.Password),
	}, nil
}

// admit proves the password, and records that it did.
func (s *Service) admit(ctx context.Context, a *attempt, v Verification) error {
	if err := s.know(ctx, a, v.Account, v.Password); err != nil {
		return err
	}
	a.proved = true
	if a.account.Disabled {
		return Disabled
	}
	event, err := s.event(PasswordVerified, a.Tenant, a.account.ID, a.Origin)
	if err != nil {
		return err
	}
	event.Proof, event.Actor = ByKnowledge, a.by
	if s.Attempts == nil {
		return s.record(ctx, event)
	}
	settled := Settlement{At: event.At, Events: []Event{event}, Proven: s.proven(a.account, a.Origin, event.At)}
	return s.lastingly(ctx, "settle verification", func(ctx context.Context) error { return s.Attempts.Settle(ctx, settled) })
}

// upgrade replaces the hash of a password that held by the one that a change
// would make now. Somebody else's write to the account goes first: the next
// verification will do.
func (s *Service) upgrade(ctx context.Context, a *attempt, p Password) error {
	if !s.Hasher.Outdated(p, a.account.Verifier) {
		return nil
	}
	verifier, err := s.Hasher.Hash(ctx, p)
	if err != nil {
		return fmt.Errorf("hash anew: %w", err)
	}
	event, err := s.event(HashUpgraded, a.Tenant, a.account.ID, a.Origin)
	if err != nil {
		return err
	}
	event.Actor = a.by
	err = s.Store.Upgrade(ctx, a.Tenant, a.account.ID, a.account.Revision, verifier, event)
	if code := CodeOf(err); code == Conflict {
		return nil
	}
	return err
}
