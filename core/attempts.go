package core

import (
	"context"
	"time"
)

// Attempts counts the attempts to prove that failed in a row, for each name of
// an account and for each client that used it. All processes share the counts
// and they survive restarts. Errors are classified as a [Store]'s are.
type Attempts interface {
	// Reserve counts a failure for the claim at now, before its proof is
	// judged, if the rules let it be judged at all; otherwise it counts
	// nothing and returns how long to wait, in whole microseconds. Of any
	// number of callers at once it lets in no more than of callers one after
	// another. The limits are only asked. An empty claim is not counted.
	Reserve(ctx context.Context, now time.Time, c Claim, rules AttemptRules, limits ...Limit) (Reservation, error)

	// Release takes one failure back: the attempt was never judged.
	Release(ctx context.Context, c Claim) error

	// Settle stores what became of an attempt that was judged and refused.
	Settle(ctx context.Context, s Settlement) error

	// Failures returns how many attempts in a row failed by that one of the
	// names by which most did.
	Failures(ctx context.Context, accounts ...string) (int, error)
}

// Claim says whose account an attempt is about, by the name that the client
// used, and which client. An account that does not exist is claimed as one
// that does.
type Claim struct {
	Account string // a digest of the name, keyed where a [Sealer] is configured; "" for an attempt that names none
	Client  string // the client's network
}

// Reservation is what [Attempts.Reserve] answers.
type Reservation struct {
	Wait     time.Duration // 0 if the attempt may be judged
	Failures int           // of the account in a row, this attempt included
}

// Settlement is what a refused attempt writes.
type Settlement struct {
	At       time.Time
	Events   []Event
	Messages []Message // what follows the refusal
	Counts   []Limit   // one is counted against each, also beyond it
	Proven   *Proven   // set if proof held, so that the refusal is no failure
}

// Proven says that proof for an account held: its failures are forgotten,
// whichever of the account's names and clients they came by, and the client is
// a known one from now on.
type Proven struct {
	Accounts []string // a digest of each of the account's names
	Client   string   // "" if an operator vouches: no client becomes known
	At       time.Time
}

// Tally is what is kept of the attempts by one name, or by one name from one
// client. The zero Tally is of none.
type Tally struct {
	Failures int       // in a row
	Last     time.Time // when the last attempt that counted began
	Proven   time.Time // when proof last held; zero if it never did
}

// AttemptRules say how failures slow down the next attempt. They are judged by
// the claimed name alone, so they tell nothing of accounts.
type AttemptRules struct {
	PerClient  Pace // for failures by one name from one client
	PerAccount Pace // for failures by one name from all clients, unless the client is known

	// Stop is after how many failures in a row, by one name, nothing is
	// judged any more until proof holds by other means: NIST SP 800-63B-4,
	// 3.2.2. Kept of them are for known clients, so that strangers cannot use
	// them up.
	Stop, Kept int
	KnownFor   time.Duration // how long a client is known after its proof held

	Client Limit // for failures from one client, whatever the account; the Key is filled in
	Caller Limit // for failures that came with one credential of the dialect; the Key is filled in
}

// MaxStop is the most that [AttemptRules.Stop] may be. An account answers to
// four names at most (a username, an e-mail address, an external id and its
// id), so it never sees 100 failures in a row.
const MaxStop = 24

// Pace delays the attempt that follows failures.
type Pace struct {
	Free  int           // so many failures in a row delay nothing
	First time.Duration // the delay after the next one; it doubles with each
	Most  time.Duration // and ends here
}

// after returns when the next attempt may begin.
func (p Pace) after(t Tally) time.Time {
	if t.Failures < p.Free || t.Failures == 0 {
		return time.Time{}
	}
	delay := min(p.First, p.Most)
	for n := p.Free; n < t.Failures && delay < p.Most; n++ {
		delay = min(2*delay, p.Most)
	}
	return t.Last.Add(delay)
}

// stopped is how long a client is told to wait where time does not help.
const stopped = 24 * time.Hour

// Wait returns how long an attempt that begins at now must wait, given what is
// kept of the name and of the name with this client; 0 if it may be judged.
// Stores ask it with both tallies in hand.
func (r AttemptRules) Wait(now time.Time, account, pair Tally) time.Duration {
	known, stop := pair.knownAt(now, r.KnownFor), r.Stop
	if !known {
		stop -= r.Kept
	}
	if account.Failures >= stop {
		return stopped
	}
	wait := r.PerClient.after(pair.since(account)).Sub(now)
	if !known {
		wait = max(wait, r.PerAccount.after(account).Sub(now))
	}
	return max(0, wait)
}

func (t Tally) knownAt(now time.Time, lasting time.Duration) bool {
	return !t.Proven.IsZero() && now.Sub(t.Proven) < lasting
}

// since returns the tally of a pair without what was forgotten since: failures
// are forgotten for the whole name at once.
func (t Tally) since(account Tally) Tally {
	if !t.Last.After(account.Proven) {
		t.Failures = 0
	}
	return t
}

// With returns both tallies with one failure more, at now, or as soon after the
// last proof as can be told for an attempt that began before that.
func (t Tally) With(pair Tally, now time.Time) (account, client Tally) {
	pair = pair.since(t)
	if !now.After(t.Proven) {
		now = t.Proven.Add(time.Microsecond)
	}
	t.Failures, t.Last = t.Failures+1, now
	pair.Failures, pair.Last = pair.Failures+1, now
	return t, pair
}
