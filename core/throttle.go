package core

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
)

// reserve counts the change as a failure before it is judged, because of many
// guesses at once each would otherwise be judged before the first is counted.
// Throttled with RetryAfter if it may not be judged now.
func (s *Service) reserve(ctx context.Context, a *attempt) error {
	if s.Attempts == nil {
		return nil
	}
	a.claim = s.claim(a.Change)
	a.limits = s.failureLimits(a.Change)
	now := s.present()
	reserved, err := s.Attempts.Reserve(ctx, now, a.claim, s.Rules, a.limits...)
	switch {
	case err != nil:
		return &Error{Code: Unavailable, Err: errors.Join(errors.New("reserve attempt"), err)}
	case reserved.Wait > 0:
		return &Error{Code: Throttled, RetryAfter: reserved.Wait}
	}
	a.failures = reserved.Failures
	a.last = reserved.Failures == s.Rules.Stop-s.Rules.Kept
	return nil
}

// claim returns what the change claims: the account that its proof names.
func (s *Service) claim(c Change) Claim {
	var l Locator
	switch proof := c.Proof.(type) {
	case Knowledge:
		l = proof.Account
	case Authority:
		if proof.Current == nil && proof.Factor.Code == nil {
			return Claim{} // nothing is guessed
		}
		l = proof.Account
	default:
		return Claim{}
	}
	if l == (Locator{}) {
		return Claim{} // malformed
	}
	key, _ := l.key()
	return Claim{Account: s.nameDigest(c.Tenant, key), Client: network(c.Origin.Addr)}
}

// nameDigest returns what is kept of a name that a client typed. With a key it
// is a keyed digest, for people type passwords into the wrong field.
func (s *Service) nameDigest(tenant TenantID, key Key) string {
	name := string(tenant) + "\x00" + key.Kind + "\x00" + key.Value
	if s.Sealer != nil {
		name = s.Sealer.Digest(name, "attempts")
	}
	return shorten(name)
}

func shorten(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}

// failureLimits returns the limits that a failure of the change counts against.
func (s *Service) failureLimits(c Change) (limits []Limit) {
	for _, limit := range []struct {
		Limit
		kind, of string
	}{
		{s.Rules.Client, "client", network(c.Origin.Addr)},
		{s.Rules.Caller, "caller", c.Caller},
	} {
		if limit.Every > 0 && limit.of != "" {
			limit.Key = "attempts/" + limit.kind + "/" + shorten(c.Origin.Dialect+"\x00"+limit.of)
			limits = append(limits, limit.Limit)
		}
	}
	return limits
}

// proven returns what is written when proof for the attempt's account held.
func (s *Service) proven(account Account, o Origin, at time.Time) *Proven {
	if s.Attempts == nil {
		return nil
	}
	p := &Proven{Accounts: s.nameDigests(account), At: at}
	if o.Addr.IsValid() {
		p.Client = network(o.Addr)
	}
	return p
}

// nameDigests returns a digest of every name that the account answers to.
func (s *Service) nameDigests(a Account) []string {
	digests := []string{s.nameDigest(a.Tenant, Key{KeyID, string(a.ID)})}
	for _, key := range a.Keys() {
		digests = append(digests, s.nameDigest(a.Tenant, key))
	}
	return digests
}

// settle stores the refusal's event and what it counts for.
func (s *Service) settle(ctx context.Context, a *attempt, e Event) error {
	if s.Attempts == nil {
		return s.record(ctx, e)
	}
	r := Settlement{At: e.At, Events: []Event{e}}
	switch e.Outcome {
	case WeakPassword, ReusedPassword:
		if a.proved {
			r.Proven = s.proven(a.account, a.Origin, e.At)
		}
	case NotFound, WrongPassword, WrongFactor, Disabled, BadToken, UsedToken:
		r.Counts = a.limits
		if a.failures > 0 && a.failures >= s.Telling.RefusedAfter {
			if err := s.tellFailure(&r, e, a); err != nil {
				return err
			}
		}
		if a.last {
			if err := s.lock(a, &r); err != nil {
				return err
			}
		}
	default: // it was not judged, and is released
	}
	return s.lastingly(ctx, "settle attempt", func(ctx context.Context) error { return s.Attempts.Settle(ctx, r) })
}

// lock adds what a refusal writes that is the last that a stranger may cause.
// A name that nobody has costs the same: its message asks for nothing.
func (s *Service) lock(a *attempt, r *Settlement) error {
	locked, err := s.event(AccountLocked, a.Tenant, a.account.ID, a.Origin)
	if err != nil {
		return err
	}
	r.Events = append(r.Events, locked)
	if err := s.tellFailure(r, locked, a); err != nil {
		return err
	}
	if !s.Notices {
		return nil
	}
	topic := MailLockedNotice
	if a.account.Email == "" || a.account.Disabled {
		topic, locked.Account = Void, ""
	}
	notice, err := s.message(topic, locked)
	r.Messages = append(r.Messages, notice)
	return err
}

// release takes the attempt's failure back: it was not judged. If that fails,
// one failure too many is counted, and nothing else is wrong.
func (s *Service) release(ctx context.Context, a *attempt) {
	if s.Attempts != nil && a.claim.Account != "" {
		_ = s.lastingly(ctx, "release attempt", func(ctx context.Context) error { return s.Attempts.Release(ctx, a.claim) })
	}
}

// Failures returns how many attempts in a row to prove something for the
// account failed, by the name by which most did, and whether that has stopped
// further ones.
func (s *Service) Failures(ctx context.Context, a Account) (n int, locked bool, err error) {
	if s.Attempts == nil {
		return 0, false, nil
	}
	n, err = s.Attempts.Failures(ctx, s.nameDigests(a)...)
	return n, n >= s.Rules.Stop-s.Rules.Kept, err
}

// Unlock forgets the failed attempts for the account that l names, as a change
// that succeeds does. NotFound.
func (s *Service) Unlock(ctx context.Context, tenant TenantID, l Locator, by string, o Origin) (Account, error) {
	account, err := s.find(ctx, tenant, l)
	if err != nil {
		return Account{}, err
	}
	event, err := s.event(AccountUnlocked, tenant, account.ID, o)
	if err != nil {
		return Account{}, err
	}
	event.Actor = by
	if s.Attempts == nil {
		return account, s.record(ctx, event)
	}
	return account, s.Attempts.Settle(ctx, Settlement{At: event.At, Events: []Event{event}, Proven: s.proven(account, Origin{}, event.At)})
}
