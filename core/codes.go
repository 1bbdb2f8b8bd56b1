package core

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// A mailed code has about 26 bits, a short life and few tries (ASVS 6.5.4,
// 6.5.5, 6.6.3).
const (
	codeDigits = 8 // not a time-based code's 6, so that a code's length says what it is
	codeLife   = 10 * time.Minute
	codeTries  = 5

	codePurpose = "password_change"
)

// RequestCode asks for a one-time code to be mailed to the account's owner. It
// returns before anything is mailed, and does the same for an account that
// does not exist: the same verdict, the same writes. by says who asked.
// Throttled with RetryAfter beyond the limits, of which the one per address
// counts l.Email. Unavailable where no mail or no key is configured.
func (s *Service) RequestCode(ctx context.Context, tenant TenantID, l Locator, by string, limits MailLimits, o Origin) error {
	if !s.factored() || s.Outbox == nil || s.Throttle == nil {
		return &Error{Code: Unavailable, Err: errors.New("one-time codes are not mailed: no mail or no key is configured")}
	}
	return s.requestMail(ctx, mailRequest{
		tenant: tenant, account: l, name: Fold(l.Email), by: by, limits: limits, origin: o,
		topic: MailOneTimeCode, action: CodeRequested,
	})
}

// IssueCode makes the code that a message of the topic [MailOneTimeCode] asks
// for, and says when it expires. It replaces the code that the account had,
// with its tries. Only a keyed digest is stored: this is the one time that the
// code can be read. NotFound, Disabled.
func (s *Service) IssueCode(ctx context.Context, m Message) (OneTimeCode, time.Time, error) {
	if !s.factored() {
		return OneTimeCode{}, time.Time{}, errNoFactors
	}
	account, err := s.find(ctx, m.Tenant, Locator{ID: m.Account})
	switch {
	case err != nil:
		return OneTimeCode{}, time.Time{}, err
	case account.Disabled:
		return OneTimeCode{}, time.Time{}, Disabled
	}
	text, err := s.digits(codeDigits)
	if err != nil {
		return OneTimeCode{}, time.Time{}, err
	}
	event, err := s.event(CodeIssued, account.Tenant, account.ID, Origin{Dialect: m.Facts["dialect"]})
	if err != nil {
		return OneTimeCode{}, time.Time{}, err
	}
	code := MailedCode{
		Tenant: account.Tenant, Account: account.ID, Purpose: codePurpose,
		Digest: s.Sealer.Digest(text, codeContext(account)), ExpiresAt: event.At.Add(codeLife),
	}
	if err := s.Factors.PutCode(ctx, code, event); err != nil {
		return OneTimeCode{}, time.Time{}, fmt.Errorf("put code: %w", err)
	}
	return OneTimeCode{NewSecret(text)}, code.ExpiresAt, nil
}

// codeContext binds a digest to the account and to what the code is for.
func codeContext(a Account) string {
	return "code/" + string(a.Tenant) + "/" + string(a.ID) + "/" + codePurpose
}

// mailedCode returns the digest of the account's live code if the text is that
// code, and "" if it is not. Asking spends one of the code's tries, but an
// attempt that starts over has spent its own.
func (s *Service) mailedCode(ctx context.Context, a *attempt, text string) (string, error) {
	if !s.factored() {
		return "", nil
	}
	if a.tried == nil {
		code, err := s.Factors.TryCode(ctx, a.Tenant, a.account.ID, codePurpose, s.present(), codeTries)
		switch {
		case CodeOf(err) == NotFound:
			return "", nil
		case err != nil:
			return "", fmt.Errorf("try code: %w", err)
		}
		a.tried = &code
	}
	if !s.Sealer.Matches(a.tried.Digest, text, codeContext(a.account)) {
		return "", nil
	}
	return a.tried.Digest, nil
}

// digits returns n random decimal digits, each text as likely as any other.
func (s *Service) digits(n int) (string, error) {
	bound := uint64(1)
	for range n {
		bound *= 10
	}
	// What lies above the last whole multiple of bound is thrown again, or low
	// numbers would come up more often.
	for limit := (1<<64 - 1) / bound * bound; ; {
		b, err := s.random(8)
		if err != nil {
			return "", err
		}
		if v := binary.BigEndian.Uint64(b); v < limit {
			return fmt.Sprintf("%0*d", n, v%bound), nil
		}
	}
}
