package core

import (
	"net/netip"
	"time"
)

// EventID names an event. Ids sort by the time they were made.
type EventID string

// Action is what an event says was done or tried.
type Action string

// The closed set of actions.
const (
	PasswordChanged Action = "password.changed"
	PasswordRefused Action = "password.change_refused"
	AccountCreated  Action = "account.created"
	AccountDisabled Action = "account.disabled"
	AccountEnabled  Action = "account.enabled"
	AccountLocked   Action = "account.locked"
	AccountUnlocked Action = "account.unlocked"
	AccountImported Action = "account.imported"
	ExternalIDSet   Action = "account.external_id_set"
	TokenIssued     Action = "token.issued"
	TokensRevoked   Action = "token.revoked"
	ResetRequested  Action = "reset.requested"
	CodeRequested   Action = "code.requested"
	CodeIssued      Action = "code.issued"
	FactorAdded     Action = "factor.enrolled"
	FactorRemoved   Action = "factor.removed"

	PasswordVerified Action = "password.verified"       // for another service, which then let somebody in
	VerifyRefused    Action = "password.verify_refused" // the same, and the proof did not hold
	HashUpgraded     Action = "password.hash_upgraded"  // the password stayed, and is kept better
	SessionsEnded    Action = "account.sessions_ended"
	AccessKeyAdded   Action = "access_key.added"
	AccessKeyRevoked Action = "access_key.revoked"

	DeliveriesRetried Action = "deliveries.retried" // what webhooks were not told

	SignedIn         Action = "console.signed_in" // with an access key, to a session
	SignedOut        Action = "console.signed_out"
	SessionConfirmed Action = "console.confirmed" // the access key was given again, so that the session may write
)

// Event is one row of the audit trail. It never holds a secret, nor a name
// that a client typed: a password typed into the wrong field would stay.
type Event struct {
	ID      EventID
	At      time.Time
	Tenant  TenantID  // "" only if the credential chose none, as an unknown reset token does
	Account AccountID // "" if no account was found
	Action  Action
	Proof   ProofKind // "" where no proof was asked
	Outcome Code      // "" if it was done
	Actor   string    // who did it, where that is not the account's owner
	Origin  Origin
}

// Origin is where an attempt came from.
type Origin struct {
	Dialect   string     // the adapter's name, or "cli"
	Addr      netip.Addr // the client's address; zero if unknown
	RequestID string
}
