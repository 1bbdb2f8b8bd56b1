package core

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238's default and the one that every authenticator app has; HMAC does not need its collisions to be hard
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// A code is what RFC 6238 makes of a secret by default.
const (
	totpPeriod = 30 // seconds that a time step has
	totpDigits = 6
	totpSecret = 20 // bytes, as HMAC-SHA-1 has (RFC 4226, section 4, R6)
)

// EnrolFactor gives the account that l names a new time-based one-time-password
// factor, in place of any it had, and returns its secret in base32, as
// authenticator apps take it: this is the one time that it can be read. by
// says who asked. NotFound.
func (s *Service) EnrolFactor(ctx context.Context, tenant TenantID, l Locator, by string, o Origin) (Secret, Account, error) {
	if !s.factored() {
		return Secret{}, Account{}, errNoFactors
	}
	secret, err := s.random(totpSecret)
	if err != nil {
		return Secret{}, Account{}, err
	}
	account, err := s.amend(ctx, tenant, l, FactorAdded, by, o, func(a *Account, e Event) error {
		sealed, err := s.Sealer.Seal(secret, totpContext(*a))
		if err != nil {
			return fmt.Errorf("seal: %w", err)
		}
		a.Factor = &Enrolment{Sealed: sealed}
		return s.Factors.Enrol(ctx, tenant, a.ID, *a.Factor, e)
	})
	if err != nil {
		return Secret{}, Account{}, err
	}
	return NewSecret(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)), account, nil
}

// RemoveFactor takes the factor away from the account that l names. It needs
// no key. NotFound, or Invalid with the field "factor" if it has none.
func (s *Service) RemoveFactor(ctx context.Context, tenant TenantID, l Locator, by string, o Origin) (Account, error) {
	if s.Factors == nil {
		return Account{}, errNoFactors
	}
	return s.amend(ctx, tenant, l, FactorRemoved, by, o, func(a *Account, e Event) error {
		if a.Factor == nil {
			return &Error{Code: Invalid, Fields: []string{"factor"}}
		}
		a.Factor = nil
		return s.Factors.Enrol(ctx, tenant, a.ID, Enrolment{}, e)
	})
}

var errNoFactors = &Error{Code: Unavailable, Err: errors.New("one-time codes: no key is configured")}

// factored reports whether there is all that one-time codes need.
func (s *Service) factored() bool { return s.Factors != nil && s.Sealer != nil }

// totpContext binds a sealed secret to its account. Neither id has a '/'.
func totpContext(a Account) string { return "totp/" + string(a.Tenant) + "/" + string(a.ID) }

// totpStep returns the time step whose code the text is, and 0 if it is not
// one that the account may spend now: the current step's or, for a code that
// was on its way when the step ended, the one before (RFC 6238, section 5.2);
// never a later one, and none that is spent.
func (s *Service) totpStep(a Account, text string) (int64, error) {
	switch {
	case a.Factor == nil:
		return 0, nil
	case s.Sealer == nil:
		return 0, &Error{Code: Internal, Err: errors.New("a factor is enrolled and no key is configured")}
	}
	secret, err := s.Sealer.Open(a.Factor.Sealed, totpContext(a))
	if err != nil {
		return 0, err
	}
	return a.Factor.step(secret, text, s.Now()), nil
}

func (e Enrolment) step(secret []byte, text string, now time.Time) (found int64) {
	current := now.Unix() / totpPeriod
	for _, step := range []int64{current - 1, current} { // both, whichever holds
		same := subtle.ConstantTimeCompare([]byte(totp(secret, step)), []byte(text)) == 1
		if same && step > e.LastStep {
			found = step
		}
	}
	return found
}

// totp returns the code of a time step (RFC 4226, section 5.3).
func totp(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	_, _ = mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step))) //nolint:gosec // times before 1970 wrap, and match no step
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, number%1_000_000)
}
