package core_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rekey/core"
)

// console is a world of keys and sessions, and a model of it.
type console struct {
	*world
	keys     []*opener
	sessions []*seated
}

// opener is what the model knows of an access key.
type opener struct {
	core.Secret
	tenant  core.TenantID
	name    string
	expires time.Time // zero if never
	revoked bool
}

// seated is what the model knows of a session, and every token that it ever had.
type seated struct {
	key                      *opener
	tokens                   []core.Secret // the last one is its own
	started, seen, confirmed time.Time
	out                      bool
}

func TestSessionsAgreeWithTheirModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &console{world: attended(t)}
		for i, tenant := range []core.TenantID{acme, acme, other} {
			o := &opener{tenant: tenant, name: fmt.Sprint("key-", i)}
			lifetime := time.Duration(i) * 25 * time.Minute
			secret, k, err := m.AddAccessKey(t.Context(), core.NewAccessKey{Tenant: tenant, Name: o.name, Scopes: core.Scopes(), Lifetime: lifetime}, "root", origin)
			code(t, err, "")
			o.Secret, o.expires = secret, k.ExpiresAt
			m.keys = append(m.keys, o)
		}
		t.Repeat(map[string]func(*rapid.T){
			"sign in": m.enter, "sign in 2": m.enter, "confirm": m.confirm, "confirm 2": m.confirm, "sign out": m.leave, "revoke": m.revoke,
			"time": m.wait, "use": func(t *rapid.T) { m.use(t, m.any(t)) }, "go on": m.goOn, "": m.agree,
		})
	})
}

func (m *console) any(t *rapid.T) *seated {
	if len(m.sessions) == 0 {
		t.Skip("there are no sessions")
	}
	return rapid.SampledFrom(m.sessions).Draw(t, "session")
}

func (o *opener) dead(now time.Time) bool {
	return o.revoked || !o.expires.IsZero() && !now.Before(o.expires)
}

func (m *console) lives(x *seated) bool {
	return !x.out && !x.key.dead(m.now) && m.now.Before(x.started.Add(4*time.Hour)) && m.now.Before(x.seen.Add(15*time.Minute))
}

// use resumes a session as the model says, by its own token and by no older one.
func (m *console) use(t *rapid.T, x *seated) {
	for i, token := range x.tokens {
		key, got, err := m.Resume(t.Context(), token)
		if lives := i == len(x.tokens)-1 && m.lives(x); lives != (err == nil) || err != nil && core.CodeOf(err) != core.Unauthenticated {
			t.Fatalf("token %d of %+v at %v: got %v", i, x, m.now, err)
		}
		if err != nil {
			continue
		}
		if m.now.Sub(x.seen) >= time.Minute {
			x.seen = m.now
		}
		confirmed := !x.confirmed.IsZero() && m.now.Before(x.confirmed.Add(5*time.Minute))
		if key.Reveal() != x.key.Reveal() || got.Key != x.key.name || got.Tenant != x.key.tenant || m.Confirmed(got) != confirmed || got.SeenAt != x.seen {
			t.Fatalf("got %+v, confirmed %v, want %+v", got, m.Confirmed(got), x)
		}
	}
}

func (m *console) enter(t *rapid.T) {
	key := rapid.SampledFrom(m.keys).Draw(t, "key")
	o := desk
	o.Addr = o.Addr.Next() // refused there, confirmed elsewhere
	token, _, err := m.SignIn(t.Context(), key.Secret, o)
	switch core.CodeOf(err) {
	case "":
		m.sessions = append(m.sessions, &seated{key: key, tokens: []core.Secret{token}, started: m.now, seen: m.now})
	case core.Unauthenticated, core.Throttled:
	default:
		t.Fatalf("got %v", err)
	}
	if (err == nil) == key.dead(m.now) && core.CodeOf(err) != core.Throttled {
		t.Fatalf("%+v at %v: got %v", key, m.now, err)
	}
}

func (m *console) confirm(t *rapid.T) {
	x, key := m.any(t), rapid.SampledFrom(m.keys).Draw(t, "key")
	token, _, err := m.Confirm(t.Context(), x.tokens[len(x.tokens)-1], key.Secret, desk)
	want := core.Code("")
	switch {
	case !m.lives(x):
		want = core.Unauthenticated
	case key != x.key:
		want = core.WrongPassword
	}
	if got := core.CodeOf(err); got != want && (got != core.Throttled || !m.lives(x)) {
		t.Fatalf("%+v with %+v at %v: got %v, want %v", x, key, m.now, err, want)
	}
	if err == nil {
		x.tokens, x.seen, x.confirmed = append(x.tokens, token), m.now, m.now
	} else if m.lives(x) && m.now.Sub(x.seen) >= time.Minute {
		x.seen = m.now
	}
}

func (m *console) leave(t *rapid.T) {
	x := m.any(t)
	code(t, m.SignOut(t.Context(), x.tokens[len(x.tokens)-1], desk), "")
	x.out = true
}

func (m *console) revoke(t *rapid.T) {
	if rapid.IntRange(0, 9).Draw(t, "spared") > 0 {
		return
	}
	key := rapid.SampledFrom(m.keys).Draw(t, "key")
	want := core.Code("")
	if key.revoked {
		want = core.NotFound
	}
	code(t, m.RevokeAccessKey(t.Context(), key.tenant, key.name, "root", origin), want)
	key.revoked = true
}

func (m *console) wait(t *rapid.T) {
	m.now = m.now.Add(rapid.SampledFrom([]time.Duration{
		time.Second, 59 * time.Second, time.Minute, 4 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute,
	}).Draw(t, "time"))
}

// goOn uses a session for as long as it lasts.
func (m *console) goOn(t *rapid.T) {
	x := m.any(t)
	for range rapid.SampledFrom([]int{1, 5, 20}).Draw(t, "times") {
		m.now = m.now.Add(14 * time.Minute)
		m.use(t, x)
	}
}

// agree looks at the sessions without using them: what lives is kept as it is, and
// what has ended opens nothing.
func (m *console) agree(t *rapid.T) {
	for _, x := range m.sessions {
		if !m.lives(x) {
			m.use(t, x)
			continue
		}
		kept, _, err := m.Sessions.Session(t.Context(), core.Token{Secret: x.tokens[len(x.tokens)-1]}.Digest())
		if confirmed := m.now.Before(x.confirmed.Add(5 * time.Minute)); err != nil || kept.SeenAt != x.seen || m.Confirmed(kept) != confirmed {
			t.Fatalf("at %v: got %+v, confirmed %v, %v, want %+v", m.now, kept, m.Confirmed(kept), err, x)
		}
	}
}
