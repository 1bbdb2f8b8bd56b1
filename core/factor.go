package core

import (
	"context"
	"time"
)

// Enrolment is an account's time-based one-time-password factor (RFC 6238).
type Enrolment struct {
	Sealed   string // the secret, as a [Sealer] sealed it
	LastStep int64  // the time step of the last code that was accepted; older ones and it are spent
}

// MailedCode is a one-time code that was mailed to an account's owner.
type MailedCode struct {
	Tenant    TenantID
	Account   AccountID
	Purpose   string // what it may be used for, such as "password_change"
	Digest    string // keyed, see [Sealer]
	ExpiresAt time.Time
}

// Factors keeps the second factors of accounts. Errors are classified as a
// [Store]'s are. An account that [Store.Account] returns carries its Enrolment.
type Factors interface {
	// Enrol gives the account the factor, in place of any it had, and stores
	// the event; an empty Sealed takes it away. It moves the revision.
	// NotFound if there is no such account.
	Enrol(ctx context.Context, tenant TenantID, id AccountID, factor Enrolment, e Event) error

	// PutCode stores a code, in place of any that the account had for the
	// purpose, with no tries spent, and the event. NotFound if there is no
	// such account.
	PutCode(ctx context.Context, code MailedCode, e Event) error

	// TryCode spends one of the tries of the account's code for the purpose
	// and returns the code. NotFound if it has none, it is expired at now, or
	// its maxTries are spent.
	TryCode(ctx context.Context, tenant TenantID, id AccountID, purpose string, now time.Time, maxTries int) (MailedCode, error)
}

// Sealer encrypts and authenticates what must lie in the database but must not
// be read from it, under keys that are kept apart.
type Sealer interface {
	// Seal returns plain, sealed for the context that it may be opened in.
	Seal(plain []byte, context string) (string, error)

	// Open returns what Seal sealed for the same context, under the active
	// key or an older one. Internal if it was altered or the key is unknown.
	Open(sealed, context string) ([]byte, error)

	// Digest returns a keyed digest of text for the context.
	Digest(text, context string) string

	// Matches reports whether digest is one of text for the context, in
	// constant time, under the active key or an older one.
	Matches(digest, text, context string) bool
}
