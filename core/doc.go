// Package core decides whether a password may change, and changes it.
//
// It knows accounts, proofs, policy and reset tokens, and nothing of HTTP,
// SQL or any vendor. Every dialect asks it the same question, one [Change],
// through [Service.Change].
//
// # Vocabulary
//
//   - account: one person's entry in the directory, in exactly one tenant.
//   - tenant: the wall between customers. The credential a request carries
//     chooses it (an API key, a reset token, a token's issuer), never a field
//     that the client writes.
//   - proof: why the caller may change this password: [Knowledge] of the
//     present one, [Possession] of a reset token, or the [Authority] of an
//     administrator.
//   - factor: a second proof, beside the present password: a one-time code that
//     an app makes of an enrolled secret, or one that was mailed to the owner.
//   - change: the command. mutation: what a change writes. receipt: what a
//     change answers. event: what the audit trail remembers of an attempt.
//   - message: work that follows a commit, kept in the outbox until a
//     [Dispatcher] has done it.
//   - endpoint: a system that is told of events. delivery: a message that tells
//     one endpoint of one event.
//   - session: an operator's, in a browser, which stands for an access key. What an
//     account's sessions are only other services know.
//   - verifier: the stored hash that a password is verified against.
//   - violation: one rule of the [Policy] that a password breaks.
//   - claim: whose account an attempt is about, by the name that the client used,
//     and which client. failure: an attempt whose proof did not hold.
//
// # Promises
//
// The order of checks is fixed: shape, throttle, proof, standing (disabled),
// policy, reuse, hash, commit. An outsider learns nothing about an account
// before the proof holds. A dialect whose vendor judges the password first
// says PolicyFirst; the policy tells nothing about accounts.
//
// Failures slow down and at last stop the attempts that follow them, see
// [AttemptRules]: for the name that was claimed, for the client and for the
// credential of the dialect. An attempt is counted before it is judged, so that
// many at once gain nothing; one that was never judged is not counted. What the
// queue of derivations has no place for is refused before it is counted.
//
// An account that does not exist costs the same derivations as one that does.
// No derivation runs while a transaction is open.
//
// A change is one commit: the new verifier, the history, the spent token, the
// end of older sessions and tokens, and the audit event are stored together
// or not at all. Of any number of changes that hold the same proof at the
// same time, exactly one succeeds.
//
// Every attempt that [Service.Change] judges leaves one audit event. A
// refusal whose event cannot be stored is answered Unavailable, so the trail
// has no gap that a client could notice.
//
// Errors carry exactly one [Code]; see [CodeOf]. Nothing in this package
// words an answer for a client.
package core
