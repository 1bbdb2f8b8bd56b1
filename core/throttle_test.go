package core_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rekey/core"
)

// guard lets the world count failed attempts.
func (w *world) guard() { w.Attempts, w.Rules = w.store, strict }

// guarded returns a world with ada in it, whose attempts are counted.
func guarded(t tb, passwords ...string) *world {
	w := newWorld(t)
	w.guard()
	w.account(passwords...)
	return w
}

// from is where the n-th client is.
func from(n int) core.Origin {
	return core.Origin{Dialect: "test", Addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(n)})}
}

// attempt runs a change as the n-th client.
func (w *world) attempt(client int, proof core.Proof, password string) error {
	_, err := w.Change(w.t.Context(), core.Change{Tenant: acme, Proof: proof, New: core.NewPassword(password), Origin: from(client)})
	return err
}

// What is answered, and when, depends on the name that was used and on nothing
// that lies behind it.
func TestThrottlingTellsNothingOfAccounts(t *testing.T) {
	steps := func(l core.Locator) (told []string) {
		w := guarded(t, correct)
		w.create(core.NewAccount{Tenant: acme, Username: "grace", Password: ptr(core.NewPassword(correct))})
		if _, err := w.SetDisabled(t.Context(), acme, core.Locator{Login: "grace"}, true, "", origin); err != nil {
			t.Fatal(err)
		}
		for n := range 60 {
			err := w.attempt(n%5, core.Knowledge{Account: l, Current: core.NewPassword(wrong)}, fresh)
			told = append(told, fmt.Sprint(core.CodeOf(err) == core.Throttled, core.AsError(err).RetryAfter))
			w.now = w.now.Add(time.Duration(n%7) * time.Second)
		}
		return told
	}
	want := steps(ada)
	if throttled := slices.ContainsFunc(want, func(s string) bool { return strings.HasPrefix(s, "true") }); !throttled {
		t.Fatalf("nothing was throttled: %v", want)
	}
	for name, l := range map[string]core.Locator{
		"nobody": {Login: "nobody"}, "a disabled account": {Login: "grace"}, "no possible name": {Login: "a\x00b"},
		"an external id": {External: core.Key{Kind: "zap", Value: "zap-number-7"}}, "nobody's": {External: core.Key{Kind: "zap", Value: "8"}},
		"another's address": {External: core.Key{Kind: "zap", Value: "zap-number-7"}, Email: "grace@acme.example"},
	} {
		if got := steps(l); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestAThrottledAttemptIsNotJudged(t *testing.T) {
	w := guarded(t, correct)
	for range strict.PerClient.Free {
		code(t, w.attempt(1, knows(wrong), fresh), core.WrongPassword)
	}
	before := w.state()
	derived := w.hasher.count(func() {
		err := w.attempt(1, knows(correct), fresh)
		code(t, err, core.Throttled, "the right password")
		if wait := core.AsError(err).RetryAfter; wait != time.Second {
			t.Errorf("got %v to wait, want 1s", wait)
		}
	})
	if derived != 0 || len(w.since(before)) != 0 {
		t.Errorf("got %d derivations and the events %v, want none", derived, w.since(before))
	}
	w.unchanged(before)
	w.now = w.now.Add(time.Second)
	code(t, w.attempt(1, knows(correct), fresh), "", "once it has waited")
}

// However many guess at once, no more are judged than of those who guess one
// after another.
func TestGuessesAtOnceAreNotJudgedBeforeTheyAreCounted(t *testing.T) {
	w := guarded(t, correct)
	var guesses sync.WaitGroup
	derived := w.hasher.count(func() {
		for range 200 {
			guesses.Go(func() { _ = w.attempt(1, knows(wrong), fresh) })
		}
		guesses.Wait()
	})
	if derived != strict.PerClient.Free {
		t.Errorf("got %d guesses judged, want %d", derived, strict.PerClient.Free)
	}
}

// A patient attacker with any number of addresses, who knows all names of an
// account.
func TestNoAccountSeesAHundredFailuresInARow(t *testing.T) {
	w := guarded(t, correct)
	w.Rules.Stop, w.Rules.Kept = core.MaxStop, 0
	names := []core.Locator{
		{Login: "ada"}, {Login: "ada.lovelace@acme.example"}, {External: core.Key{Kind: "zap", Value: "zap-number-7"}},
		{ID: w.read(acme, ada).ID},
	}
	judged := 0
	for n := range 1000 {
		err := w.attempt(n, core.Knowledge{Account: names[n%len(names)], Current: core.NewPassword(wrong)}, fresh)
		if core.CodeOf(err) == core.WrongPassword {
			judged++
		}
		w.now = w.now.Add(24 * time.Hour)
	}
	if judged != len(names)*core.MaxStop || judged >= 100 {
		t.Errorf("%d guesses were judged, want %d", judged, len(names)*core.MaxStop)
	}
	if n, locked, err := w.Failures(t.Context(), w.read(acme, ada)); n != core.MaxStop || !locked || err != nil {
		t.Errorf("got %d failures, locked %v, %v", n, locked, err)
	}
}

// lock uses up what strangers may try.
func (w *world) lock() {
	w.t.Helper()
	for n := range strict.Stop - strict.Kept {
		code(w.t, w.attempt(100+n, knows(wrong), fresh), core.WrongPassword, "a stranger")
		w.now = w.now.Add(time.Minute)
	}
	code(w.t, w.attempt(200, knows(wrong), fresh), core.Throttled, "one more stranger")
}

func TestStrangersCannotLockAnOwnerOut(t *testing.T) {
	w := guarded(t, correct)
	code(t, w.attempt(1, knows(correct), fresh), "", "the owner, at home")
	w.lock()
	code(t, w.attempt(2, knows(fresh), password(1)), core.Throttled, "the owner, elsewhere")
	code(t, w.attempt(1, knows(fresh), password(1)), "", "the owner, at home again")
	code(t, w.attempt(2, knows(password(1)), password(2)), "", "the owner, elsewhere, as the failures are forgotten")
}

func TestProofEndsALock(t *testing.T) {
	for name, prove := range map[string]func(w *world) error{
		"a reset":          func(w *world) error { return w.attempt(3, core.Possession{Token: w.token()}, fresh) },
		"an administrator": func(w *world) error { return w.attempt(3, core.Authority{Admin: admin, Account: ada}, fresh) },
		"an operator":      func(w *world) error { return second(w.Unlock(t.Context(), acme, ada, "operator", origin)) },
	} {
		w := guarded(t, correct)
		w.lock()
		w.must0(prove(w))
		current := pick(w.has(fresh), fresh, correct)
		for _, client := range []int{3, 4, 100} {
			code(t, w.attempt(client, knows(wrong), fresh), core.WrongPassword, name, "a failure after it")
		}
		code(t, w.attempt(5, knows(current), password(9)), "", name, "a change after it")
	}
}
