package core_test

import (
	"context"
	"testing"
	"time"

	"rekey/core"
)

// On idle workers a refusal costs a derivation more, whatever the reason that an
// outsider must not learn, and a success costs none.
func TestAHashIsMadeAheadWhateverTheAccount(t *testing.T) {
	nobody := core.Locator{Login: "nobody"}
	for name, c := range map[string]struct {
		history int
		proof   func(*world) core.Proof
		new     string
		want    core.Code
		n       int
	}{
		"knowledge":                 {5, func(*world) core.Proof { return knows(correct) }, fresh, "", 3},
		"knowledge without history": {0, func(*world) core.Proof { return knows(correct) }, fresh, "", 2},
		"reset":                     {5, func(w *world) core.Proof { return core.Possession{Token: w.token()} }, fresh, "", 2},
		"reset without history":     {0, func(w *world) core.Proof { return core.Possession{Token: w.token()} }, fresh, "", 1},
		"wrong password":            {5, func(*world) core.Proof { return knows(wrong) }, fresh, core.WrongPassword, 2},
		"missing account":           {5, func(*world) core.Proof { return core.Knowledge{Account: nobody} }, fresh, core.NotFound, 2},
		"wrong, her own name":       {5, func(*world) core.Proof { return knows(wrong) }, "ada.lovelace@acme.example", core.WrongPassword, 2},
		"missing, the same name":    {5, func(*world) core.Proof { return core.Knowledge{Account: nobody} }, "ada.lovelace@acme.example", core.NotFound, 2},
		"administrator, wrong":      {5, func(*world) core.Proof { return governs(wrong) }, fresh, core.WrongPassword, 2},
		"weak":                      {5, func(*world) core.Proof { return knows(correct) }, "weak", core.WeakPassword, 1},
		"weak and wrong":            {5, func(*world) core.Proof { return knows(wrong) }, "weak", core.WrongPassword, 1},
		"weak, missing account":     {5, func(*world) core.Proof { return core.Knowledge{Account: nobody} }, "weak", core.NotFound, 1},
		"dead token":                {5, func(*world) core.Proof { return core.Possession{Token: core.NewToken("x")} }, fresh, core.BadToken, 0},
		"reset, reused":             {5, func(w *world) core.Proof { return core.Possession{Token: w.token()} }, correct, core.ReusedPassword, 2},
	} {
		w := newWorld(t)
		w.History, w.hasher.idle = c.history, true
		w.account(correct)
		proof := c.proof(w)
		if n := w.hasher.count(func() { code(t, w.change(proof, c.new), c.want, name) }); n != c.n {
			t.Errorf("%s: got %d derivations, want %d", name, n, c.n)
		}
		if open := w.hasher.open.Load(); open != 0 {
			t.Errorf("%s: %d hashes were not waited for", name, open)
		}
		if c.want == "" && !w.has(c.new) {
			t.Errorf("%s: the new password does not verify", name)
		}
	}
}

func TestADisabledAccountCostsWhatAnyOtherDoes(t *testing.T) {
	w := newWorld(t)
	w.hasher.idle = true
	w.account(correct)
	if _, err := w.SetDisabled(t.Context(), acme, ada, true, "", origin); err != nil {
		t.Fatal(err)
	}
	for _, current := range []string{correct, wrong} {
		n := w.hasher.count(func() { _ = w.change(knows(current), fresh) })
		if n != 2 {
			t.Errorf("got %d derivations, want 2", n)
		}
	}
}

// Both are derived at once, or neither would ever end.
func TestTheOldPasswordIsVerifiedWhileTheNewOneIsHashed(t *testing.T) {
	w := newWorld(t)
	w.History, w.hasher.idle = 0, true
	w.account(correct)
	met := make(chan struct{})
	w.hasher.before = func(ctx context.Context) error {
		select {
		case met <- struct{}{}:
		case <-met:
		case <-time.After(10 * time.Second):
			t.Error("the other derivation does not begin")
		}
		return nil
	}
	code(t, w.change(knows(correct), fresh), "")
}

// A change that is judged again has its hash already.
func TestAHashIsMadeOnceForAllTries(t *testing.T) {
	w := newWorld(t)
	w.History, w.hasher.idle = 0, true
	w.account(correct)
	conflicts := 2
	w.store.before = func(_ context.Context, verb string) error {
		if verb == "Apply" && conflicts > 0 {
			conflicts--
			return core.Conflict
		}
		return nil
	}
	if n := w.hasher.count(func() { code(t, w.change(knows(correct), fresh), "") }); n != 4 {
		t.Errorf("got %d derivations, want three times the old password and once the new one", n)
	}
}

func TestAHashThatCannotBeMadeComesToLightInItsTurn(t *testing.T) {
	for proof, want := range map[string]core.Code{wrong: core.WrongPassword, correct: core.Internal} {
		w := newWorld(t)
		w.History = 0
		w.account(correct)
		w.Hasher = saltless{w.hasher}
		code(t, w.change(knows(proof), fresh), want)
	}
}

// saltless has no salts.
type saltless struct{ core.Hasher }

func (saltless) HashAhead(context.Context, core.Password) func() (string, error) {
	return func() (string, error) { return "", core.Internal }
}
