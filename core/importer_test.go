package core_test

import (
	"errors"
	"testing"
	"time"

	"rekey/core"
	"rekey/store/memory"
)

// intakeWorld is an importer on a store in memory.
type intakeWorld struct {
	*testing.T
	store *memory.Store
	core.Importer
}

// plainHashes takes any hash but "bad", and history of the salt "salt".
type plainHashes struct{}

func (plainHashes) Canonical(text string) (string, error) {
	if text == "bad" {
		return "", errors.New("is no hash")
	}
	return text, nil
}

func (plainHashes) Remembered(_ string, salt []byte) error {
	if string(salt) != "salt" {
		return errors.New("another salt")
	}
	return nil
}

func newIntake(t *testing.T) *intakeWorld {
	w := newWorld(t)
	s := memory.New()
	parts := w.Parts
	parts.Store = s
	return &intakeWorld{t, s, core.Importer{Service: core.New(parts), Intake: s, Hashes: plainHashes{}}}
}

// take imports records one after another, as files of one, and returns the last
// verdict.
func (w *intakeWorld) take(records ...core.Account) (v core.Verdict) {
	w.Helper()
	for _, r := range records {
		verdicts, err := w.Import(w.Context(), acme, []core.Account{r})
		if err != nil || len(verdicts) != 1 {
			w.Fatalf("Import(%+v) = %v, %v", r, verdicts, err)
		}
		v = verdicts[0]
	}
	return v
}

func (w *intakeWorld) only() core.Account {
	w.Helper()
	all, err := w.store.AccountsWhole(w.Context(), acme, "", 9)
	if err != nil || len(all) != 1 {
		w.Fatalf("there are %d accounts, %v; want 1", len(all), err)
	}
	return all[0]
}

func ids(kind, value string) map[string]string { return map[string]string{kind: value} }

var (
	spring = time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	summer = spring.AddDate(0, 3, 0)
)

// Each case imports its records in turn; the last one's fate is told.
func TestWhatBecomesOfARecordBesideAnAccount(t *testing.T) {
	ada := core.Account{Username: "ada", Email: "ada@x", ExternalIDs: ids("zap", "7"), Verifier: "h1", PasswordChangedAt: spring}
	with := func(alter func(a *core.Account)) core.Account {
		a := ada
		alter(&a)
		return a
	}
	email := core.Account{Email: "ADA@x", ExternalIDs: ids("unleash", "3"), Verifier: "h2", PasswordChangedAt: summer}
	for name, c := range map[string]struct {
		merge   bool
		records []core.Account
		want    core.Intent
		reason  core.Reason
		field   string
		hash    string
	}{
		"the same again":                       {false, []core.Account{ada, ada}, core.Unchanged, "", "", "h1"},
		"the same by its id alone":             {false, []core.Account{ada, {Email: "ada@x", ExternalIDs: ids("zap", "7")}}, core.Unchanged, "", "", "h1"},
		"nothing but a name of it":             {false, []core.Account{ada, {Username: "ADA"}}, core.Unchanged, "", "", "h1"},
		"a later password":                     {false, []core.Account{ada, with(func(a *core.Account) { a.Verifier, a.PasswordChangedAt = "h2", summer })}, core.Merged, "", "", "h2"},
		"an earlier password":                  {false, []core.Account{ada, with(func(a *core.Account) { a.Verifier, a.PasswordChangedAt = "h0", spring.AddDate(-1, 0, 0) })}, core.Kept, core.Newer, "hash", "h1"},
		"a password of unknown age":            {false, []core.Account{ada, with(func(a *core.Account) { a.Verifier, a.PasswordChangedAt = "h2", time.Time{} })}, core.Kept, core.Newer, "hash", "h1"},
		"over a password of unknown age":       {false, []core.Account{with(func(a *core.Account) { a.PasswordChangedAt = time.Time{} }), with(func(a *core.Account) { a.Verifier, a.PasswordChangedAt = "h2", summer })}, core.Kept, core.Newer, "hash", "h1"},
		"the first password":                   {false, []core.Account{{Username: "ada"}, {Username: "ada", Verifier: "h2"}}, core.Merged, "", "", "h2"},
		"another id, one address":              {false, []core.Account{ada, email}, core.Refused, core.TakenName, "login", "h1"},
		"another id, one address, merged":      {true, []core.Account{ada, email}, core.Merged, "", "", "h2"},
		"merged and again":                     {true, []core.Account{ada, email, email}, core.Unchanged, "", "", "h2"},
		"one name only, though merged":         {true, []core.Account{ada, {Username: "ada", Email: "other@x"}}, core.Refused, core.TakenName, "login", "h1"},
		"an address that is a name, not taken": {true, []core.Account{{Username: "ada@x"}, {Email: "ada@x", ExternalIDs: ids("zap", "7")}}, core.Refused, core.TakenName, "login", ""},
		"another name":                         {true, []core.Account{ada, {Username: "ada2", Email: "ada@x"}}, core.Refused, core.Differs, "username", "h1"},
		"another address":                      {true, []core.Account{ada, {Email: "ada2@x", ExternalIDs: ids("zap", "7")}}, core.Refused, core.Differs, "email", "h1"},
		"another id of a dialect":              {true, []core.Account{ada, {Email: "ada@x", ExternalIDs: ids("zap", "8")}}, core.Refused, core.Differs, "zap", "h1"},
		"an own id of another":                 {true, []core.Account{ada, {ID: "mine", Email: "ada@x"}}, core.Refused, core.Differs, "id", "h1"},
		"a factor of another":                  {false, []core.Account{{ID: "mine", Username: "ada"}, {ID: "mine", Username: "ada", Factor: &core.Enrolment{Sealed: "s"}}}, core.Kept, core.Enrolled, "factor", ""},
		"a username that is the address":       {true, []core.Account{ada, {Username: "ada@x", Email: "ada@x"}}, core.Unchanged, "", "", "h1"},
		"a bad hash":                           {false, []core.Account{ada, with(func(a *core.Account) { a.Verifier = "bad" })}, core.Refused, core.UnusableHash, "hash", "h1"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newIntake(t)
			w.MergeByEmail = c.merge
			v := w.take(c.records...)
			if v.Fate != c.want || v.Refusal.Reason != c.reason || v.Refusal.Field != c.field {
				t.Errorf("got %+v, want %s, %s of %q", v, c.want, c.reason, c.field)
			}
			if got := w.only().Verifier; got != c.hash {
				t.Errorf("the account has the hash %q, want %q", got, c.hash)
			}
		})
	}
}

func TestAMergeAddsWhatTheAccountLacks(t *testing.T) {
	w := newIntake(t)
	w.MergeByEmail = true
	v := w.take(
		core.Account{Email: "ada@x", ExternalIDs: ids("zap", "7"), Attributes: map[string]string{"a.b": "1"}, CreatedAt: spring},
		core.Account{
			Username: "ada", Email: "Ada@X", Name: "Ada", ExternalIDs: ids("unleash", "3"), Disabled: true,
			Attributes: map[string]string{"a.b": "2", "c.d": "3"}, Verifier: "h", PasswordChangedAt: summer, CreatedAt: summer,
		},
	)
	a := w.only()
	if v.Fate != core.Merged || a.ID != v.Account || a.Username != "ada" || a.Email != "ada@x" || a.Name != "Ada" || !a.Disabled ||
		a.ExternalIDs["zap"] != "7" || a.ExternalIDs["unleash"] != "3" || a.Attributes["a.b"] != "1" || a.Attributes["c.d"] != "3" ||
		a.Verifier != "h" || !a.PasswordChangedAt.Equal(summer) || !a.CreatedAt.Equal(spring) || a.Revision != 2 {
		t.Errorf("got %+v, %+v", v, a)
	}
	if !a.TokensValidAfter.Equal(noon) { // it was disabled now
		t.Errorf("sessions are valid after %v, want %v", a.TokensValidAfter, noon)
	}
	events, err := w.store.Events(t.Context(), acme, "", 9)
	if err != nil || len(events) != 2 || events[0].Action != core.AccountImported || events[1].Account != a.ID {
		t.Errorf("events: %+v, %v; want one for each write", events, err)
	}
}

func TestDisabledInEitherIsDisabled(t *testing.T) {
	for _, first := range []bool{false, true} {
		w := newIntake(t)
		w.take(core.Account{Username: "ada", Disabled: first}, core.Account{Username: "ada", Disabled: !first})
		if !w.only().Disabled {
			t.Errorf("first %v, then %v: it is enabled", first, !first)
		}
	}
}

func TestARecordWithTheNamesOfTwoAccountsIsRefused(t *testing.T) {
	w := newIntake(t)
	w.MergeByEmail = true
	w.take(core.Account{Email: "ada@x"}, core.Account{Username: "eve", ExternalIDs: ids("zap", "7")})
	v := w.take(core.Account{Email: "ada@x", ExternalIDs: ids("zap", "7")})
	if v.Fate != core.Refused || v.Refusal.Reason != core.Ambiguous || v.Refusal.Other == "" {
		t.Errorf("got %+v, want ambiguous", v)
	}
}

func TestANewerPasswordEndsWhatTheOlderLetLive(t *testing.T) {
	w := newIntake(t)
	w.take(core.Account{Username: "ada", Verifier: "h1", PasswordChangedAt: spring})
	a := w.only()
	token, _, err := w.Service.IssueToken(t.Context(), acme, core.Locator{ID: a.ID}, "ops", core.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	w.take(core.Account{Username: "ada", Verifier: "h2", PasswordChangedAt: summer})
	kept, err := w.store.Token(t.Context(), token.Digest())
	if err != nil || kept.SupersededAt.IsZero() {
		t.Errorf("the token lives: %+v, %v", kept, err)
	}
	if a = w.only(); !a.TokensValidAfter.Equal(summer) {
		t.Errorf("sessions are valid after %v, want %v", a.TokensValidAfter, summer)
	}
}
