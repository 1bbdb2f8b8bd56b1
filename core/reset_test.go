package core_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"rekey/core"
)

func TestAResetTokenWorksOnce(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	token := w.token()
	code(t, w.change(core.Possession{Token: token}, fresh), "")
	if !w.has(fresh) {
		t.Fatal("the password is not changed")
	}
	for _, password := range []string{fresh, "another new passphrase", "weak"} {
		code(t, w.change(core.Possession{Token: token}, password), core.UsedToken, password)
	}
	w.now = w.now.Add(100 * 24 * time.Hour)
	code(t, w.change(core.Possession{Token: token}, fresh), core.UsedToken, "long after")
}

func TestATokenDiesAtTheInstantItExpires(t *testing.T) {
	for after, want := range map[time.Duration]core.Code{
		0: "", 24*time.Hour - 1: "", 24 * time.Hour: core.BadToken, 24*time.Hour + 1: core.BadToken, 1000 * time.Hour: core.BadToken,
	} {
		w := newWorld(t)
		w.account(correct)
		token := w.token()
		w.now = w.now.Add(after)
		_, _, err := w.InspectToken(t.Context(), "", token)
		code(t, err, want, "inspect after", after)
		code(t, w.change(core.Possession{Token: token}, fresh), want, "change after", after)
		if w.has(fresh) != (want == "") {
			t.Errorf("after %v the password is changed: %v", after, w.has(fresh))
		}
	}
}

func TestWhatEndsATokensLife(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*world)
		want core.Code
	}{
		"nothing":                 {func(*world) {}, ""},
		"a newer token":           {func(w *world) { w.token() }, core.BadToken},
		"a change by knowledge":   {func(w *world) { w.must0(w.change(knows(correct), password(1))) }, core.BadToken},
		"a change by authority":   {func(w *world) { w.must0(w.change(governs(correct), password(1))) }, core.BadToken},
		"a change by a new token": {func(w *world) { w.must0(w.change(core.Possession{Token: w.token()}, password(1))) }, core.BadToken},
		"revocation": {func(w *world) {
			if n, err := w.RevokeTokens(w.t.Context(), acme, ada, "operator", origin); n != 1 || err != nil {
				w.t.Errorf("revoked %d, %v", n, err)
			}
		}, core.BadToken},
		"disabling": {func(w *world) { w.disable(true); w.disable(false) }, core.BadToken},
		"enabling":  {func(w *world) { w.disable(false) }, ""},
		"an external id": {func(w *world) {
			if _, err := w.SetExternalID(w.t.Context(), acme, ada, core.Key{Kind: "zap", Value: "9"}, "", origin); err != nil {
				w.t.Error(err)
			}
		}, ""},
		"a token of somebody else": {func(w *world) {
			w.create(core.NewAccount{Tenant: acme, Username: "grace"})
			if _, _, err := w.IssueToken(w.t.Context(), acme, core.Locator{Login: "grace"}, "", origin); err != nil {
				w.t.Error(err)
			}
		}, ""},
	} {
		w := newWorld(t)
		w.account(correct)
		token := w.token()
		c.end(w)
		code(t, w.change(core.Possession{Token: token}, fresh), c.want, name)
	}
}

func (w *world) must0(err error) {
	w.t.Helper()
	w.must(core.Receipt{}, err)
}

func TestARefusalLeavesTheTokenAlive(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	token := w.token()
	ask := func(tenant core.TenantID, password string) error {
		_, err := w.Change(t.Context(), core.Change{Tenant: tenant, Proof: core.Possession{Token: token}, New: core.NewPassword(password)})
		return err
	}
	before := w.state()
	code(t, ask("", "weak"), core.WeakPassword)
	code(t, ask("", correct), core.ReusedPassword)
	code(t, ask("", "\xff"), core.Invalid)
	code(t, ask(other, fresh), core.BadToken)
	w.store.before = failing("Apply", core.Unavailable)
	code(t, ask("", fresh), core.Unavailable)
	w.store.before = failing("Apply", core.Conflict)
	code(t, ask("", fresh), core.Conflict)
	w.store.before = nil
	w.unchanged(before)
	code(t, ask("", fresh), "", "the token chooses the tenant")
}

func TestWhatIsNoTokenIsABadOne(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	token := w.token().Reveal()
	digest := core.NewToken(token).Digest()
	for name, c := range map[string]struct {
		text   string
		lookup int
	}{
		"empty": {"", 0}, "too long": {strings.Repeat("a", 1025), 0}, "huge": {strings.Repeat("a", 1<<20), 0}, "unknown": {"a", 1},
		"in another case": {swapCase(token), 1}, "cut": {token[:42], 1}, "padded": {token + "=", 1}, "spaced": {token + " ", 1},
		"NUL": {token + "\x00", 1}, "its own digest": {string(digest[:]), 1}, "longest": {strings.Repeat("a", 1024), 1},
	} {
		lookups := 0
		w.store.before = count(&lookups, "Token")
		code(t, w.change(core.Possession{Token: core.NewToken(c.text)}, fresh), core.BadToken, name)
		if lookups != c.lookup {
			t.Errorf("%s: looked up %d times, want %d", name, lookups, c.lookup)
		}
	}
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune { return pick(r >= 'a', r&^32, pick(r >= 'A', r|32, r)) }, s)
}

func TestAnIssuedTokenIsUnguessableAndURLSafe(t *testing.T) {
	w := newWorld(t)
	account := w.account(correct)
	seen := map[string]bool{}
	format := regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	for range 100 {
		token, known, err := w.IssueToken(t.Context(), acme, core.Locator{Email: account.Email}, "operator", origin)
		if err != nil {
			t.Fatal(err)
		}
		if text := token.Reveal(); !format.MatchString(text) || seen[text] {
			t.Fatalf("token %q is malformed or not new", text)
		}
		seen[token.Reveal()] = true
		want := core.ResetToken{
			Digest: token.Digest(), Tenant: acme, Account: account.ID, IssuedBy: "operator", IssuedAt: noon, ExpiresAt: noon.Add(24 * time.Hour),
		}
		if diff := diff(want, known); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
	live := 0
	for _, known := range w.state().Tokens {
		if known.SupersededAt.IsZero() {
			live++
		}
	}
	if live != 1 {
		t.Errorf("%d tokens are live, want the newest only", live)
	}
}

func TestIssuingNeedsAnAccountInGoodStanding(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	_, _, err := w.IssueToken(t.Context(), acme, core.Locator{Login: "nobody"}, "", origin)
	code(t, err, core.NotFound)
	_, _, err = w.IssueToken(t.Context(), acme, core.Locator{}, "", origin)
	code(t, err, core.NotFound)
	w.disable(true)
	before := w.state()
	token, _, err := w.IssueToken(t.Context(), acme, ada, "", origin)
	code(t, err, core.Disabled)
	if !token.IsEmpty() {
		t.Error("a refusal returned a token")
	}
	w.unchanged(before)
}

func TestInspectingSpendsNothing(t *testing.T) {
	w := newWorld(t)
	account := w.account(correct)
	token := w.token()
	before := w.state()
	for range 3 {
		known, of, err := w.InspectToken(t.Context(), "", token)
		if err != nil || of.ID != account.ID || known.Digest != token.Digest() {
			t.Fatalf("got %+v of %s, %v", known, of.ID, err)
		}
	}
	if diff := diff(before, w.state()); diff != "" {
		t.Errorf("inspecting changed the store:\n%s", diff)
	}
	const told, nothing = true, false
	inspect := func(want bool) error {
		known, of, err := w.InspectToken(t.Context(), "", token)
		if err == nil || (known.Digest == token.Digest()) != want || of.ID != "" {
			t.Errorf("with %v it told of %+v, %+v; want of the token: %v", err, known, of, want)
		}
		return err
	}
	code(t, w.change(core.Possession{Token: token}, fresh), "")
	code(t, inspect(told), core.UsedToken)
	token = w.token()
	w.disable(true)
	code(t, inspect(told), core.BadToken)
	token = w.plant(core.ResetToken{})
	code(t, inspect(nothing), core.Disabled)
	token = core.NewToken("unknown")
	code(t, inspect(nothing), core.BadToken)
}

func TestRevokingCountsLiveTokens(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	for i, want := range []int{0, 1, 0} {
		if i == 1 {
			w.token()
			w.token()
		}
		if n, err := w.RevokeTokens(t.Context(), acme, ada, "operator", origin); n != want || err != nil {
			t.Errorf("revoked %d, %v, want %d", n, err, want)
		}
	}
	_, err := w.RevokeTokens(t.Context(), acme, core.Locator{Login: "nobody"}, "operator", origin)
	code(t, err, core.NotFound)
}
