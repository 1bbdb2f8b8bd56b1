package core_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/core"
)

// The vectors of RFC 6238, Appendix B, for SHA-1. They have eight digits, of
// which ours are the last six.
func TestTimeBasedCodesAreThoseOfRFC6238(t *testing.T) {
	for seconds, vector := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471",
		1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		w := newFactorWorld(t)
		w.account(correct)
		w.plantFactor([]byte("12345678901234567890"))
		w.now = time.Unix(seconds, 0)
		code(t, w.attempt(core.FactorEnrolled, wrongCode(vector[2:]), fresh), core.WrongFactor, seconds)
		code(t, w.attempt(core.FactorEnrolled, vector[2:], fresh), "", seconds)
	}
}

func TestACodeIsTakenInItsStepAndTheNext(t *testing.T) {
	const step = 30 * time.Second
	for name, c := range map[string]struct {
		shown, sent time.Duration // from the beginning of a step
		want        core.Code
	}{
		"at once":                       {0, 0, ""},
		"as the step ends":              {0, step - 1, ""},
		"as the next begins":            {0, step, ""},
		"as the next ends":              {0, 2*step - 1, ""},
		"as the one after that begins":  {0, 2 * step, core.WrongFactor},
		"a clock a step late":           {-step, 0, ""},
		"a clock two steps late":        {-2 * step, 0, core.WrongFactor},
		"a clock that is ahead":         {step, 0, core.WrongFactor},
		"a clock that is ahead, barely": {step, step - 1, core.WrongFactor},
		"long ago":                      {-time.Hour, 0, core.WrongFactor},
	} {
		w := newFactorWorld(t)
		w.account(correct)
		shown := appCode(w.enrol(), noon.Add(c.shown))
		w.now = noon.Add(c.sent)
		code(t, w.attempt(core.FactorEnrolled, shown, fresh), c.want, name)
	}
}

func TestACodeAndThoseBeforeItAreSpent(t *testing.T) {
	w := newFactorWorld(t)
	w.account(correct)
	secret := w.enrol()
	held := correct
	for i, c := range []struct {
		shown, sent int // in seconds after noon
		want        core.Code
	}{
		{-30, 0, ""}, // the step before
		{-30, 0, core.WrongFactor},
		{-60, 0, core.WrongFactor},
		{0, 0, ""},
		{0, 0, core.WrongFactor},
		{-30, 0, core.WrongFactor},
		{0, 29, core.WrongFactor},
		{0, 59, core.WrongFactor},
		{30, 59, ""},
		{30, 60, core.WrongFactor},
		{60, 60, ""},
	} {
		w.now = noon.Add(time.Duration(c.sent) * time.Second)
		next := password(i)
		err := w.change(withCode(governs(held), core.FactorEnrolled, appCode(secret, noon.Add(time.Duration(c.shown)*time.Second))), next)
		code(t, err, c.want, i, c)
		if err == nil {
			held = next
			code(t, w.change(withCode(governs(held), core.FactorEnrolled, appCode(secret, noon.Add(time.Duration(c.shown)*time.Second))), "weak"),
				core.WrongFactor, i, "a spent code tells nothing of the policy")
		}
	}
}

func TestARefusalLeavesTheCodeUnspent(t *testing.T) {
	for name, c := range map[string]struct {
		password string
		want     core.Code
	}{"weak": {"weak", core.WeakPassword}, "reused": {correct, core.ReusedPassword}, "malformed": {"\xff", core.Invalid}} {
		w := newFactorWorld(t)
		w.account(correct)
		shown := appCode(w.enrol(), noon)
		code(t, w.attempt(core.FactorEnrolled, shown, c.password), c.want, name)
		code(t, w.change(withCode(governs(wrong), core.FactorEnrolled, shown), fresh), core.WrongPassword, name)
		w.disable(true)
		code(t, w.attempt(core.FactorEnrolled, shown, fresh), core.Disabled, name)
		w.disable(false)
		w.store.before = failing("Apply", core.Unavailable)
		code(t, w.attempt(core.FactorEnrolled, shown, fresh), core.Unavailable, name)
		w.store.before = nil
		code(t, w.attempt(core.FactorEnrolled, shown, fresh), "", name)
	}
}

func TestAFactorBelongsToItsAccount(t *testing.T) {
	w := newFactorWorld(t)
	w.account(correct)
	secret := w.enrol()
	w.create(core.NewAccount{Tenant: acme, Username: "grace"})
	sealed := *w.read(acme, ada).Factor
	grace := w.read(acme, core.Locator{Login: "grace"}).ID
	if err := w.kept.Enrol(t.Context(), acme, grace, sealed, core.Event{ID: "moved", Tenant: acme}); err != nil {
		t.Fatal(err)
	}
	moved := core.Authority{Admin: admin, Account: core.Locator{ID: grace}}
	code(t, w.change(withCode(moved, core.FactorEnrolled, appCode(secret, noon)), fresh), core.Internal, "moved to grace")
	code(t, w.attempt(core.FactorEnrolled, appCode(secret, noon), fresh), "", "ada's own")
}

func TestEnrollingAndRemoving(t *testing.T) {
	w := newFactorWorld(t)
	account := w.account(correct)
	before := w.state()
	first, enrolled, err := w.EnrolFactor(t.Context(), acme, ada, "operator", origin)
	if err != nil {
		t.Fatal(err)
	}
	if text := first.Reveal(); len(text) != 32 || strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		t.Errorf("the secret is no base32 of 160 bits: %q", text)
	}
	if diff := diff(w.read(acme, ada), enrolled); diff != "" {
		t.Errorf("enrolling returns another account (-read +returned):\n%s", diff)
	}
	second := w.enrol()
	if f := w.read(acme, ada).Factor; f == nil || f.Sealed == enrolled.Factor.Sealed || f.LastStep != 0 {
		t.Errorf("got %+v", f)
	}
	code(t, w.attempt(core.FactorEnrolled, appCode(second, noon), fresh), "")
	if told := fmt.Sprintf("%+v", w.state()); strings.Contains(told, first.Reveal()) || strings.Contains(told, string(second)) {
		t.Error("the store knows a secret")
	}
	removed, err := w.RemoveFactor(t.Context(), acme, ada, "operator", origin)
	if err != nil || removed.Factor != nil || w.read(acme, ada).Factor != nil {
		t.Errorf("got %+v, %v", removed.Factor, err)
	}
	_, err = w.RemoveFactor(t.Context(), acme, ada, "operator", origin)
	code(t, err, core.Invalid, "removed twice")

	var got []string
	for _, e := range w.since(before) {
		if e.Account != account.ID || e.Origin != origin {
			t.Errorf("got %+v", e)
		}
		got = append(got, string(e.Action)+" "+e.Actor)
	}
	slices.Sort(got) // all happened in one millisecond
	if want := "[factor.enrolled operator factor.enrolled operator factor.removed operator password.changed idp:root]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEnrollingNeedsAnAccountAndAKey(t *testing.T) {
	w := newFactorWorld(t)
	w.account(correct)
	before := w.state()
	_, _, err := w.EnrolFactor(t.Context(), acme, core.Locator{Login: "nobody"}, "", origin)
	code(t, err, core.NotFound)
	_, err = w.RemoveFactor(t.Context(), acme, core.Locator{Login: "nobody"}, "", origin)
	code(t, err, core.NotFound)
	for _, broken := range []func(){
		func() { w.random.fail = func() error { return core.Internal } },
		func() { w.random.fail, w.factors.before = nil, func(string) error { return core.Unavailable } },
		func() { w.factors.before, w.Sealer = nil, nil },
	} {
		broken()
		if secret, _, err := w.EnrolFactor(t.Context(), acme, ada, "", origin); err == nil || !secret.IsEmpty() {
			t.Errorf("got %q, %v", secret.Reveal(), err)
		}
	}
	w.unchanged(before)
	w.Sealer = w.ring("k1", "k1")
	w.enrol()
	w.Sealer = nil
	if _, err := w.RemoveFactor(t.Context(), acme, ada, "", origin); err != nil {
		t.Errorf("removing needs no key: %v", err)
	}
}

// A key that is gone fails closed, and says so to the operator and nobody else.
func TestAFactorFollowsItsKey(t *testing.T) {
	w := newFactorWorld(t)
	w.account(correct)
	secret := w.enrol()
	shown := appCode(secret, noon)
	for name, sealer := range map[string]core.Sealer{"another key": w.ring("k2", "k2"), "another of its name": nil} {
		w.Sealer = sealer
		before := w.state()
		code(t, w.attempt(core.FactorEnrolled, shown, fresh), core.Internal, name)
		code(t, w.attempt(core.FactorEnrolled, "-", fresh), core.WrongFactor, name)
		code(t, w.attempt(core.FactorOff, shown, "weak"), core.WeakPassword, name)
		w.unchanged(before)
	}
	w.Sealer = w.ring("k2", "k1", "k2")
	code(t, w.attempt(core.FactorEnrolled, shown, fresh), "", "rotated")
	again := w.enrol()
	w.Sealer = w.ring("k2", "k2")
	code(t, w.change(withCode(governs(fresh), core.FactorEnrolled, appCode(again, noon)), password(1)), "", "enrolled anew under the new key")
}

func FuzzOneTimeCode(f *testing.F) {
	w := newFactorWorld(f)
	w.account(correct)
	w.plantFactor([]byte("12345678901234567890"))
	shown, before := appCode([]byte("12345678901234567890"), noon), appCode([]byte("12345678901234567890"), noon.Add(-time.Second))
	for _, seed := range []string{"", shown, before, " " + shown, shown + "\n", "+12345", "-12345", "１２３４５６", "12345678", "0x1234", strings.Repeat("1", 1000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w.t = t
		// A weak password shows that the proof held, and spends nothing.
		want := core.WrongFactor
		if text == shown || text == before {
			want = core.WeakPassword
		}
		code(t, w.attempt(core.FactorRequired, text, "weak"), want, fmt.Sprintf("%q", text))
	})
}
