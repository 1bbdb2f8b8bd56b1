package core_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/core"
	"rekey/core/seal"
)

// A new password that is refused says nothing against who proved the old one.
func TestARefusedPasswordIsNoFailedAttempt(t *testing.T) {
	w := guarded(t, correct)
	for n := range 20 {
		refused := []string{"weak", correct}[n%2]
		code(t, w.attempt(1, knows(correct), refused), pick(n%2 == 0, core.WeakPassword, core.ReusedPassword))
	}
	w.lock()
	code(t, w.attempt(1, knows(correct), "weak"), core.WeakPassword, "the client is known by now")
	code(t, w.attempt(9, knows(wrong), fresh), core.WrongPassword, "and what was failed is forgotten")
}

func TestAnAttemptThatWasNotJudgedIsNoFailure(t *testing.T) {
	w := guarded(t, correct)
	down := &core.Error{Code: core.Unavailable}
	for range 10 {
		w.hasher.before = func(context.Context) error { return down }
		code(t, w.attempt(1, knows(wrong), fresh), core.Unavailable)
	}
	w.hasher.before = nil
	policyFirst := core.Change{Tenant: acme, Proof: knows(wrong), New: core.NewPassword("weak"), Origin: from(1), PolicyFirst: true}
	for range 10 {
		code(t, second(w.Change(t.Context(), policyFirst)), core.WeakPassword)
	}
	for range 10 {
		code(t, w.attempt(1, core.Knowledge{Current: core.NewPassword(wrong)}, fresh), core.Invalid, "no account is named")
	}
	code(t, w.attempt(1, knows(correct), fresh), "")
}

// claims keeps what is claimed.
type claims struct {
	core.Attempts
	made []core.Claim
}

func (c *claims) Reserve(
	ctx context.Context, now time.Time, claim core.Claim, rules core.AttemptRules, limits ...core.Limit,
) (core.Reservation, error) {
	c.made = append(c.made, claim)
	return c.Attempts.Reserve(ctx, now, claim, rules, limits...)
}

// Whoever reads the database must not learn what was typed as a name, which may
// be a password: with a key, no list of guesses helps.
func TestANameIsKeptAsADigestUnderTheKey(t *testing.T) {
	w := guarded(t, correct)
	kept := &claims{Attempts: w.store}
	w.Attempts = kept
	for _, sealer := range []core.Sealer{nil, newRing(t, 1), newRing(t, 2), newRing(t, 2)} {
		w.Sealer = sealer
		code(t, w.attempt(1, core.Knowledge{Account: core.Locator{Login: "Typed by a client"}}, fresh), core.NotFound)
	}
	digests := map[string]bool{}
	for _, c := range kept.made {
		digests[c.Account] = true
		if strings.Contains(strings.ToLower(fmt.Sprint(c)), "typed") {
			t.Errorf("the claim tells %v", c)
		}
	}
	if len(digests) != 3 {
		t.Errorf("got %d digests of one name under none and two keys, want 3", len(digests))
	}
}

func newRing(t *testing.T, key byte) core.Sealer {
	ring, err := seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{key}, seal.KeySize)}, newDice())
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestAWrongCodeIsAFailedAttempt(t *testing.T) {
	w := guarded(t, correct)
	proof := governs(correct)
	proof.Factor = core.Factor{Rule: core.FactorRequired, Code: &core.OneTimeCode{Secret: core.NewSecret("123456")}}
	for range strict.PerClient.Free {
		code(t, w.attempt(1, proof, fresh), core.WrongFactor)
	}
	code(t, w.attempt(1, proof, fresh), core.Throttled)
}

func TestFailuresCountForTheClientAndTheCallerToo(t *testing.T) {
	client := func(n int) core.Change { return core.Change{Origin: from(n), Caller: fmt.Sprint("key", n)} }
	for name, c := range map[string]struct {
		limit  func(*core.AttemptRules) *core.Limit
		same   core.Change // counts together with itself
		others core.Change
	}{
		"one client": {func(r *core.AttemptRules) *core.Limit { return &r.Client }, client(1), client(2)},
		"one key": {
			func(r *core.AttemptRules) *core.Limit { return &r.Caller },
			core.Change{Origin: from(1), Caller: "key"}, core.Change{Origin: from(1), Caller: "another"},
		},
	} {
		w := guarded(t, correct)
		*c.limit(&w.Rules) = core.Limit{Every: time.Minute, Burst: 3}
		ask := func(as core.Change, proof core.Proof) error {
			as.Tenant, as.Proof, as.New = acme, proof, core.NewPassword(fresh)
			return second(w.Change(t.Context(), as))
		}
		for n := range 3 {
			stranger := core.Knowledge{Account: core.Locator{Login: fmt.Sprint("user", n)}}
			code(t, ask(c.same, pick[core.Proof](n == 1, core.Possession{Token: core.NewToken("x")}, stranger)), pick(n == 1, core.BadToken, core.NotFound), name)
		}
		for _, proof := range []core.Proof{knows(correct), core.Possession{Token: w.token()}} {
			err := ask(c.same, proof)
			code(t, err, core.Throttled, name)
			if wait := core.AsError(err).RetryAfter; wait != time.Minute {
				t.Errorf("%s: got %v to wait, want 1m", name, wait)
			}
		}
		code(t, ask(c.others, knows(wrong)), core.WrongPassword, name, "somebody else")
		w.now = w.now.Add(time.Minute)
		code(t, ask(c.same, knows(correct)), "", name, "later")
	}
}

func TestTheLastFailureOfStrangersIsAnEvent(t *testing.T) {
	w := guarded(t, correct)
	before := w.state()
	w.lock()
	var actions []core.Action
	for _, e := range w.since(before) {
		actions = append(actions, e.Action)
		if e.Account != w.read(acme, ada).ID {
			t.Errorf("the event is about %q", e.Account)
		}
	}
	slices.Sort(actions)
	want := append([]core.Action{core.AccountLocked}, slices.Repeat([]core.Action{core.PasswordRefused}, strict.Stop-strict.Kept)...)
	if !slices.Equal(actions, want) {
		t.Errorf("got %v, want %v", actions, want)
	}
}

// A flood that the queue refuses is not answered with reads and writes.
func TestAFullQueueRefusesBeforeAnythingIsAsked(t *testing.T) {
	w := guarded(t, correct)
	w.hasher.full = true
	asked := 0
	w.store.before = func(context.Context, string) error {
		asked++
		return nil
	}
	for _, proof := range []core.Proof{knows(correct), governs(wrong)} {
		err := w.attempt(1, proof, fresh)
		code(t, err, core.Unavailable)
		if wait := core.AsError(err).RetryAfter; wait != time.Second || asked != 0 {
			t.Errorf("got %v to wait, and the store was asked %d times", wait, asked)
		}
	}
	token := w.token()
	code(t, w.attempt(1, core.Possession{Token: token}, fresh), "", "who may need no derivation is asked first")
}
