package core_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/core"
	"rekey/core/seal"
	"rekey/store/memory"
)

var desk = core.Origin{Dialect: "console", Addr: netip.MustParseAddr("192.0.2.7"), RequestID: "r1"}

// attended returns a world that keeps access keys and sessions and counts failures.
func attended(t tb) *world {
	w := keyed(t)
	kept := w.store.Store.(*memory.Store)
	w.Sessions, w.Attempts = kept, kept
	w.SessionLimits = core.SessionLimits{Idle: 15 * time.Minute, Lifetime: 4 * time.Hour, Confirmed: 5 * time.Minute}
	w.SealUnder = func(secret core.Secret, purpose string) (core.Sealer, error) {
		return seal.Under(secret, purpose, w.random)
	}
	return w
}

// signIn starts a session of a key.
func (w *world) signIn(key core.Secret) (core.Secret, core.Session) {
	w.t.Helper()
	token, x, err := w.SignIn(w.t.Context(), key, desk)
	if err != nil {
		w.t.Fatal(err)
	}
	return token, x
}

// resumes wants the token's session to be there, or not.
func (w *world) resumes(token core.Secret, want core.Code, about string) core.Session {
	w.t.Helper()
	_, x, err := w.Resume(w.t.Context(), token)
	code(w.t, err, want, about)
	return x
}

// told returns the events about sessions, sorted: those of one moment have no order.
func (w *world) told() (told []string) {
	for _, e := range w.state().Events {
		if strings.HasPrefix(string(e.Action), "console.") {
			told = append(told, strings.TrimSpace(fmt.Sprint(e.Tenant, " ", e.Action, " ", e.Actor, " ", e.Outcome)))
		}
	}
	slices.Sort(told)
	return told
}

func TestASessionStandsForItsAccessKey(t *testing.T) {
	w := attended(t)
	key, k := w.addKey(0, core.AccountsRead)
	token, started := w.signIn(key)
	if want := (core.Session{
		Digest: core.Token{Secret: token}.Digest(), Tenant: acme, Key: "crm", KeyDigest: k.Digest, Sealed: started.Sealed,
		StartedAt: noon, SeenAt: noon, ExpiresAt: noon.Add(4 * time.Hour),
	}); started != want {
		t.Errorf("got %+v, want %+v", started, want)
	}
	if len(token.Reveal()) != 43 || started.Sealed == "" || strings.Contains(started.Sealed, key.Reveal()) {
		t.Errorf("the token has %d characters, and the key is sealed as %q", len(token.Reveal()), started.Sealed)
	}
	got, x, err := w.Resume(t.Context(), token)
	if code(t, err, ""); got.Reveal() != key.Reveal() || x != started {
		t.Errorf("got %+v, or another key, want %+v", x, started)
	}
	if want := []string{"acme console.signed_in key:crm"}; !slices.Equal(w.told(), want) {
		t.Errorf("got events %q, want %q", w.told(), want)
	}
}

// The life of a session, each step a second after the one before unless it says
// when. Every case begins with a session that is new.
func TestASessionLivesAndEnds(t *testing.T) {
	type life struct {
		*world
		key, token core.Secret
	}
	at := func(l life, d time.Duration) { l.now = noon.Add(d) }
	use := func(l life) { l.resumes(l.token, "", "used") }
	confirm := func(l life, d time.Duration) core.Secret {
		at(l, d)
		token, _, err := l.Confirm(t.Context(), l.token, l.key, desk)
		code(t, err, "", "confirm")
		return token
	}
	for name, c := range map[string]struct {
		before    func(l life) core.Secret
		want      core.Code
		confirmed bool
	}{
		"fresh":                       {func(l life) core.Secret { return l.token }, "", false},
		"not used for almost as long": {func(l life) core.Secret { at(l, 15*time.Minute-time.Microsecond); return l.token }, "", false},
		"idle":                        {func(l life) core.Secret { at(l, 15*time.Minute); return l.token }, core.Unauthenticated, false},
		"used meanwhile": {func(l life) core.Secret {
			at(l, 14*time.Minute)
			use(l)
			at(l, 28*time.Minute)
			return l.token
		}, "", false},
		"only watched meanwhile": {func(l life) core.Secret {
			at(l, 14*time.Minute)
			if key, _, err := l.Watch(t.Context(), l.token); err != nil || key.Reveal() != l.key.Reveal() {
				t.Errorf("watching: got %v", err)
			}
			at(l, 15*time.Minute)
			if _, _, err := l.Watch(t.Context(), l.token); core.CodeOf(err) != core.Unauthenticated {
				t.Errorf("watching what is over: got %v", err)
			}
			return l.token
		}, core.Unauthenticated, false},
		"idle again": {func(l life) core.Secret {
			at(l, 14*time.Minute)
			use(l)
			at(l, 29*time.Minute)
			return l.token
		}, core.Unauthenticated, false},
		"idle does not come back": {func(l life) core.Secret {
			at(l, 15*time.Minute)
			l.resumes(l.token, core.Unauthenticated, "idle")
			at(l, 16*time.Minute)
			return l.token
		}, core.Unauthenticated, false},
		"over, however much it was used": {func(l life) core.Secret {
			for d := time.Duration(0); d < 4*time.Hour; d += 10 * time.Minute {
				at(l, d)
				use(l)
			}
			at(l, 4*time.Hour)
			return l.token
		}, core.Unauthenticated, false},
		"confirmed": {func(l life) core.Secret { return confirm(l, time.Minute) }, "", true},
		"confirmed, and a moment before it ends": {func(l life) core.Secret {
			token := confirm(l, time.Minute)
			at(l, 6*time.Minute-time.Microsecond)
			return token
		}, "", true},
		"confirmed long ago": {func(l life) core.Secret {
			token := confirm(l, time.Minute)
			at(l, 6*time.Minute)
			return token
		}, "", false},
		"a token from before it was confirmed": {func(l life) core.Secret { confirm(l, time.Minute); return l.token }, core.Unauthenticated, false},
		"over, though confirmed": {func(l life) core.Secret {
			for d := 10 * time.Minute; d < 4*time.Hour; d += 10 * time.Minute {
				l.token = confirm(l, d)
			}
			at(l, 4*time.Hour)
			return l.token
		}, core.Unauthenticated, false},
		"signed out": {func(l life) core.Secret {
			code(t, l.SignOut(t.Context(), l.token, desk), "")
			return l.token
		}, core.Unauthenticated, false},
		"signed out while confirmed": {func(l life) core.Secret {
			token := confirm(l, time.Minute)
			code(t, l.SignOut(t.Context(), token, desk), "")
			return token
		}, core.Unauthenticated, false},
		"another session signed out": {func(l life) core.Secret {
			other, _ := l.signIn(l.key)
			code(t, l.SignOut(t.Context(), other, desk), "")
			return l.token
		}, "", false},
		"its key revoked": {func(l life) core.Secret {
			code(t, l.RevokeAccessKey(t.Context(), acme, "crm", "root", origin), "")
			return l.token
		}, core.Unauthenticated, false},
		"its key expired":           {func(l life) core.Secret { at(l, 14*time.Minute); use(l); at(l, 20*time.Minute); return l.token }, core.Unauthenticated, false},
		"limits that became narrow": {func(l life) core.Secret { l.SessionLimits.Lifetime = time.Second; at(l, time.Second); return l.token }, core.Unauthenticated, false},
		"limits that became wide": {func(l life) core.Secret {
			l.SessionLimits = core.SessionLimits{Idle: 99 * time.Hour, Lifetime: 99 * time.Hour}
			at(l, 4*time.Hour)
			return l.token
		}, core.Unauthenticated, false},
		"no token":          {func(life) core.Secret { return core.Secret{} }, core.Unauthenticated, false},
		"the key itself":    {func(l life) core.Secret { return l.key }, core.Unauthenticated, false},
		"a long text":       {func(life) core.Secret { return core.NewSecret(strings.Repeat("x", 5000)) }, core.Unauthenticated, false},
		"almost the token":  {func(l life) core.Secret { return core.NewSecret(l.token.Reveal()[1:]) }, core.Unauthenticated, false},
		"more than a token": {func(l life) core.Secret { return core.NewSecret(l.token.Reveal() + "x") }, core.Unauthenticated, false},
	} {
		w := attended(t)
		lifetime := time.Duration(0)
		if name == "its key expired" {
			lifetime = 20 * time.Minute
		}
		key, _ := w.addKey(lifetime, core.AccountsRead)
		token, _ := w.signIn(key)
		given := c.before(life{w, key, token})
		x := w.resumes(given, c.want, name)
		if got := w.Confirmed(x); got != c.confirmed {
			t.Errorf("%s: confirmed is %v, want %v", name, got, c.confirmed)
		}
		if _, _, err := w.Confirm(t.Context(), given, key, desk); (err == nil) != (c.want == "") {
			t.Errorf("%s: confirmed with %v", name, err)
		}
	}
}
