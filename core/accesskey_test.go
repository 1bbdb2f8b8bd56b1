package core_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/core"
	"rekey/store/memory"
)

// keyed returns a world that keeps access keys.
func keyed(t tb) *world {
	w := newWorld(t)
	w.AccessKeys = w.store.Store.(*memory.Store)
	return w
}

// addKey makes a key of acme.
func (w *world) addKey(lifetime time.Duration, scopes ...core.Scope) (core.Secret, core.AccessKey) {
	w.t.Helper()
	secret, k, err := w.AddAccessKey(w.t.Context(), core.NewAccessKey{Tenant: acme, Name: "crm", Scopes: scopes, Lifetime: lifetime}, "root", origin)
	if err != nil {
		w.t.Fatal(err)
	}
	return secret, k
}

func TestAnAccessKeyOpensItsTenantUntilItIsRevokedOrExpires(t *testing.T) {
	w := keyed(t)
	secret, made := w.addKey(time.Hour, core.VerifyScope, core.AccountsRead, core.VerifyScope)
	if text := secret.Reveal(); len(text) != 49 || !strings.HasPrefix(text, "rekey_") {
		t.Errorf("the secret has %d characters, or not the mark", len(text))
	}
	k, err := w.Authenticate(t.Context(), secret)
	code(t, err, "")
	if k.Tenant != acme || k.Name != "crm" || k.CreatedBy != "root" || !slices.Equal(k.Scopes, []core.Scope{core.AccountsRead, core.VerifyScope}) {
		t.Errorf("got %+v", k)
	}
	if !k.May(core.VerifyScope) || k.May(core.AccountsWrite) || k.Actor() != "key:crm" {
		t.Errorf("%+v may what it may not", k)
	}
	w.now = made.ExpiresAt.Add(-time.Microsecond)
	_, err = w.Authenticate(t.Context(), secret)
	code(t, err, "", "a moment before it expires")
	w.now = made.ExpiresAt
	_, err = w.Authenticate(t.Context(), secret)
	code(t, err, core.Unauthenticated, "when it expires")
	w.now = noon.Add(time.Second)
	code(t, w.RevokeAccessKey(t.Context(), other, "crm", "root", origin), core.NotFound, "another tenant's")
	code(t, w.RevokeAccessKey(t.Context(), acme, "crm", "root", origin), "")
	_, err = w.Authenticate(t.Context(), secret)
	code(t, err, core.Unauthenticated, "when it is revoked")
	var told []string
	for _, e := range w.state().Events {
		told = append(told, string(e.Action)+" "+e.Actor+" "+string(e.Account))
	}
	if want := []string{"access_key.added root key:crm ", "access_key.revoked root key:crm "}; !slices.Equal(told, want) {
		t.Errorf("got events %q, want %q", told, want)
	}
}

func TestWhatIsNoAccessKeyOpensNothing(t *testing.T) {
	w := keyed(t)
	secret, _ := w.addKey(0, core.AuditRead)
	for _, text := range []string{"", "rekey_", "x", secret.Reveal()[6:], secret.Reveal() + "x", strings.ToUpper(secret.Reveal()), "rekey_" + strings.Repeat("x", 2000)} {
		_, err := w.Authenticate(t.Context(), core.NewSecret(text))
		code(t, err, core.Unauthenticated, len(text))
	}
}

func TestTheUseOfAnAccessKeyIsNotedRoughly(t *testing.T) {
	w := keyed(t)
	secret, k := w.addKey(0, core.AuditRead)
	for _, step := range []struct{ at, used time.Duration }{
		{time.Minute, time.Minute}, {10 * time.Minute, time.Minute}, {16 * time.Minute, 16 * time.Minute}, {30 * time.Minute, 16 * time.Minute},
	} {
		w.now = noon.Add(step.at)
		_, err := w.Authenticate(t.Context(), secret)
		code(t, err, "")
		kept, err := w.AccessKeys.AccessKey(t.Context(), k.Digest)
		code(t, err, "")
		if got := kept.LastUsedAt.Sub(noon); got != step.used {
			t.Errorf("used at %v: noted %v, want %v", step.at, got, step.used)
		}
	}
}

func TestAnAccessKeyIsWellFormed(t *testing.T) {
	w := keyed(t)
	good := core.NewAccessKey{Tenant: acme, Name: "a.b-c_1", Scopes: core.Scopes()}
	for field, change := range map[string]func(*core.NewAccessKey){
		"tenant": func(n *core.NewAccessKey) { n.Tenant = "" }, "name": func(n *core.NewAccessKey) { n.Name = "A" },
		"scopes": func(n *core.NewAccessKey) { n.Scopes = nil }, "lifetime": func(n *core.NewAccessKey) { n.Lifetime = -1 },
	} {
		n := good
		change(&n)
		_, _, err := w.AddAccessKey(t.Context(), n, "root", origin)
		code(t, err, core.Invalid, field)
		if e := core.AsError(err); e != nil && !slices.Equal(e.Fields, []string{field}) {
			t.Errorf("got fields %q, want %q", e.Fields, field)
		}
	}
	good.Scopes = []core.Scope{"everything"}
	_, _, err := w.AddAccessKey(t.Context(), good, "root", origin)
	code(t, err, core.Invalid, "an unknown scope")
	if len(w.state().Events) > 0 {
		t.Error("a key that was refused left an event")
	}
}
