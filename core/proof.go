package core

import "time"

// Change is the one command: give the account that the proof names a new
// password.
type Change struct {
	Tenant TenantID // what the caller's credential chose; may be empty with [Possession], whose token chooses
	Proof  Proof
	New    Password
	Origin Origin
	Caller string // which of the dialect's credentials the request came with, such as an API key's name; "" if none

	// PolicyFirst judges the new password before the proof, without the
	// account's own names, for a dialect whose vendor does. It says nothing
	// about accounts.
	PolicyFirst bool
}

// Proof is why a caller may change a password. It is sealed: [Knowledge],
// [Possession] and [Authority] are all there are.
type Proof interface {
	// Kind names the proof in the audit trail.
	Kind() ProofKind
	isProof()
}

// ProofKind names a kind of proof.
type ProofKind string

// The closed set of kinds.
const (
	ByKnowledge  ProofKind = "knowledge"
	ByPossession ProofKind = "possession"
	ByAuthority  ProofKind = "authority"
)

// Knowledge is the account's present password.
type Knowledge struct {
	Account Locator
	Current Password
}

// Possession is a reset token, which names the account.
type Possession struct{ Token Token }

// Authority is an administrator, whose credential the dialect has verified.
// Current is the account's present password, where the dialect asks for it:
// nil means that it does not, and the empty password is a wrong one.
type Authority struct {
	Admin   Actor
	Account Locator
	Current *Password
	Factor  Factor
}

// Actor is who acts on somebody else's account.
type Actor struct {
	Subject  string    // who, as the issuer names them
	Issuer   string    // the issuer's name in the configuration
	IssuedAt time.Time // when the credential was issued; zero if unknown
}

// String returns how the audit trail names the actor.
func (a Actor) String() string { return a.Issuer + ":" + a.Subject }

// Factor is the one-time code of the account's owner, and when one is asked
// for. The zero value asks for none.
type Factor struct {
	Rule FactorRule
	Code *OneTimeCode // nil if the client sent none
}

// OneTimeCode is a code as a client sent it: a time-based one of 6 digits or a
// mailed one of 8. Anything else is a wrong one.
type OneTimeCode struct{ Secret }

// FactorRule says when a one-time code is required.
type FactorRule string

// The closed set of rules.
const (
	FactorOff      FactorRule = "off"      // never; a code that is sent is ignored
	FactorEnrolled FactorRule = "enrolled" // of accounts that have a factor enrolled; of others one that is sent is ignored
	FactorRequired FactorRule = "required" // always: a time-based code, or one that was mailed
)

// Kind implements [Proof].
func (Knowledge) Kind() ProofKind { return ByKnowledge }

// Kind implements [Proof].
func (Possession) Kind() ProofKind { return ByPossession }

// Kind implements [Proof].
func (Authority) Kind() ProofKind { return ByAuthority }

func (Knowledge) isProof()  {}
func (Possession) isProof() {}
func (Authority) isProof()  {}
