package storetest

import (
	"errors"
	"fmt"
	"time"

	"rekey/core"
)

func aboutSessions() []check {
	return []check{
		{"a session is kept whole, and found by its digest with its access key", sessionWhole},
		{"a session that nobody has is not found, changed or ended", sessionUnknown},
		{"a session is seen later, never earlier", sessionSeen},
		{"a session is renewed under another digest", sessionRenewed},
		{"a session ends alone, and once", sessionEnded},
		{"a revoked access key takes its sessions along, and nobody else's", sessionsOfARevokedKey},
		{"a session that cannot be recorded stays as it is", sessionTransaction},
		{"sessions are pruned by their expiry", pruneSessions},
	}
}

// session returns a session of the key with all that one can have.
func session(k core.AccessKey, token string) core.Session {
	return core.Session{
		Digest: core.NewToken(token).Digest(), Tenant: k.Tenant, Key: k.Name, KeyDigest: k.Digest, Sealed: "k.c2VhbGVk",
		StartedAt: at(0), SeenAt: at(1), ConfirmedAt: at(2), ExpiresAt: at(50),
	}
}

func keptSession(x core.Session) core.Session {
	x.StartedAt, x.SeenAt, x.ConfirmedAt, x.ExpiresAt = kept(x.StartedAt), kept(x.SeenAt), kept(x.ConfirmedAt), kept(x.ExpiresAt)
	return x
}

// start stores x and returns it as it is kept.
func (w *world) start(x core.Session) core.Session {
	w.Helper()
	w.must(w.StartSession(w.ctx, x, w.event(x.Tenant, "", core.SignedIn, at(0))))
	same(w, "the session", w.sessionOf(x.Digest), keptSession(x))
	return keptSession(x)
}

func (w *world) sessionOf(digest core.Digest) core.Session {
	w.Helper()
	x, _, err := w.Session(w.ctx, digest)
	w.must(err)
	return x
}

// gone wants no session to have the digest.
func (w *world) gone(about string, digest core.Digest) {
	w.Helper()
	if x, k, err := w.Session(w.ctx, digest); !errors.Is(err, core.NotFound) || x != (core.Session{}) || k.Name != "" {
		w.Errorf("%s: got %+v, %+v, %v, want not_found", about, x, k, err)
	}
}

func sessionWhole(w *world) {
	crm, other := w.putKey(accessKey(acme, "crm")), w.putKey(accessKey(birch, "crm"))
	x, y := w.start(session(crm, "x")), w.start(session(other, "y"))
	least := session(crm, "least")
	least.ConfirmedAt = time.Time{}
	w.start(least)
	for _, c := range []struct {
		session core.Session
		key     core.AccessKey
	}{{x, crm}, {y, other}} {
		got, k, err := w.Session(w.ctx, c.session.Digest)
		w.must(err)
		same(w, "the session", got, c.session)
		same(w, "its key", k, c.key)
	}
	w.must(w.UseAccessKey(w.ctx, crm.Digest, at(9)))
	_, k, err := w.Session(w.ctx, x.Digest)
	w.must(err)
	same(w, "the key as it is now", k, w.keyOf(crm))
	w.unchanged("a digest that is taken", core.Internal, func() error { return w.StartSession(w.ctx, x, w.event(acme, "", core.SignedIn, at(1))) })
}

func sessionUnknown(w *world) {
	k := w.putKey(accessKey(acme, "crm"))
	x := w.start(session(k, "x"))
	nobodys := core.NewToken("nobody's").Digest()
	w.gone("nobody's", nobodys)
	w.must(w.SeeSession(w.ctx, nobodys, at(9)))
	w.unchanged("renew", core.NotFound, func() error {
		return w.RenewSession(w.ctx, nobodys, session(k, "new"), w.event(acme, "", core.SessionConfirmed, at(1)))
	})
	w.unchanged("end", core.NotFound, func() error { return w.EndSession(w.ctx, nobodys, w.event(acme, "", core.SignedOut, at(1))) })
	w.gone("what was to be renewed", core.NewToken("new").Digest())
	same(w, "the session", w.sessionOf(x.Digest), x)
	orphan := session(core.AccessKey{Tenant: acme, Name: "none", Digest: nobodys}, "orphan")
	w.must(w.StartSession(w.ctx, orphan, w.event(acme, "", core.SignedIn, at(0))))
	w.gone("a session of no key", orphan.Digest)
}

func sessionSeen(w *world) {
	k := w.putKey(accessKey(acme, "crm"))
	x, y := w.start(session(k, "x")), w.start(session(k, "y"))
	for _, step := range []struct{ at, want int }{{5, 5}, {3, 5}, {6, 6}} {
		w.must(w.SeeSession(w.ctx, x.Digest, at(step.at)))
		x.SeenAt = kept(at(step.want))
		same(w, fmt.Sprint("seen at ", step.at), w.sessionOf(x.Digest), x)
	}
	same(w, "the other", w.sessionOf(y.Digest), y)
}

func sessionRenewed(w *world) {
	k := w.putKey(accessKey(acme, "crm"))
	x, y := w.start(session(k, "x")), w.start(session(k, "y"))
	renewed := session(k, "renewed")
	renewed.SeenAt, renewed.ConfirmedAt, renewed.Sealed = at(7), at(8), "k.b3RoZXI"
	for _, to := range []core.Session{renewed, {Digest: core.NewToken("bare").Digest(), Tenant: acme, Key: "crm", KeyDigest: k.Digest, StartedAt: at(0), SeenAt: at(0), ExpiresAt: at(9)}} {
		w.must(w.RenewSession(w.ctx, x.Digest, to, w.event(acme, "", core.SessionConfirmed, at(8))))
		same(w, "the session", w.sessionOf(to.Digest), keptSession(to))
		w.gone("what it was", x.Digest)
		x = to
	}
	same(w, "the other", w.sessionOf(y.Digest), y)
	w.unchanged("a digest that is taken", core.Internal, func() error {
		return w.RenewSession(w.ctx, x.Digest, session(k, "y"), w.event(acme, "", core.SessionConfirmed, at(9)))
	})
	same(w, "what was not renewed", w.sessionOf(x.Digest), keptSession(x))
}

func sessionEnded(w *world) {
	k := w.putKey(accessKey(acme, "crm"))
	x, y := w.start(session(k, "x")), w.start(session(k, "y"))
	w.must(w.EndSession(w.ctx, x.Digest, w.event(acme, "", core.SignedOut, at(3))))
	w.gone("what ended", x.Digest)
	w.unchanged("end again", core.NotFound, func() error { return w.EndSession(w.ctx, x.Digest, w.event(acme, "", core.SignedOut, at(3))) })
	w.must(w.SeeSession(w.ctx, x.Digest, at(4)))
	w.gone("what ended", x.Digest)
	same(w, "the other", w.sessionOf(y.Digest), y)
}

func sessionsOfARevokedKey(w *world) {
	crm, more, foreign := w.putKey(accessKey(acme, "crm")), w.putKey(accessKey(acme, "more")), w.putKey(accessKey(birch, "crm"))
	x, y := w.start(session(crm, "x")), w.start(session(crm, "y"))
	w.start(session(more, "more"))
	w.start(session(foreign, "foreign"))
	w.must(w.RevokeAccessKey(w.ctx, acme, "crm", w.event(acme, "", core.AccessKeyRevoked, at(5))))
	w.gone("its session", x.Digest)
	w.gone("its other session", y.Digest)
	same(w, "of another key", w.sessionOf(core.NewToken("more").Digest()).Key, "more")
	same(w, "of another tenant", w.sessionOf(core.NewToken("foreign").Digest()).Tenant, birch)
	w.prune(core.PastSessions, 99, 9, 2) // the others are the only rows
}

func sessionTransaction(w *world) {
	k := w.putKey(accessKey(acme, "crm"))
	x := w.start(session(k, "x"))
	taken := w.state().Events[0]
	w.unchanged("start", core.Internal, func() error { return w.StartSession(w.ctx, session(k, "new"), taken) })
	w.unchanged("renew", core.Internal, func() error { return w.RenewSession(w.ctx, x.Digest, session(k, "new"), taken) })
	w.unchanged("end", core.Internal, func() error { return w.EndSession(w.ctx, x.Digest, taken) })
	w.unchanged("revoke", core.Internal, func() error { return w.RevokeAccessKey(w.ctx, acme, "crm", taken) })
	w.gone("what did not start", core.NewToken("new").Digest())
	same(w, "the session", w.sessionOf(x.Digest), x)
}

func pruneSessions(w *world) {
	k := w.putKey(accessKey(acme, "crm"))
	w.start(session(k, "x"))
	long := session(k, "long")
	long.ExpiresAt = at(60)
	w.start(long)
	w.prune(core.PastSessions, 50, 9, 0)
	w.prune(core.PastSessions, 51, 9, 1)
	w.gone("what was pruned", core.NewToken("x").Digest())
	w.sessionOf(long.Digest)
	w.prune(core.PastSessions, 61, 9, 1)
}

// sessionRaces wants one of many to renew or end a session.
func sessionRaces(w *world) {
	k := w.putKey(accessKey(acme, "crm"))
	for round := range 5 {
		x := w.start(session(k, fmt.Sprint("race ", round)))
		got := race(racers, func(i int) error {
			if i%4 == 3 {
				return w.nth(i).EndSession(w.ctx, x.Digest, w.event(acme, "", core.SignedOut, at(3)))
			}
			renewed := session(k, fmt.Sprint("renewed ", round, " by ", i))
			return w.nth(i).RenewSession(w.ctx, x.Digest, renewed, w.event(acme, "", core.SessionConfirmed, at(3)))
		})
		same(w, "answers", got, map[core.Code]int{"": 1, core.NotFound: racers - 1})
		w.gone("what it was", x.Digest)
	}
}
