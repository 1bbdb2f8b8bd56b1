package core_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"rekey/core"
)

// faults is what can be wrong with one change, in the order in which the
// package promises to check.
var faults = []string{"shape", "proof", "standing", "policy", "reuse", "commit"}

// bearers is a way to prove for each kind of proof, and the code of it failing.
var bearers = []struct {
	name  string
	prove func(w *world, current string, holds bool) core.Proof
	fails core.Code
}{
	{"knowledge", func(_ *world, current string, holds bool) core.Proof { return knows(pick(holds, current, wrong)) }, core.WrongPassword},
	{"possession", func(w *world, _ string, holds bool) core.Proof {
		return core.Possession{Token: pick(holds, w.plant(core.ResetToken{}), core.NewToken("unknown"))}
	}, core.BadToken},
	{"authority with the password", func(_ *world, current string, holds bool) core.Proof {
		return governs(pick(holds, current, wrong))
	}, core.WrongPassword},
	{"authority alone", func(_ *world, _ string, holds bool) core.Proof {
		return core.Authority{Admin: admin, Account: pick(holds, ada, core.Locator{Login: "nobody"})}
	}, core.NotFound},
	{"authority with a factor", func(_ *world, current string, holds bool) core.Proof {
		proof := governs(current)
		proof.Factor.Rule = pick(holds, core.FactorEnrolled, core.FactorRequired)
		return proof
	}, core.WrongFactor},
}

func pick[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}

// plant stores a live token of ada behind the service's back, so that a
// disabled account can have one. Set fields of t stay.
func (w *world) plant(t core.ResetToken) core.Token {
	w.t.Helper()
	account := w.read(acme, ada)
	token := core.NewToken(fmt.Sprintf("planted-%d", len(w.store.issued())))
	t.Digest, t.Tenant, t.Account = token.Digest(), acme, account.ID
	if t.ExpiresAt.IsZero() {
		t.IssuedAt, t.ExpiresAt = w.now, w.now.Add(w.TokenTTL)
	}
	event := core.Event{ID: core.EventID(token.Reveal()), At: w.now, Tenant: acme, Account: account.ID, Action: core.TokenIssued}
	if err := w.store.CreateToken(w.t.Context(), t, event); err != nil {
		w.t.Fatal(err)
	}
	return token
}

// A dialect may ask for the policy before the proof.
func TestPolicyFirstIsJudgedBeforeTheProofAndAgainAfter(t *testing.T) {
	unknown := core.Possession{Token: core.NewToken("unknown")}
	for name, c := range map[string]struct {
		proof core.Proof
		new   string
		want  core.Code
		n     int
	}{
		"shape comes first":           {unknown, "\xff", core.Invalid, 0},
		"weak and unproven":           {unknown, "weak", core.WeakPassword, 0},
		"weak, wrong password":        {knows(wrong), "weak", core.WeakPassword, 0},
		"unproven":                    {unknown, fresh, core.BadToken, 0},
		"own name, unproven":          {unknown, "ada.lovelace", core.BadToken, 0},
		"own name, wrong password":    {knows(wrong), "ada.lovelace", core.WrongPassword, 1},
		"own name, proven":            {knows(correct), "ada.lovelace", core.WeakPassword, 1},
		"reused, proven":              {knows(correct), correct, core.ReusedPassword, 1},
		"good and proven":             {knows(correct), fresh, "", 3},
		"common, and nobody by proof": {core.Knowledge{Account: core.Locator{Login: "nobody"}}, "1234567890", core.WeakPassword, 0},
	} {
		w := newWorld(t)
		w.account(correct)
		before := w.state()
		n := w.hasher.count(func() {
			change := core.Change{Tenant: acme, Proof: c.proof, New: core.NewPassword(c.new), PolicyFirst: true}
			code(t, second(w.Change(t.Context(), change)), c.want, name)
		})
		if n != c.n {
			t.Errorf("%s: got %d derivations, want %d", name, n, c.n)
		}
		events := w.since(before)
		if len(events) != 1 || events[0].Outcome != c.want {
			t.Errorf("%s: got events %+v, want one with %q", name, events, c.want)
		} else if told := events[0].Account != ""; told != (n > 0) {
			t.Errorf("%s: the event names an account: %v", name, told)
		}
	}
}

// Every set of faults is tried with every proof: the first in the promised
// order decides.
func TestTheFirstFailingCheckDecides(t *testing.T) {
	for _, b := range bearers {
		codes := []core.Code{core.Invalid, b.fails, core.Disabled, core.WeakPassword, core.ReusedPassword, core.Conflict}
		for set := range 1 << len(faults) {
			has := func(fault string) bool { return set>>slices.Index(faults, fault)&1 == 1 }
			var present []string
			want := core.Code("")
			for i := len(faults) - 1; i >= 0; i-- {
				if has(faults[i]) {
					want, present = codes[i], append(present, faults[i])
				}
			}
			t.Run(fmt.Sprint(b.name, present), func(t *testing.T) {
				w := newWorld(t)
				current := pick(has("policy"), "weak", correct)
				password := pick(has("reuse"), current, pick(has("policy"), "feeble", fresh))
				if has("shape") {
					password += "\xff"
				}
				w.account(current)
				if has("standing") {
					w.disable(true)
				}
				proof := b.prove(w, current, !has("proof"))
				if has("commit") {
					w.store.before = failing("Apply", core.Conflict)
				}
				before := w.state()
				code(t, w.change(proof, password), want)
				if want != "" {
					w.unchanged(before)
				} else if !w.has(fresh) {
					t.Error("the new password does not verify")
				}
				if events := w.since(before); len(events) != 1 || events[0].Outcome != want {
					t.Errorf("got events %+v, want one with %q", events, want)
				}
			})
		}
	}
}

func (w *world) disable(disabled bool) {
	w.t.Helper()
	if _, err := w.SetDisabled(w.t.Context(), acme, ada, disabled, "", origin); err != nil {
		w.t.Fatal(err)
	}
}

// failing returns a hook that fails one verb.
func failing(verb string, err error) func(context.Context, string) error {
	return func(_ context.Context, called string) error {
		if called == verb {
			return err
		}
		return nil
	}
}

func TestAMalformedCommandNamesItsField(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	p := core.NewPassword(correct)
	for name, c := range map[string]struct {
		proof    core.Proof
		password string
		field    string
	}{
		"new password not UTF-8":    {knows(correct), "valid until here \xff", "new_password"},
		"lone surrogate":            {knows(correct), "valid until here \xed\xa0\x80", "new_password"},
		"knowledge of nobody":       {core.Knowledge{Current: p}, fresh, "account"},
		"authority over nobody":     {core.Authority{Admin: admin, Current: &p}, fresh, "account"},
		"authority alone":           {core.Authority{Admin: admin}, fresh, "account"},
		"the password comes first":  {core.Knowledge{}, "\xff", "new_password"},
		"also with a token":         {core.Possession{}, "\xff", "new_password"},
		"nobody, and a weak choice": {core.Knowledge{Current: p}, "weak", "account"},
	} {
		before := w.state()
		n := w.hasher.count(func() {
			err := w.change(c.proof, c.password)
			code(t, err, core.Invalid, name)
			if e := core.AsError(err); e != nil && !slices.Equal(e.Fields, []string{c.field}) {
				t.Errorf("%s: got fields %q, want %q", name, e.Fields, c.field)
			}
		})
		if n != 0 {
			t.Errorf("%s: a malformed command cost %d derivations", name, n)
		}
		w.unchanged(before)
	}
}

// A proof of a type that the package does not know is our mistake.
func TestAnUnknownProofIsInternal(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	for name, proof := range map[string]core.Proof{
		"none": nil, "a pointer": &core.Authority{Account: ada}, "wrapped": struct{ core.Authority }{core.Authority{Account: ada}},
	} {
		before := w.state()
		code(t, w.change(proof, fresh), core.Internal, name)
		code(t, w.change(nil, "\xff"), core.Internal, "malformed besides")
		w.unchanged(before)
		if events := w.since(before); len(events) != 0 {
			t.Errorf("%s: got events %+v, want none", name, events)
		}
	}
}

func TestAWeakPasswordSaysWhy(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	for password, want := range map[string]core.Rule{
		"weak": core.TooShort, "1234567890": core.IsCommon, "ADA.Lovelace@acme.example": core.IsOwnName, "Ada.Lovelace": core.IsOwnName,
		"augusta ada king": core.IsOwnName, "ZAP-number-7": core.IsOwnName,
	} {
		err := w.change(knows(correct), password)
		code(t, err, core.WeakPassword, password)
		if e := core.AsError(err); e != nil && !slices.ContainsFunc(e.Violations, func(v core.Violation) bool { return v.Rule == want }) {
			t.Errorf("%q: got %v, want %s among them", password, e.Violations, want)
		}
		if err := w.CheckPolicy(core.NewPassword(password)); err == nil != (want == core.IsOwnName) {
			t.Errorf("%q: CheckPolicy, which knows no account, says %v", password, err)
		}
	}
}
