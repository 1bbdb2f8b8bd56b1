package core_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/core"
)

func TestStrengthIsWhatGuessersNeed(t *testing.T) {
	for _, c := range []struct {
		password  string
		low, high core.Strength
	}{
		{"", 0, 0},
		{"password", 1, 1},
		{"aaaaaaaaaaaaaaaaaaaaaaaa", 0, 0},
		{"abcdefghijklmnopqrstuvwxyz", 0, 0},
		{"9876543210", 0, 0},
		{"ada@acme.example", 0, 0},
		{"ADA@acme.example", 0, 0},
		{"AcmeAcmeAcme", 0, 0},
		{"password1", 1, 1},
		{"password-dragon", 4, 4},
		{"kq7w", 1, 1},
		{"kq7wz!", 1, 2},
		{"correct horse battery staple", 4, 4},
		{"zxk!wq0pmv-41", 4, 4},
	} {
		policy := core.Policy{Words: []string{"acme", ""}}
		if got := policy.Strength(core.NewPassword(c.password), "ada@acme.example", ""); got < c.low || got > c.high {
			t.Errorf("%q: got %d, want %d to %d", c.password, got, c.low, c.high)
		}
	}
}

// Whatever text it is, the estimate ends on the scale, and soon.
func FuzzStrength(f *testing.F) {
	for _, seed := range []string{"", "ß\u1e9eİ\xff\x00", strings.Repeat("ab", 5000), "\U0001f600\U0001f601\U0001f602"} {
		f.Add(seed, "acme")
	}
	f.Fuzz(func(t *testing.T, password, own string) {
		begin := time.Now()
		if got := (core.Policy{}).Strength(core.NewPassword(password), own); got < 0 || got > core.MostStrength {
			t.Errorf("%q: got %d", password, got)
		}
		if took := time.Since(begin); took > time.Second {
			t.Errorf("%d bytes took %s", len(password), took)
		}
	})
}

func BenchmarkStrength(b *testing.B) {
	units := []rune("abcdefghijklmnopqrstuvwxyz0123456789-_ ")
	random := rand.New(rand.NewChaCha8([32]byte{}))
	text := make([]rune, 128)
	for i := range text {
		text[i] = units[random.IntN(len(units))]
	}
	for b.Loop() {
		core.Policy{}.Strength(core.NewPassword(string(text)))
	}
}

func TestWhoRehearsesLearnsWhatAChangeWouldSay(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	token, _, err := w.IssueToken(t.Context(), acme, ada, "test", origin)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := w.store.Events(t.Context(), acme, "", 100)
	for password, want := range map[string]core.Rule{"short": core.TooShort, "ada": core.TooShort, fresh: ""} {
		got, err := w.Rehearse(t.Context(), "", token, core.NewPassword(password))
		if err != nil {
			t.Fatalf("%q: %v", password, err)
		}
		var first core.Rule
		if len(got.Violations) > 0 {
			first = got.Violations[0].Rule
		}
		if first != want {
			t.Errorf("%q: got %v, want %s", password, got.Violations, want)
		}
	}
	own, _ := w.Rehearse(t.Context(), "", token, core.NewPassword("ada.lovelace@acme.example"))
	if !slices.Contains(own.Violations, core.Violation{Rule: core.IsOwnName}) || own.Strength != 0 {
		t.Errorf("the account's own name: got %+v", own)
	}
	if _, err := w.Rehearse(t.Context(), "", token, core.NewPassword("\xff")); core.CodeOf(err) != core.Invalid {
		t.Errorf("text that is no UTF-8: got %v", err)
	}
	if after, _ := w.store.Events(t.Context(), acme, "", 100); len(after) != len(before) {
		t.Errorf("rehearsals leave %d events", len(after)-len(before))
	}
	if _, err := w.Change(t.Context(), core.Change{Proof: core.Possession{Token: token}, New: core.NewPassword(fresh), Origin: origin}); err != nil {
		t.Errorf("the token was spent: %v", err)
	}
	got, err := w.Rehearse(t.Context(), "", token, core.NewPassword("short"))
	if core.CodeOf(err) != core.UsedToken || len(got.Violations) > 0 {
		t.Errorf("with a spent token: got %+v, %v", got, err)
	}
}

func TestADeadTokenTellsWhy(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	token, _, err := w.IssueToken(t.Context(), acme, ada, "test", origin)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.IssueToken(t.Context(), acme, ada, "test", origin); err != nil {
		t.Fatal(err)
	}
	known, account, err := w.InspectToken(t.Context(), "", token)
	if core.CodeOf(err) != core.BadToken || known.SupersededAt.IsZero() || account.ID != "" {
		t.Errorf("a superseded token: got %+v, %+v, %v", known, account, err)
	}
	if known, _, err := w.InspectToken(t.Context(), other, token); core.CodeOf(err) != core.BadToken || known.Tenant != "" {
		t.Errorf("another tenant's: got %+v, %v", known, err)
	}
}
