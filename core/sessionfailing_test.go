package core_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"rekey/core"
	"rekey/store/memory"
)

// outage fails its n-th call.
type outage struct {
	*memory.Store
	n      int
	failed string
}

func (f *outage) fails(call string) bool {
	if f.n--; f.n == 0 {
		f.failed = call
	}
	return f.n == 0
}

func (f *outage) AccessKey(ctx context.Context, digest core.Digest) (core.AccessKey, error) {
	if f.fails("AccessKey") {
		return core.AccessKey{}, core.Unavailable
	}
	return f.Store.AccessKey(ctx, digest)
}

func (f *outage) Session(ctx context.Context, digest core.Digest) (core.Session, core.AccessKey, error) {
	if f.fails("Session") {
		return core.Session{}, core.AccessKey{}, core.Unavailable
	}
	return f.Store.Session(ctx, digest)
}

func (f *outage) StartSession(ctx context.Context, x core.Session, e core.Event) error {
	if f.fails("StartSession") {
		return core.Unavailable
	}
	return f.Store.StartSession(ctx, x, e)
}

func (f *outage) SeeSession(ctx context.Context, digest core.Digest, at time.Time) error {
	if f.fails("SeeSession") {
		return core.Unavailable
	}
	return f.Store.SeeSession(ctx, digest, at)
}

func (f *outage) RenewSession(ctx context.Context, digest core.Digest, x core.Session, e core.Event) error {
	if f.fails("RenewSession") {
		return core.Unavailable
	}
	return f.Store.RenewSession(ctx, digest, x, e)
}

func (f *outage) EndSession(ctx context.Context, digest core.Digest, e core.Event) error {
	if f.fails("EndSession") {
		return core.Unavailable
	}
	return f.Store.EndSession(ctx, digest, e)
}

func (f *outage) Reserve(
	ctx context.Context, now time.Time, c core.Claim, rules core.AttemptRules, limits ...core.Limit,
) (core.Reservation, error) {
	if f.fails("Reserve") {
		return core.Reservation{}, core.Internal
	}
	return f.Store.Reserve(ctx, now, c, rules, limits...)
}

func (f *outage) Settle(ctx context.Context, s core.Settlement) error {
	if f.fails("Settle") {
		return core.Internal
	}
	return f.Store.Settle(ctx, s)
}

// Whatever call fails, nobody is let in by it, nothing is half done, and the answer is
// that something is unavailable. A use that cannot be noted is no failure.
func TestAFailingStoreLetsNobodyIn(t *testing.T) {
	nobodys := core.NewSecret("rekey_nobody's")
	for name, act := range map[string]func(w *world, token, key core.Secret) error{
		"sign in":          func(w *world, _, key core.Secret) error { return third(w.SignIn(t.Context(), key, desk)) },
		"sign in, refused": func(w *world, _, _ core.Secret) error { return third(w.SignIn(t.Context(), nobodys, desk)) },
		"resume":           func(w *world, token, _ core.Secret) error { return third(w.Resume(t.Context(), token)) },
		"confirm":          func(w *world, token, key core.Secret) error { return third(w.Confirm(t.Context(), token, key, desk)) },
		"confirm, refused": func(w *world, token, _ core.Secret) error { return third(w.Confirm(t.Context(), token, nobodys, desk)) },
		"sign out":         func(w *world, token, _ core.Secret) error { return w.SignOut(t.Context(), token, desk) },
	} {
		for n := 1; ; n++ {
			w := attended(t)
			key, _ := w.addKey(0, core.AccountsRead)
			token, _ := w.signIn(key)
			w.now = w.now.Add(2 * time.Minute)
			before := w.told()
			f := &outage{Store: w.store.Store.(*memory.Store), n: n}
			w.AccessKeys, w.Sessions, w.Attempts = f, f, f
			err := act(w, token, key)
			if f.failed == "" {
				break // there is no n-th call
			}
			if f.failed == "SeeSession" {
				continue
			}
			code(t, err, core.Unavailable, name, f.failed)
			if got := w.told(); fmt.Sprint(got) != fmt.Sprint(before) {
				t.Errorf("%s, %s failed: got events %q, want %q", name, f.failed, got, before)
			}
			if w.Confirmed(w.resumes(token, "", name+", "+f.failed+" failed")) {
				t.Errorf("%s, %s failed: it is confirmed", name, f.failed)
			}
		}
	}
}

func third[T, U any](_ T, _ U, err error) error { return err }
