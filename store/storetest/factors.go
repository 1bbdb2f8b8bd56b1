package storetest

import (
	"fmt"

	"rekey/core"
)

func aboutFactors() []check {
	return []check{
		{"a factor is enrolled, replaced and taken away", enrols},
		{"a factor needs an account", factorNeedsAccount},
	}
}

func enrols(w *world) {
	want, other := w.create(bare(acme, "bob")), w.create(ada(acme))
	for i, factor := range []core.Enrolment{
		{}, // nothing to take away
		{Sealed: "k1.first"},
		{Sealed: "k1.second", LastStep: 1 << 40},
		{Sealed: "k1.second"},
		{},
		{LastStep: 7}, // no factor without a secret
		{Sealed: "k2.third"},
	} {
		e := w.event(acme, want.ID, core.FactorAdded, at(i))
		w.must(w.Enrol(w.ctx, acme, want.ID, factor, e))
		want.Revision++
		if want.Factor = &factor; factor.Sealed == "" {
			want.Factor = nil
		}
		same(w, fmt.Sprint("the account after step ", i), w.find(want), want)
		events := w.state().Events
		same(w, "the last event", events[len(events)-1].ID, e.ID)
	}
	same(w, "the other account", w.find(other), other)
}

func factorNeedsAccount(w *world) {
	w.create(ada(acme))
	for _, id := range []core.AccountID{"nobody", "", "a\x00", "\xff"} {
		w.unchanged(fmt.Sprintf("enrol for %q", id), core.NotFound, func() error {
			return w.Enrol(w.ctx, acme, id, core.Enrolment{Sealed: "k1.x"}, w.event(acme, id, core.FactorAdded, at(1)))
		})
	}
}
