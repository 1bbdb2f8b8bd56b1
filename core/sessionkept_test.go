package core_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"rekey/core"
	"rekey/core/seal"
)

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

// The database is all that replicas share.
func TestAnyReplicaServesASession(t *testing.T) {
	w := attended(t)
	parts := w.Parts
	parts.Random = newDice()
	_, _ = parts.Random.Read(make([]byte, 999)) // of its own
	replica := core.New(parts)
	key, _ := w.addKey(0, core.AccountsRead)
	token, _ := w.signIn(key)
	got, _, err := replica.Resume(t.Context(), token)
	if code(t, err, ""); got.Reveal() != key.Reveal() {
		t.Error("the replica has another key")
	}
	renewed, x, err := replica.Confirm(t.Context(), token, key, desk)
	code(t, err, "")
	w.resumes(token, core.Unauthenticated, "the token from before")
	if kept := w.resumes(renewed, "", "the renewed one"); kept != x || !w.Confirmed(kept) {
		t.Errorf("got %+v, want %+v", kept, x)
	}
	code(t, replica.SignOut(t.Context(), renewed, desk), "")
	w.resumes(renewed, core.Unauthenticated, "signed out elsewhere")
	token, _ = w.signIn(key)
	code(t, replica.RevokeAccessKey(t.Context(), acme, "crm", "root", origin), "")
	w.resumes(token, core.Unauthenticated, "its key revoked elsewhere")
	if _, _, err := w.Sessions.Session(t.Context(), core.Token{Secret: token}.Digest()); core.CodeOf(err) != core.NotFound {
		t.Errorf("the session is kept: %v", err)
	}
}
