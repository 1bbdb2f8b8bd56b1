package core_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

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

// scripted is randomness that begins with what a test says.
type scripted struct {
	first io.Reader
	rest  io.Reader
}

func (s scripted) Read(p []byte) (int, error) {
	if n, err := io.ReadFull(s.first, p); err == nil {
		return n, nil
	}
	return s.rest.Read(p)
}

func TestACodeHasEightDigitsAllEquallyLikely(t *testing.T) {
	w := newFactorWorld(t)
	w.account(correct)
	format := regexp.MustCompile(`^[0-9]{8}$`)
	seen := map[string]bool{}
	for range 200 {
		sent := w.mailed(ada)
		if !format.MatchString(sent) || seen[sent] {
			t.Fatalf("got %q", sent)
		}
		seen[sent] = true
	}
	// 2^64 is 184467440737 times 10^8 and some: what lies above is thrown again.
	whole := uint64(184467440737) * 100_000_000
	for thrown, want := range map[uint64]string{0: "00000000", 7: "00000007", whole - 1: "99999999", whole: "00000042", 1<<64 - 1: "00000042"} {
		script := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, thrown), 42)
		w.Random = scripted{bytes.NewReader(script), w.random}
		if got := w.mailed(ada); got != want {
			t.Errorf("%d: got %s, want %s", thrown, got, want)
		}
	}
}

func TestACodeIsStoredAsADigestOnly(t *testing.T) {
	w := newFactorWorld(t)
	account := w.account(correct)
	before := w.state()
	sent := w.mailed(ada)
	stored := w.stored(account.ID)
	if told := fmt.Sprintf("%+v %+v", stored, w.state()); strings.Contains(told, sent) || stored.Purpose != "password_change" || stored.Tenant != acme {
		t.Errorf("the store knows %s", told)
	}
	events := w.since(before)
	if len(events) != 1 || events[0].Action != core.CodeIssued || events[0].Account != account.ID {
		t.Errorf("got events %+v", events)
	}
	w.disable(true)
	_, _, err := w.IssueCode(t.Context(), core.Message{Tenant: acme, Account: account.ID})
	code(t, err, core.Disabled)
	for _, m := range []core.Message{{Tenant: other, Account: account.ID}, {Tenant: acme}, {Tenant: acme, Account: "x"}} {
		_, _, err = w.IssueCode(t.Context(), m)
		code(t, err, core.NotFound)
	}
}

func TestRequestingACodeTellsNothing(t *testing.T) {
	from := core.Origin{Dialect: "zap", Addr: netip.MustParseAddr("192.0.2.1"), RequestID: "r7"}
	byID := func(id string) core.Locator {
		return core.Locator{External: core.Key{Kind: "zap", Value: id}, Email: "ada.lovelace@acme.example"}
	}
	for name, c := range map[string]struct {
		locator core.Locator
		topic   core.Topic
		disable bool
	}{
		"by address":          {core.Locator{Email: "Ada.Lovelace@acme.example"}, core.MailOneTimeCode, false},
		"by id and address":   {byID("zap-number-7"), core.MailOneTimeCode, false},
		"another id":          {byID("zap-number-8"), core.Void, false},
		"an unknown address":  {core.Locator{Email: "nobody@acme.example"}, core.Void, false},
		"a disabled account":  {core.Locator{Email: "ada.lovelace@acme.example"}, core.Void, true},
		"nothing":             {core.Locator{}, core.Void, false},
		"a username it's not": {core.Locator{Email: "ada"}, core.Void, false},
	} {
		w := newFactorWorld(t)
		account := w.account(correct)
		if c.disable {
			w.disable(true)
		}
		before := w.state()
		code(t, w.RequestCode(t.Context(), acme, c.locator, "idp:root", core.MailLimits{}, from), "", name)
		events := w.since(before)
		messages, err := w.kept.Claim(t.Context(), noon, noon.Add(time.Minute), 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) != 1 || len(messages) != 1 {
			t.Fatalf("%s: got events %+v, messages %+v", name, events, messages)
		}
		id := pick(c.topic == core.Void, "", account.ID)
		if e := events[0]; e.Action != core.CodeRequested || e.Actor != "idp:root" || e.Account != id || e.Origin != from {
			t.Errorf("%s: got event %+v", name, e)
		}
		if m := messages[0]; m.Topic != c.topic || m.Account != id || m.Tenant != acme {
			t.Errorf("%s: got message %+v", name, m)
		}
	}
}

func TestRequestingCodesIsLimited(t *testing.T) {
	w := newFactorWorld(t)
	w.account(correct)
	limits := core.MailLimits{PerAddress: core.Limit{Every: time.Minute, Burst: 1}}
	ask := func(email string) error {
		return w.RequestCode(t.Context(), acme, core.Locator{Email: email}, "", limits, origin)
	}
	for _, email := range []string{"ada.lovelace@acme.example", "nobody@acme.example"} {
		code(t, ask(email), "", email)
		err := ask(strings.ToUpper(email))
		code(t, err, core.Throttled, email)
		if e := core.AsError(err); e == nil || e.RetryAfter <= 0 {
			t.Errorf("%s: got %v, want a time to wait", email, err)
		}
	}
	for name, missing := range map[string]func(*core.Parts){
		"outbox":   func(p *core.Parts) { p.Outbox = nil },
		"throttle": func(p *core.Parts) { p.Throttle = nil },
		"factors":  func(p *core.Parts) { p.Factors = nil },
		"sealer":   func(p *core.Parts) { p.Sealer = nil },
	} {
		parts := w.Parts
		missing(&parts)
		code(t, core.New(parts).RequestCode(t.Context(), acme, core.Locator{Email: "x@y"}, "", core.MailLimits{}, origin), core.Unavailable, name)
	}
}
