package core_test

import (
	"context"
	"testing"
	"time"

	"rekey/core"
)

func TestAMailedCodeWorksOnce(t *testing.T) {
	w := newFactorWorld(t)
	w.account(correct)
	sent := w.mailed(ada)
	code(t, w.attempt(core.FactorRequired, sent, fresh), "")
	code(t, w.change(withCode(governs(fresh), core.FactorRequired, sent), password(1)), core.WrongFactor, "again")
	code(t, w.change(withCode(governs(fresh), core.FactorRequired, w.mailed(ada)), password(1)), "", "the next")
}

func TestAMailedCodeHasFiveTries(t *testing.T) {
	for name, spoil := range map[string]func(w *factorWorld, sent string) error{
		"a wrong code": func(w *factorWorld, sent string) error {
			return w.attempt(core.FactorRequired, wrongCode(sent), fresh)
		},
		"a wrong password": func(w *factorWorld, sent string) error {
			return w.change(withCode(governs(wrong), core.FactorRequired, sent), fresh)
		},
		"a weak password": func(w *factorWorld, sent string) error { return w.attempt(core.FactorRequired, sent, "weak") },
		"where none is asked for": func(w *factorWorld, sent string) error {
			return w.attempt(core.FactorEnrolled, sent, "weak")
		},
	} {
		for wasted := range 7 {
			w := newFactorWorld(t)
			w.account(correct)
			sent := w.mailed(ada)
			for range wasted {
				if err := spoil(w, sent); err == nil {
					t.Fatalf("%s succeeded", name)
				}
			}
			want := pick(wasted < 5, core.Code(""), core.WrongFactor)
			code(t, w.attempt(core.FactorRequired, sent, fresh), want, name, wasted)
			if want != "" {
				code(t, w.attempt(core.FactorRequired, w.mailed(ada), fresh), "", name, "a new code has its own tries")
			}
		}
	}
}

// NIST SP 800-63B-4, 3.1.3.2.
func TestANewCodeForgetsNoFailures(t *testing.T) {
	w := newFactorWorld(t)
	w.guard()
	w.account(correct)
	for range strict.PerClient.Free {
		code(t, w.attempt(core.FactorRequired, wrongCode(w.mailed(ada)), fresh), core.WrongFactor)
	}
	code(t, w.attempt(core.FactorRequired, w.mailed(ada), fresh), core.Throttled, "with a new code")
}

func TestAMailedCodeExpiresAndIsReplaced(t *testing.T) {
	for after, want := range map[time.Duration]core.Code{
		0: "", 10*time.Minute - time.Microsecond: "", 10 * time.Minute: core.WrongFactor, time.Hour: core.WrongFactor,
	} {
		w := newFactorWorld(t)
		w.account(correct)
		issued, expires, err := w.IssueCode(t.Context(), core.Message{Tenant: acme, Account: w.read(acme, ada).ID})
		if err != nil || !expires.Equal(noon.Add(10*time.Minute)) {
			t.Fatalf("expires at %v, %v", expires, err)
		}
		w.now = w.now.Add(after)
		code(t, w.attempt(core.FactorRequired, issued.Reveal(), fresh), want, after)
	}
	w := newFactorWorld(t)
	w.account(correct)
	old, latest := w.mailed(ada), w.mailed(ada)
	code(t, w.attempt(core.FactorRequired, old, fresh), core.WrongFactor, "replaced")
	code(t, w.attempt(core.FactorRequired, latest, fresh), "", "the latest")
}

func TestAMailedCodeIsItsAccountsOnly(t *testing.T) {
	w := newFactorWorld(t)
	w.account(correct)
	grace := w.create(core.NewAccount{Tenant: acme, Username: "grace", Email: "grace@acme.example"})
	w.mailed(ada)
	hers := w.mailed(core.Locator{Login: "grace"})
	code(t, w.attempt(core.FactorRequired, hers, fresh), core.WrongFactor, "another's")
	// Neither does it help to move its row.
	moved := w.stored(grace.ID)
	moved.Account = w.read(acme, ada).ID
	if err := w.kept.PutCode(t.Context(), moved, core.Event{ID: "moved", Tenant: acme}); err != nil {
		t.Fatal(err)
	}
	code(t, w.attempt(core.FactorRequired, hers, fresh), core.WrongFactor, "moved")
}

// A change that lost a race to an unrelated write starts over: with the last
// try spent, its code must still do.
func TestStartingOverSpendsOneTry(t *testing.T) {
	w := newFactorWorld(t)
	w.account(correct)
	sent := w.mailed(ada)
	for range 4 {
		code(t, w.attempt(core.FactorRequired, wrongCode(sent), fresh), core.WrongFactor)
	}
	conflicts := 0
	w.store.before = func(_ context.Context, verb string) error {
		if conflicts++; verb == "Apply" && conflicts < 6 {
			return core.Conflict
		}
		return nil
	}
	code(t, w.attempt(core.FactorRequired, sent, fresh), "")
	if w.factors.tried != 5 {
		t.Errorf("asked for the code %d times, want 5", w.factors.tried)
	}
}

// A code that is replaced between its proof and the commit does not work.
func TestACodeThatIsSpentMeanwhileDoesNotWork(t *testing.T) {
	for name, c := range map[string]struct {
		sent  func(*factorWorld) string
		spend func(*factorWorld)
	}{
		"mailed": {func(w *factorWorld) string { return w.mailed(ada) }, func(w *factorWorld) { w.mailed(ada) }},
		"of an app": {func(w *factorWorld) string { return appCode(w.enrol(), noon) }, func(w *factorWorld) {
			a := w.read(acme, ada)
			spent := core.Enrolment{Sealed: a.Factor.Sealed, LastStep: noon.Unix() / 30}
			_ = w.kept.Enrol(w.t.Context(), acme, a.ID, spent, core.Event{ID: "spent", Tenant: acme})
		}},
	} {
		w := newFactorWorld(t)
		w.account(correct)
		sent := c.sent(w)
		w.store.before = func(_ context.Context, verb string) error {
			if verb == "Apply" {
				c.spend(w)
			}
			return nil
		}
		before := w.state()
		code(t, w.attempt(core.FactorRequired, sent, fresh), core.WrongFactor, name)
		w.store.before = nil
		refused := 0
		for _, e := range w.since(before) {
			if e.Action == core.PasswordRefused && e.Outcome == core.WrongFactor {
				refused++
			}
		}
		if refused != 1 || w.has(fresh) {
			t.Errorf("%s: %d refusals recorded, changed: %v", name, refused, w.has(fresh))
		}
	}
}
