package core_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"rekey/core"
	"rekey/core/passhash"
)

// sign verifies ada's password.
func (w *world) sign(password string) (core.Verified, error) {
	return w.verify(ada, password)
}

func (w *world) verify(l core.Locator, password string) (core.Verified, error) {
	return w.Verify(w.t.Context(), core.Verification{
		Tenant: acme, Account: l, Password: core.NewPassword(password), Origin: from(1), Caller: "login", By: "key:login",
	})
}

func TestAVerificationTellsWhoAndSinceWhen(t *testing.T) {
	w := guarded(t, correct, fresh)
	before := w.state()
	verdict, err := w.sign(fresh)
	code(t, err, "")
	a := w.read(acme, ada)
	if want := (core.Verified{Account: a.ID, PasswordChangedAt: a.PasswordChangedAt, TokensValidAfter: a.TokensValidAfter}); verdict != want {
		t.Errorf("got %+v, want %+v", verdict, want)
	}
	w.unchanged(before)
	want := core.Event{Action: core.PasswordVerified, Proof: core.ByKnowledge, Actor: "key:login", Account: a.ID, Tenant: acme, Origin: from(1), At: w.now}
	w.recorded(before, want)
}

// recorded wants one event since the state, whatever its id.
func (w *world) recorded(before state, want core.Event) {
	w.t.Helper()
	events := w.since(before)
	if len(events) != 1 {
		w.t.Fatalf("got events %+v, want one", events)
	}
	want.ID = events[0].ID
	if events[0] != want {
		w.t.Errorf("got %+v, want %+v", events[0], want)
	}
}

func TestAVerificationIsRefusedForOneDerivationWhateverFails(t *testing.T) {
	for name, c := range map[string]struct {
		l    core.Locator
		set  func(*world)
		want core.Code
	}{
		"wrong password":    {ada, func(*world) {}, core.WrongPassword},
		"nobody":            {core.Locator{Login: "nobody"}, func(*world) {}, core.NotFound},
		"another's address": {core.Locator{Login: "ada", Email: "x@acme.example"}, func(*world) {}, core.NotFound},
		"no password yet":   {core.Locator{Login: "grace"}, func(*world) {}, core.WrongPassword},
		"disabled, wrong":   {ada, func(w *world) { w.disable(true) }, core.WrongPassword},
	} {
		w := guarded(t, correct)
		w.create(core.NewAccount{Tenant: acme, Username: "grace"})
		c.set(w)
		before := w.state()
		n := w.hasher.count(func() {
			_, err := w.verify(c.l, wrong)
			code(t, err, c.want, name)
		})
		if n != 1 {
			t.Errorf("%s: %d derivations, want 1", name, n)
		}
		w.unchanged(before)
		events := w.since(before)
		if len(events) != 1 || events[0].Action != core.VerifyRefused || events[0].Outcome != c.want || events[0].Actor != "key:login" {
			t.Errorf("%s: got events %+v", name, events)
		}
	}
}

func TestADisabledAccountIsNotVerified(t *testing.T) {
	w := guarded(t, correct)
	w.disable(true)
	before := w.state()
	_, err := w.sign(correct)
	code(t, err, core.Disabled)
	w.unchanged(before)
	if events := w.since(before); len(events) != 1 || events[0].Action != core.VerifyRefused || events[0].Outcome != core.Disabled {
		t.Errorf("got events %+v", events)
	}
}

func TestAVerificationNamesAnAccount(t *testing.T) {
	w := guarded(t, correct)
	_, err := w.verify(core.Locator{}, correct)
	code(t, err, core.Invalid)
	if e := core.AsError(err); !slices.Equal(e.Fields, []string{"account"}) {
		t.Errorf("got fields %q", e.Fields)
	}
}

// Verifications and changes count together: who guesses by one is slowed down
// for the other.
func TestVerificationsAreThrottledWithChanges(t *testing.T) {
	w := guarded(t, correct)
	for n := range strict.PerClient.Free {
		if n%2 == 0 {
			code(t, w.attempt(1, knows(wrong), fresh), core.WrongPassword)
			continue
		}
		_, err := w.sign(wrong)
		code(t, err, core.WrongPassword)
	}
	before := w.state()
	n := w.hasher.count(func() {
		_, err := w.sign(correct)
		code(t, err, core.Throttled)
		if core.AsError(err).RetryAfter != time.Second {
			t.Errorf("got %v", err)
		}
	})
	if diff := diff(before, w.state()); n != 0 || diff != "" {
		t.Errorf("a throttled verification cost %d derivations and stored %s", n, diff)
	}
	code(t, w.attempt(1, knows(correct), fresh), core.Throttled, "a change after it")
	w.now = w.now.Add(time.Second)
	_, err := w.sign(correct)
	code(t, err, "")
	if n, _, err := w.Failures(t.Context(), w.read(acme, ada)); n != 0 || err != nil {
		t.Errorf("after the proof held %d failures are left, %v", n, err)
	}
}

func TestOverloadIsToldBeforeAVerificationIsCounted(t *testing.T) {
	w := guarded(t, correct)
	w.hasher.full = true
	before := w.state()
	_, err := w.sign(wrong)
	code(t, err, core.Unavailable)
	if n, _, _ := w.Failures(t.Context(), w.read(acme, ada)); n != 0 || len(w.since(before)) > 0 {
		t.Errorf("%d failures were counted", n)
	}
}

func TestAFailureThatJudgedNothingIsTakenBack(t *testing.T) {
	w := guarded(t, correct)
	w.store.before = failing("Account", core.Unavailable)
	_, err := w.sign(correct)
	w.store.before = nil
	code(t, err, core.Unavailable)
	if n, _, _ := w.Failures(t.Context(), w.read(acme, ada)); n != 0 {
		t.Errorf("%d failures are counted, want none", n)
	}
}

// bcryptOf returns what another system keeps of a password.
func bcryptOf(t tb, password string) string {
	c := passhash.ForTests()
	c.Scheme = passhash.Bcrypt
	made, err := newPool(t, c, newDice()).Hash(t.Context(), core.NewPassword(password))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestAForeignHashIsVerifiedAndMadeAnewOnce(t *testing.T) {
	w := newWorld(t)
	w.guard()
	long := time.Date(2019, 5, 4, 3, 2, 1, 0, time.UTC)
	a := w.create(core.NewAccount{Tenant: acme, Username: "ada", Hash: core.NewSecret(bcryptOf(t, correct)), ChangedAt: long, By: "key:crm"})
	if !a.PasswordChangedAt.Equal(long) || !a.TokensValidAfter.Equal(long) {
		t.Errorf("got %+v", a)
	}
	_, err := w.sign(wrong)
	code(t, err, core.WrongPassword)
	if w.read(acme, ada).Verifier != a.Verifier {
		t.Error("a wrong password made the hash anew")
	}
	before := w.state()
	verdict, err := w.sign(correct)
	code(t, err, "")
	code(t, verdict.Upgrade, "")
	after := w.read(acme, ada)
	if after.Verifier == a.Verifier || !w.has(correct) || w.has(wrong) {
		t.Errorf("the hash was not made anew: %s", after.Verifier[:8])
	}
	a.Verifier, a.Revision = after.Verifier, a.Revision+1
	if diff := diff(a, after); diff != "" {
		t.Errorf("more than the hash has changed:\n%s", diff)
	}
	var actions []core.Action
	for _, e := range w.since(before) {
		actions = append(actions, e.Action)
	}
	slices.Sort(actions)
	if !slices.Equal(actions, []core.Action{core.HashUpgraded, core.PasswordVerified}) {
		t.Errorf("got events %q", actions)
	}
	if n := w.hasher.count(func() { _, _ = w.sign(correct) }); n != 1 {
		t.Errorf("the next verification cost %d derivations, want 1", n)
	}
	code(t, w.change(knows(correct), correct), core.ReusedPassword)
	code(t, w.change(knows(correct), fresh), "")
}

func TestAnUpgradeGivesWayAndTouchesNoVerdict(t *testing.T) {
	for name, c := range map[string]struct {
		before func(w *world, verb string) error
		want   core.Code
	}{
		"another write came first": {func(w *world, verb string) error {
			if verb == "Upgrade" {
				w.store.before = nil
				_, err := w.SetExternalID(w.t.Context(), acme, ada, core.Key{Kind: "zap", Value: "9"}, "", origin)
				return err
			}
			return nil
		}, ""},
		"the database is away": {func(_ *world, verb string) error {
			if verb == "Upgrade" {
				return &core.Error{Code: core.Unavailable}
			}
			return nil
		}, core.Unavailable},
	} {
		w := newWorld(t)
		a := w.create(core.NewAccount{Tenant: acme, Username: "ada", Hash: core.NewSecret(bcryptOf(t, correct))})
		w.store.before = func(_ context.Context, verb string) error { return c.before(w, verb) }
		verdict, err := w.sign(correct)
		w.store.before = nil
		code(t, err, "", name)
		code(t, verdict.Upgrade, c.want, name)
		if w.read(acme, ada).Verifier != a.Verifier {
			t.Errorf("%s: the hash was made anew", name)
		}
	}
}

func TestAnAccountMayComeWithOneKindOfPassword(t *testing.T) {
	w := newWorld(t)
	hash, p := core.NewSecret(bcryptOf(t, correct)), core.NewPassword(correct)
	for name, c := range map[string]struct {
		n     core.NewAccount
		field string
	}{
		"both":                     {core.NewAccount{Hash: hash, Password: &p}, "hash"},
		"a hash of nothing known":  {core.NewAccount{Hash: core.NewSecret("plain text")}, "hash"},
		"too costly a hash":        {core.NewAccount{Hash: core.NewSecret("$2a$31$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuuabcdefghijklm")}, "hash"},
		"a date without a hash":    {core.NewAccount{ChangedAt: noon}, "password_changed_at"},
		"a date that is yet to be": {core.NewAccount{Hash: hash, ChangedAt: noon.Add(time.Second)}, "password_changed_at"},
	} {
		c.n.Tenant, c.n.Username = acme, "ada"
		_, err := w.CreateAccount(t.Context(), c.n, origin)
		code(t, err, core.Invalid, name)
		if e := core.AsError(err); e != nil && !slices.Equal(e.Fields, []string{c.field}) {
			t.Errorf("%s: got fields %q, want %q", name, e.Fields, c.field)
		}
	}
	if s := w.state(); len(s.Accounts)+len(s.Events) > 0 {
		t.Errorf("something was stored: %s", fmt.Sprint(len(s.Accounts)))
	}
}
