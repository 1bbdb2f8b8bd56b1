package storetest

import (
	"maps"
	"time"

	"rekey/core"
)

func aboutAmending() []check {
	return []check{
		{"disabling ends sessions and live tokens", disables},
		{"enabling gives nothing back", enables},
		{"sessions never come back to life", sessionsStayDead},
		{"an external id is set, replaced and taken away", externalIDs},
		{"an external id belongs to one account", externalIDTaken},
		{"an external id is no login and no id", externalIDKinds},
	}
}

func (w *world) disable(a core.Account, disabled bool, second int) core.Event {
	w.Helper()
	e := w.event(a.Tenant, a.ID, core.AccountDisabled, at(second))
	w.must(w.SetDisabled(w.ctx, a.Tenant, a.ID, disabled, e))
	return e
}

func disables(w *world) {
	a, other := w.create(ada(acme)), w.create(bare(acme, "bob"))
	first, second := w.token(a, "first", 1), w.token(a, "second", 2)
	others := w.token(other, "others", 2)
	before := w.state()
	e := w.disable(a, true, 3)
	want := a
	want.Disabled, want.Revision, want.TokensValidAfter = true, a.Revision+1, kept(at(3))
	same(w, "the account", w.find(a), want)
	same(w, "the other account", w.find(other), other)
	same(w, "the superseded token", w.known(first).SupersededAt, kept(at(2)))
	same(w, "the live token", w.known(second).SupersededAt, kept(at(3)))
	same(w, "the other account's token", live(w.known(others)), true)
	e.At = kept(e.At)
	same(w, "the events", w.state().Events, append(before.Events, e))
}

func enables(w *world) {
	a := w.create(ada(acme))
	w.disable(a, true, 3)
	dead := w.find(a)
	token := w.token(a, "token", 4)
	w.disable(a, false, 5)
	want := dead
	want.Disabled, want.Revision = false, dead.Revision+1
	same(w, "the account", w.find(a), want)
	same(w, "the token", live(w.known(token)), true)
}

func sessionsStayDead(w *world) {
	for _, when := range []time.Time{{}, at(9)} {
		a := ada(acme)
		a.ID, a.TokensValidAfter = core.AccountID("id-"+when.String()), when
		a.Username, a.Email, a.ExternalIDs = "u"+when.String(), "", nil
		got := w.create(a)
		same(w, "sessions at first", got.TokensValidAfter, kept(when))
		w.disable(a, true, 5)
		want := kept(at(5))
		if want.Before(kept(when)) {
			want = kept(when)
		}
		same(w, "sessions after disabling", w.find(a).TokensValidAfter, want)
	}
}

func externalIDs(w *world) {
	want := w.create(ada(acme))
	other := w.create(bare(acme, "bob"))
	for _, step := range []struct {
		account *core.Account
		key     core.Key
	}{
		{&want, core.Key{Kind: "zap", Value: "z"}},
		{&want, core.Key{Kind: "zap", Value: "ž"}},
		{&want, core.Key{Kind: "zap", Value: "ž"}}, // the same again
		{&want, core.Key{Kind: "unleash", Value: ""}},
		{&want, core.Key{Kind: "unleash", Value: ""}}, // nothing to take away
		{&other, core.Key{Kind: "unleash", Value: "7"}},
		{&other, core.Key{Kind: "zap", Value: "z"}}, // both are free by now
		{&want, core.Key{Kind: "licensespring", Value: ""}},
	} {
		a := step.account
		e := w.event(acme, a.ID, core.ExternalIDSet, at(1))
		w.must(w.SetExternalID(w.ctx, acme, a.ID, step.key, e))
		a.ExternalIDs = maps.Clone(a.ExternalIDs)
		if a.ExternalIDs == nil {
			a.ExternalIDs = map[string]string{}
		}
		a.ExternalIDs[step.key.Kind] = step.key.Value
		maps.DeleteFunc(a.ExternalIDs, func(_, value string) bool { return value == "" })
		a.Revision++
		same(w, "the account", w.find(*a), *a)
		events := w.state().Events
		same(w, "the last event", events[len(events)-1].ID, e.ID)
	}
}

func externalIDTaken(w *world) {
	w.create(ada(acme))
	w.create(ada(birch))
	bob := w.create(bare(acme, "bob"))
	key := core.Key{Kind: "unleash", Value: "7"}
	w.unchanged("a taken external id", core.Conflict, func() error {
		err := w.SetExternalID(w.ctx, acme, bob.ID, key, w.event(acme, bob.ID, core.ExternalIDSet, at(1)))
		wantConflict(w, "a taken external id", err, "unleash")
		return err
	})
	key.Value = "Ünïque" // another dialect's id
	w.must(w.SetExternalID(w.ctx, acme, bob.ID, key, w.event(acme, bob.ID, core.ExternalIDSet, at(1))))
}

func externalIDKinds(w *world) {
	a := w.create(ada(acme))
	for _, kind := range []string{core.KeyID, core.KeyLogin} {
		w.unchanged("kind "+kind, core.Internal, func() error {
			return w.SetExternalID(w.ctx, acme, a.ID, core.Key{Kind: kind}, w.event(acme, a.ID, core.ExternalIDSet, at(1)))
		})
	}
}
