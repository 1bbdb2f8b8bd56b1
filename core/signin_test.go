package core_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/core"
)

func TestOnlyItsOwnKeyConfirmsASession(t *testing.T) {
	w := attended(t)
	key, _ := w.addKey(0, core.AccountsRead)
	token, _ := w.signIn(key)
	sibling, _, err := w.AddAccessKey(t.Context(), core.NewAccessKey{Tenant: acme, Name: "more", Scopes: core.Scopes()}, "root", origin)
	code(t, err, "")
	stranger, _, err := w.AddAccessKey(t.Context(), core.NewAccessKey{Tenant: other, Name: "crm", Scopes: core.Scopes()}, "root", origin)
	code(t, err, "")
	given := map[string]core.Secret{
		"nothing": {}, "the token": token, "another key": sibling, "another tenant's": stranger, "almost": core.NewSecret(key.Reveal() + " "),
		"a long text": core.NewSecret(strings.Repeat("x", 5000)),
	}
	for name, secret := range given {
		_, _, err := w.Confirm(t.Context(), token, secret, desk)
		code(t, err, core.WrongPassword, name)
		if w.Confirmed(w.resumes(token, "", name)) {
			t.Errorf("%s confirms", name)
		}
	}
	want := append(slices.Repeat([]string{"acme console.confirmed key:crm wrong_password"}, len(given)), "acme console.signed_in key:crm")
	if !slices.Equal(w.told(), want) {
		t.Errorf("got events %q, want %q", w.told(), want)
	}
}

func TestWhoIsRefusedTooOftenWaits(t *testing.T) {
	w := attended(t)
	key, _ := w.addKey(0, core.AccountsRead)
	token, _ := w.signIn(key)
	for n := range 10 {
		var err error
		if want := core.Unauthenticated; n%2 == 0 {
			_, _, err = w.SignIn(t.Context(), core.NewSecret("rekey_wrong"), desk)
			code(t, err, want)
		} else {
			_, _, err = w.Confirm(t.Context(), token, core.NewSecret("rekey_wrong"), desk)
			code(t, err, core.WrongPassword)
		}
	}
	before := len(w.told())
	away := desk
	away.Addr = netip.MustParseAddr("198.51.100.9")
	for name, try := range map[string]func(core.Origin) error{
		"sign in": func(o core.Origin) error { _, _, err := w.SignIn(t.Context(), key, o); return err },
		"confirm": func(o core.Origin) error {
			renewed, _, err := w.Confirm(t.Context(), token, key, o)
			if err == nil {
				token = renewed
			}
			return err
		},
	} {
		err := try(desk)
		code(t, err, core.Throttled, name)
		if wait := core.AsError(err).RetryAfter; wait != 10*time.Second {
			t.Errorf("%s: wait %v, want 10s", name, wait)
		}
		code(t, try(away), "", name, "from elsewhere")
	}
	w.resumes(token, "", "a session goes on")
	if got := len(w.told()); got != before+2 {
		t.Errorf("got %d events, want %d: what is not judged leaves none", got, before+2)
	}
	w.now = w.now.Add(10 * time.Second)
	w.signIn(key)
	for range 20 {
		w.signIn(key) // what succeeds does not count
	}
}

func TestARefusedKeyIsTold(t *testing.T) {
	w := attended(t)
	key, _ := w.addKey(time.Hour, core.AccountsRead)
	for range 2 {
		_, _, err := w.SignIn(t.Context(), core.NewSecret("rekey_wrong"), desk)
		code(t, err, core.Unauthenticated, "nobody's")
		w.now = w.now.Add(time.Hour) // the key has expired
		_, _, err = w.SignIn(t.Context(), key, desk)
		code(t, err, core.Unauthenticated, "expired")
		w.Attempts = nil // and the same where nothing is counted
	}
	want := slices.Repeat([]string{"acme console.signed_in key:crm unauthenticated"}, 2)
	want = append(want, slices.Repeat([]string{"console.signed_in  unauthenticated"}, 2)...)
	if got := w.told(); !slices.Equal(got, want) {
		t.Errorf("got events %q, want %q", got, want)
	}
}

func TestSigningOutIsToldOnce(t *testing.T) {
	w := attended(t)
	key, _ := w.addKey(0, core.AccountsRead)
	token, _ := w.signIn(key)
	for _, token := range []core.Secret{token, token, {}, key} {
		code(t, w.SignOut(t.Context(), token, desk), "")
	}
	if want := []string{"acme console.signed_in key:crm", "acme console.signed_out key:crm"}; !slices.Equal(w.told(), want) {
		t.Errorf("got events %q, want %q", w.told(), want)
	}
}
