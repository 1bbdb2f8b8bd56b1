package core_test

import (
	"context"
	"crypto/rand"
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

func TestATokenIsNeverTheSame(t *testing.T) {
	w := attended(t)
	key, _ := w.addKey(0, core.AccountsRead)
	seen := map[string]bool{}
	first, _ := w.signIn(key)
	second, _ := w.signIn(key)
	third, _, err := w.Confirm(t.Context(), first, key, desk)
	code(t, err, "")
	for _, token := range []core.Secret{first, second, third} {
		seen[token.Reveal()] = true
	}
	if len(seen) != 3 {
		t.Errorf("got %d tokens, want 3", len(seen))
	}
	w.resumes(second, "", "the other session")
	w.resumes(third, "", "the session that was confirmed")
}

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

// A write for every request would cost more than most requests do.
func TestTheUseOfASessionIsNotedRoughly(t *testing.T) {
	w := attended(t)
	key, _ := w.addKey(0, core.AccountsRead)
	token, x := w.signIn(key)
	for _, step := range []struct{ at, seen time.Duration }{
		{time.Minute - 1000, 0}, {time.Minute, time.Minute}, {119 * time.Second, time.Minute}, {10 * time.Minute, 10 * time.Minute},
	} {
		w.now = noon.Add(step.at)
		told := w.resumes(token, "", "used")
		kept, _, err := w.Sessions.Session(t.Context(), x.Digest)
		if code(t, err, ""); told.SeenAt != kept.SeenAt || kept.SeenAt.Sub(noon) != step.seen {
			t.Errorf("used at %v: told %v, kept %v, want %v", step.at, told.SeenAt, kept.SeenAt, step.seen)
		}
	}
	w.SessionLimits.Idle = time.Minute
	w.now = w.now.Add(4 * time.Second)
	if seen := w.resumes(token, "", "used").SeenAt; seen != w.now {
		t.Errorf("where sessions idle for a minute only: noted %v, want %v", seen, w.now)
	}
}

func TestWhatIsTooLongIsNotLookedUp(t *testing.T) {
	w := attended(t)
	w.Sessions = nil
	for _, token := range []core.Secret{{}, core.NewSecret(strings.Repeat("x", 1025))} {
		w.resumes(token, core.Unauthenticated, "")
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

// What the database holds is of use to nobody but the browser.
func TestASessionOpensOnlyWithItsToken(t *testing.T) {
	w := attended(t)
	key, _ := w.addKey(0, core.AccountsRead)
	token, x := w.signIn(key)
	_, y := w.signIn(key)
	kept := w.Sessions
	for name, c := range map[string]struct {
		change func(x *core.Session)
		want   core.Code
	}{
		"as it is":             {func(*core.Session) {}, ""},
		"another's key":        {func(x *core.Session) { x.Sealed = y.Sealed }, core.Internal},
		"another key's digest": {func(x *core.Session) { x.KeyDigest[0]++ }, core.Internal},
		"nothing":              {func(x *core.Session) { x.Sealed = "" }, core.Internal},
	} {
		changed := x
		c.change(&changed)
		w.Sessions = altered{kept, changed}
		w.resumes(token, c.want, name)
	}
	w.SealUnder = func(core.Secret, string) (core.Sealer, error) { return seal.Under(key, "another", rand.Reader) }
	w.Sessions = kept
	w.resumes(token, core.Internal, "under another key")
}

// altered returns another session than was stored.
type altered struct {
	core.Sessions
	as core.Session
}

func (a altered) Session(ctx context.Context, digest core.Digest) (core.Session, core.AccessKey, error) {
	_, k, err := a.Sessions.Session(ctx, digest)
	return a.as, k, err
}
