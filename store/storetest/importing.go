package storetest

import (
	"fmt"
	"time"

	"rekey/core"
)

func aboutImporting() []check {
	return []check{
		{"many accounts are imported whole, each with its event", importedWhole},
		{"an import that meets a taken name stores nothing", importTaken},
		{"a known account is written if nobody wrote it meanwhile", importKnown},
		{"what an import changes ends the account's proofs", importEnds},
		{"accounts are named by any of their keys, in one tenant", namedByKeys},
		{"whole accounts are listed with their history", listedWhole},
		{"tenants are those that have accounts", tenantsListed},
		{"an import does not reach over the wall", importWalled},
	}
}

func (w *world) arrival(a core.Account) core.Arrival {
	return core.Arrival{Account: a, Event: w.event(a.Tenant, a.ID, core.AccountImported, at(3))}
}

func keptOrZero(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return kept(t)
}

func importedWhole(w *world) {
	var arrivals []core.Arrival
	for i := range 150 { // more than one statement takes
		a := ada(acme)
		a.ID, a.Username, a.Email = core.AccountID(fmt.Sprintf("id-%03d", i)), fmt.Sprint("Ünique", i), fmt.Sprintf("%d@Löwe.example", i)
		a.ExternalIDs = map[string]string{"unleash": fmt.Sprint(i)}
		if i%2 == 1 {
			a = bare(acme, fmt.Sprintf("%03d", i))
		}
		arrivals = append(arrivals, w.arrival(a))
	}
	w.must(w.Import(w.ctx, acme, arrivals))
	for _, arrival := range arrivals {
		want := arrival.Account
		want.PasswordChangedAt, want.TokensValidAfter, want.CreatedAt = keptOrZero(want.PasswordChangedAt), keptOrZero(want.TokensValidAfter), kept(want.CreatedAt)
		want.History = nil
		for _, h := range arrival.Account.History {
			want.History = append(want.History, core.HistoryEntry{Hash: h.Hash, SetAt: kept(h.SetAt)})
		}
		for _, key := range append(want.Keys(), core.Key{Kind: core.KeyID, Value: string(want.ID)}) {
			got, err := w.Account(w.ctx, acme, key)
			w.must(err)
			same(w, fmt.Sprint("the account by ", key), got, want)
		}
	}
	events, err := w.Events(w.ctx, acme, "", everything)
	w.must(err)
	same(w, "events", len(events), len(arrivals))
	want := arrivals[7].Event
	want.At = kept(want.At)
	same(w, "an event", events[7], want)
}

func importTaken(w *world) {
	w.create(ada(acme))
	w.create(bare(birch, "else"))
	for name, alter := range map[string]func(a *core.Account){
		"the id":              func(a *core.Account) { a.ID = "id-ada-acme" },
		"another tenant's id": func(a *core.Account) { a.ID = "id-else" },
		"a login":             func(a *core.Account) { a.Email = "ADA@Löwe.example" },
		"an external id":      func(a *core.Account) { a.ExternalIDs = map[string]string{"unleash": "7"} },
		"a login of the same": func(a *core.Account) { a.Username = "first" },
	} {
		w.unchanged(name, core.Conflict, func() error {
			a := bare(acme, "new")
			alter(&a)
			return w.Import(w.ctx, acme, []core.Arrival{w.arrival(bare(acme, "first")), w.arrival(a), w.arrival(bare(acme, "last"))})
		})
	}
}

func importKnown(w *world) {
	a := w.create(ada(acme))
	b := w.create(bare(acme, "bob"))
	to := a
	to.Email, to.Name, to.Disabled, to.Verifier = "new@x.example", "Other", true, "$argon2id$other"
	to.ExternalIDs = map[string]string{"licensespring": "Ünïque", "unleash": "7", "zap": "9"}
	to.PasswordChangedAt, to.TokensValidAfter, to.Attributes = kept(at(5)), kept(at(6)), map[string]string{"a.b": "c"}
	to.Revision = a.Revision + 1
	known := core.Arrival{
		Account: to, Was: a.Revision, Event: w.event(acme, a.ID, core.AccountImported, at(7)),
		Keys: []core.Key{{Kind: core.KeyLogin, Value: "new@x.example"}, {Kind: "zap", Value: "9"}},
	}
	w.must(w.Import(w.ctx, acme, []core.Arrival{w.arrival(bare(acme, "carol")), known}))
	same(w, "the account", w.find(a), to)
	got, err := w.Account(w.ctx, acme, core.Key{Kind: "zap", Value: "9"})
	w.must(err)
	same(w, "the account by its new id", got, to)
	same(w, "the other account", w.find(b), b)
	known.Event = w.event(acme, a.ID, core.AccountImported, at(8))
	known.Keys = nil
	w.unchanged("again", core.Conflict, func() error {
		return w.Import(w.ctx, acme, []core.Arrival{w.arrival(bare(acme, "dave")), known})
	})
	gone := known
	gone.Account.ID = "nobody"
	w.unchanged("nobody", core.Conflict, func() error { return w.Import(w.ctx, acme, []core.Arrival{gone}) })
}

func importEnds(w *world) {
	a := w.create(bare(acme, "ada"))
	b := w.create(bare(acme, "bob"))
	ended, stays := w.token(a, "ended", 1), w.token(b, "stays", 1)
	for _, c := range []core.Account{a, b} {
		arrival := core.Arrival{Account: c, Was: c.Revision, Ends: c.ID == a.ID, Event: w.event(acme, c.ID, core.AccountImported, at(2))}
		w.must(w.Import(w.ctx, acme, []core.Arrival{arrival}))
	}
	same(w, "the token of what ends lives", live(w.known(ended)), false)
	same(w, "the token of what does not lives", live(w.known(stays)), true)
}

func namedByKeys(w *world) {
	a, b := w.create(ada(acme)), w.create(bare(acme, "bob"))
	w.create(ada(birch))
	id := core.Key{Kind: core.KeyID, Value: string(b.ID)}
	for _, c := range []struct {
		keys []core.Key
		want []core.Account
	}{
		{nil, nil},
		{[]core.Key{{Kind: core.KeyLogin, Value: "nobody"}, {Kind: "zap", Value: "7"}, {Kind: core.KeyID, Value: "id-ada-birch"}, {Kind: "\x00", Value: "\xff"}}, nil},
		{[]core.Key{{Kind: core.KeyLogin, Value: "ada"}}, []core.Account{a}},
		{[]core.Key{{Kind: "licensespring", Value: "Ünïque"}, {Kind: core.KeyLogin, Value: "ada"}, {Kind: "unleash", Value: "7"}}, []core.Account{a}},
		{[]core.Key{id}, []core.Account{b}},
		{[]core.Key{{Kind: core.KeyLogin, Value: "ada"}, {Kind: core.KeyLogin, Value: "nobody"}, id}, []core.Account{a, b}},
		{[]core.Key{{Kind: core.KeyLogin, Value: string(b.ID)}, {Kind: core.KeyLogin, Value: `","`}}, nil},
	} {
		got, err := w.Named(w.ctx, acme, c.keys)
		w.must(err)
		same(w, fmt.Sprint("named by ", c.keys), got, c.want)
	}
}

func listedWhole(w *world) {
	a, b := w.create(ada(acme)), w.create(bare(acme, "bob"))
	w.create(ada(birch))
	all, err := w.AccountsWhole(w.ctx, acme, "", 9)
	w.must(err)
	same(w, "all", all, []core.Account{a, b})
	one, err := w.AccountsWhole(w.ctx, acme, a.ID, 1)
	w.must(err)
	same(w, "those after the first", one, []core.Account{b})
	zero, err := w.AccountsWhole(w.ctx, acme, "", 0)
	w.must(err)
	same(w, "none", zero, []core.Account(nil))
}

func tenantsListed(w *world) {
	none, err := w.Tenants(w.ctx)
	w.must(err)
	same(w, "tenants of nobody", none, []core.TenantID(nil))
	w.create(bare(birch, "bob"))
	w.create(bare(acme, "ada"))
	w.create(bare(acme, "eve"))
	some, err := w.Tenants(w.ctx)
	w.must(err)
	same(w, "tenants", some, []core.TenantID{acme, birch})
}

func importWalled(w *world) {
	a := w.create(ada(acme))
	foreign := w.arrival(bare(birch, "spy"))
	w.unchanged("a new account of another tenant", core.Internal, func() error { return w.Import(w.ctx, acme, []core.Arrival{foreign}) })
	moved := a
	moved.Tenant = birch
	known := core.Arrival{Account: moved, Was: a.Revision, Event: w.event(birch, a.ID, core.AccountImported, at(1))}
	w.unchanged("a known account of another tenant", core.Conflict, func() error { return w.Import(w.ctx, birch, []core.Arrival{known}) })
}
