package core

import (
	"context"
	"time"
)

// Store remembers. Every method is whole or not at all, and every error is
// classified: NotFound, Conflict, UsedToken where a method says so, otherwise
// Unavailable for a database that is down, busy or read-only, and Internal for
// the rest. Methods are safe for concurrent use. A store keeps times to the
// microsecond.
type Store interface {
	// Account returns the account that key names in the tenant, with its
	// history, newest entry first. NotFound if there is none.
	Account(ctx context.Context, tenant TenantID, key Key) (Account, error)

	// Find returns the id of the account that key names in the tenant. It costs
	// the same, but for microseconds, whether there is one or not. NotFound if
	// there is none.
	Find(ctx context.Context, tenant TenantID, key Key) (AccountID, error)

	// Accounts returns up to limit accounts of the tenant, without history,
	// in the order of their ids, beginning after the id after.
	Accounts(ctx context.Context, tenant TenantID, after AccountID, limit int) ([]Account, error)

	// CreateAccount stores a new account with its history and the event. Its
	// Conflict names the first key that another account of the tenant has in
	// Fields, as "id", "login" or the external id's kind.
	CreateAccount(ctx context.Context, a Account, e Event) error

	// SetDisabled sets the account's standing and stores the event, and with
	// disabled ends the account's sessions at e.At, its live reset tokens and
	// its mailed codes. It moves the revision. NotFound if there is no such
	// account.
	SetDisabled(ctx context.Context, tenant TenantID, id AccountID, disabled bool, e Event) error

	// SetExternalID gives the account the external id key and stores the
	// event; an empty value takes the id away. It moves the revision.
	// NotFound if there is no such account, Conflict if another account of
	// the tenant has the id.
	SetExternalID(ctx context.Context, tenant TenantID, id AccountID, key Key, e Event) error

	// EndSessions ends the account's sessions at e.At and stores the event. It
	// moves the revision. NotFound if there is no such account.
	EndSessions(ctx context.Context, tenant TenantID, id AccountID, e Event) error

	// Upgrade gives the account another verifier of the same password and
	// stores the event. It moves the revision and no date. Conflict if the
	// account's revision is not the given one any more.
	Upgrade(ctx context.Context, tenant TenantID, id AccountID, revision int64, verifier string, e Event) error

	// Search returns up to limit accounts of the tenant that the search finds,
	// without history, in the order of [Search.By] and beginning after that
	// key.
	Search(ctx context.Context, tenant TenantID, q Search, after string, limit int) ([]Account, error)

	// Meant returns the accounts of the tenant that the text names exactly: as
	// id, as login in any case, or as external id of any of the first
	// [MostKinds] kinds. They come without history, in the order of their ids.
	Meant(ctx context.Context, tenant TenantID, text string) ([]Account, error)

	// Token returns the token with the digest, dead or alive. It is the only
	// query without a tenant, because the token chooses it. NotFound if there
	// is none.
	Token(ctx context.Context, digest Digest) (ResetToken, error)

	// CreateToken stores a new token and the event, and supersedes the
	// account's live ones. NotFound if the tenant has no such account.
	CreateToken(ctx context.Context, t ResetToken, e Event) error

	// RevokeTokens supersedes the account's live tokens, stores the event,
	// and returns how many there were. NotFound if there is no such account.
	RevokeTokens(ctx context.Context, tenant TenantID, id AccountID, e Event) (int, error)

	// Apply commits a password change and ends the account's other live
	// reset tokens and mailed codes. UsedToken if m.Token is set and spent or
	// superseded by now; Conflict if the account's revision is not m.Revision
	// any more; WrongFactor if m.FactorStep or m.Code is spent by now. Then
	// nothing is stored. Of several the first in this order is answered: a
	// spent token stays spent however often the change is judged again, and
	// after a Conflict the factor is judged again anyway.
	Apply(ctx context.Context, m Mutation) error

	// Record stores an event that goes with no other write.
	Record(ctx context.Context, e Event) error

	// Events returns up to limit events of the tenant, oldest first,
	// beginning after the id after.
	Events(ctx context.Context, tenant TenantID, after EventID, limit int) ([]Event, error)

	// Trail returns up to limit events of the tenant that q means, in the order that
	// q.Newest says, of the first within that lie between q.After and q.Before, and
	// are of q.Account if it is set. end is the last of those where there were so
	// many; "" if it looked at all.
	Trail(ctx context.Context, tenant TenantID, q Trail, limit, within int) (found []Event, end EventID, err error)

	// Writable returns nil if the store can commit a write now.
	Writable(ctx context.Context) error
}

// Mutation is everything that one password change writes.
type Mutation struct {
	Tenant   TenantID
	Account  AccountID
	Revision int64 // the account's revision as it was read; the guard

	Verifier    string        // the new verifier
	HistorySalt []byte        // the account's history salt from now on
	Remember    *HistoryEntry // the new history entry; nil if no history is kept
	KeepHistory int           // how many history entries stay, the new one included

	Token            *Digest   // the reset token that this change spends; nil if none
	ChangedAt        time.Time // becomes PasswordChangedAt; the account's other live reset tokens are superseded at it
	TokensValidAfter time.Time

	FactorStep int64  // the time step that this change spends; 0 if none. Spent if it is no later than the last one.
	Code       string // the digest of the mailed code that this change spends; "" if none. Spent if it is gone.

	Proven *Proven // whose failed attempts are forgotten; nil if none are counted

	Event    Event
	Messages []Message // what follows the change
}

// Hasher turns passwords into PHC strings and verifies them. A derivation is
// slow on purpose (about 25 ms at the defaults). All methods are safe for
// concurrent use; they wait for a free worker, give up when ctx ends, and
// return Unavailable with RetryAfter when too many callers wait already.
type Hasher interface {
	// Hash returns a PHC string of p in the configured scheme under a fresh
	// salt. One derivation. WeakPassword if the scheme cannot take p whole.
	Hash(ctx context.Context, p Password) (string, error)

	// HashAhead begins to do what Hash does if there is a worker that nobody
	// needs, not even the caller for what it does meanwhile, and returns how
	// to wait for the outcome; nil if there is none, and then nothing was
	// begun. The caller must wait in the end, whether or not it still wants
	// the outcome; it may wait more than once.
	HashAhead(ctx context.Context, p Password) (wait func() (string, error))

	// Verify reports whether p is the password of stored. One derivation,
	// also when stored is empty: then at the configured scheme's cost, and
	// the answer is false. Internal if stored cannot be used.
	Verify(ctx context.Context, p Password, stored string) (bool, error)

	// Recognise returns the stored form of a hash that another system made.
	// Invalid over "hash" if it cannot be verified here, within bounds.
	Recognise(foreign Secret) (stored string, err error)

	// Outdated reports whether stored, which is a hash of p, should be replaced
	// by a new one: it is of another scheme, cheaper than what is configured,
	// or not under the active pepper. It never is where p may be more than
	// what stored was made of.
	Outdated(p Password, stored string) bool

	// Derive returns the PHC string of p under setting, which is a PHC string
	// up to and without its last '$' and hash. One derivation. Internal if
	// setting cannot be used.
	Derive(ctx context.Context, p Password, setting string) (string, error)

	// Setting returns the argon2id setting of the configured cost with the
	// given salt, and of the active pepper if there is one, whatever the scheme
	// of new verifiers: history is read by rekey only.
	Setting(salt []byte) string

	// Seat returns a context for a caller of several derivations, one after
	// another: when the first is not refused, none is for lack of a place, so
	// that overload wastes no work half done. With now the place is taken at
	// once, and Unavailable with RetryAfter if there is none. leave gives it
	// back.
	Seat(ctx context.Context, now bool) (seated context.Context, leave func(), err error)
}
