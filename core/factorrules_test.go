package core_test

import (
	"context"
	"strings"
	"testing"

	"rekey/core"
)

// What each rule makes of each code, for an account with an app and for one
// without. The new password is weak: to be told so takes all proofs, and a
// code that is asked for is not spent.
func TestRulesSayWhenACodeIsAskedFor(t *testing.T) {
	const held, wrong = core.WeakPassword, core.WrongFactor
	type rules struct{ off, enrolled, required core.Code }
	for name, c := range map[string]struct {
		code              func(app []byte, mailed string) string
		enrolled, without rules
	}{
		"none":            {func([]byte, string) string { return "-" }, rules{held, wrong, wrong}, rules{held, held, wrong}},
		"empty":           {func([]byte, string) string { return "" }, rules{held, wrong, wrong}, rules{held, held, wrong}},
		"the app's":       {func(app []byte, _ string) string { return appCode(app, noon) }, rules{held, held, held}, rules{held, held, wrong}},
		"the mailed one":  {func(_ []byte, mailed string) string { return mailed }, rules{held, held, held}, rules{held, held, held}},
		"not the app's":   {func(app []byte, _ string) string { return wrongCode(appCode(app, noon)) }, rules{held, wrong, wrong}, rules{held, held, wrong}},
		"not the mailed":  {func(_ []byte, mailed string) string { return wrongCode(mailed) }, rules{held, wrong, wrong}, rules{held, held, wrong}},
		"half the mailed": {func(_ []byte, mailed string) string { return mailed[:6] }, rules{held, wrong, wrong}, rules{held, held, wrong}},
		"both":            {func(app []byte, m string) string { return appCode(app, noon) + m }, rules{held, wrong, wrong}, rules{held, held, wrong}},
		"no digits":       {func([]byte, string) string { return "abcdef" }, rules{held, wrong, wrong}, rules{held, held, wrong}},
	} {
		for _, enrolled := range []bool{true, false} {
			w := newFactorWorld(t)
			w.account(correct)
			app := w.enrol()
			if !enrolled {
				if _, err := w.RemoveFactor(t.Context(), acme, ada, "", origin); err != nil {
					t.Fatal(err)
				}
			}
			sent, want := c.code(app, w.mailed(ada)), pick(enrolled, c.enrolled, c.without)
			for rule, want := range map[core.FactorRule]core.Code{
				"": held, core.FactorOff: want.off, core.FactorEnrolled: want.enrolled, core.FactorRequired: want.required,
			} {
				code(t, w.attempt(rule, sent, "weak"), want, name, rule, enrolled)
			}
		}
	}
}

func TestWithoutKeysOnlyRequiredAsksForACode(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	for rule, want := range map[core.FactorRule]core.Code{
		core.FactorOff: core.WeakPassword, core.FactorEnrolled: core.WeakPassword, core.FactorRequired: core.WrongFactor,
	} {
		for _, sent := range []string{"-", "123456", "12345678"} {
			code(t, w.change(withCode(governs(correct), rule, sent), "weak"), want, rule, sent)
		}
	}
	code(t, w.RequestCode(t.Context(), acme, ada, "", core.MailLimits{}, origin), core.Unavailable)
	_, _, err := w.IssueCode(t.Context(), core.Message{Tenant: acme, Account: w.read(acme, ada).ID})
	code(t, err, core.Unavailable)
}

// A wrong password, a wrong code and no such account differ in no call but
// what the database finds.
func TestAWrongCodeCostsWhatAWrongPasswordCosts(t *testing.T) {
	nobody := governs(correct)
	nobody.Account = core.Locator{Login: "nobody"}
	for _, rule := range []core.FactorRule{core.FactorEnrolled, core.FactorRequired} {
		for _, sent := range []string{"-", "123456", "12345678", "123"} {
			var want string
			for name, proof := range map[string]core.Authority{"password": governs(wrong), "code": governs(correct), "account": nobody} {
				w := newFactorWorld(t)
				w.account(correct)
				w.enrol()
				w.mailed(ada)
				var calls []string
				w.store.before = func(_ context.Context, verb string) error { calls = append(calls, verb); return nil }
				w.hasher.before = func(context.Context) error { calls = append(calls, "derive"); return nil }
				w.factors.before = func(verb string) error { calls = append(calls, verb); return nil }
				if err := w.change(withCode(proof, rule, sent), fresh); err == nil {
					t.Errorf("%s, %q: it succeeded", name, sent)
				}
				got := strings.Join(calls, " ")
				if want == "" {
					want = got
				}
				if got != want || !strings.Contains(got, "derive") || strings.Contains(got, "TryCode") != (len(sent) == 8) {
					t.Errorf("%s, %q: got %s, want %s", name, sent, got, want)
				}
			}
		}
	}
}

func TestABrokenFactorIsNotAWrongOne(t *testing.T) {
	w := newFactorWorld(t)
	w.account(correct)
	sent := w.mailed(ada)
	before := w.state()
	for _, cause := range []core.Code{core.Unavailable, core.Internal} {
		w.factors.before = func(string) error { return cause }
		code(t, w.attempt(core.FactorRequired, sent, fresh), cause, "right password")
		code(t, w.change(withCode(governs(wrong), core.FactorRequired, sent), fresh), cause, "wrong password")
	}
	if diff := diff(before, w.state()); diff != "" {
		t.Errorf("something was stored:\n%s", diff)
	}
}
