package storetest

import (
	"net/netip"
	"slices"

	"rekey/core"
)

func aboutEvents() []check {
	return []check{
		{"an event is kept whole", eventWhole},
		{"events are read by id, page by page", eventPages},
		{"an event is recorded whatever a client wrote", eventOddText},
		{"a store that works is writable", writable},
	}
}

func eventWhole(w *world) {
	var want []core.Event
	for _, addr := range []string{"192.0.2.1", "2001:db8::1", "fe80::1%eth0", "::ffff:192.0.2.1"} {
		e := w.event(acme, "somebody", core.PasswordRefused, at(1))
		e.Outcome, e.Origin.Addr = core.WrongPassword, netip.MustParseAddr(addr)
		w.must(w.Record(w.ctx, e))
		e.At = kept(e.At)
		want = append(want, e)
	}
	least := core.Event{ID: "event-1", At: at(2), Tenant: acme, Action: core.TokensRevoked}
	w.must(w.Record(w.ctx, least))
	least.At = kept(least.At)
	same(w, "the events", w.state().Events, append(want, least))
}

func eventPages(w *world) {
	ids := []core.EventID{"d", "b", "e", "B", "a"}
	for _, tenant := range []core.TenantID{acme, birch, none} {
		for _, id := range ids {
			w.must(w.Record(w.ctx, core.Event{ID: id + core.EventID(tenant), At: at(1), Tenant: tenant, Action: core.PasswordRefused}))
		}
	}
	for _, tenant := range []core.TenantID{acme, birch, none} {
		var got, want []core.EventID
		for _, id := range slices.Sorted(slices.Values(ids)) {
			want = append(want, id+core.EventID(tenant))
		}
		var after core.EventID
		for _, n := range []int{2, 2, 1, 0} {
			page, err := w.Events(w.ctx, tenant, after, 2)
			w.must(err)
			same(w, "events on a page", len(page), n)
			for _, e := range page {
				same(w, "the tenant", e.Tenant, tenant)
				got, after = append(got, e.ID), e.ID
			}
		}
		same(w, "ids", got, want)
		for _, limit := range []int{0, -1} {
			page, err := w.Events(w.ctx, tenant, "", limit)
			w.must(err)
			same(w, "events on a page of nothing", len(page), 0)
		}
	}
}

func eventOddText(w *world) {
	for _, text := range []string{"a\x00b", "\xff\xfe", "\u202e", "'; DROP TABLE events; --", "%s\\"} {
		e := w.event(acme, "", core.PasswordRefused, at(1))
		e.Origin.RequestID, e.Actor = text, text
		w.must(w.Record(w.ctx, e))
		events := w.state().Events
		same(w, "the last event", events[len(events)-1].ID, e.ID)
	}
}

func writable(w *world) {
	before := w.state()
	w.must(w.Writable(w.ctx))
	w.must(w.Writable(w.ctx))
	same(w, "the store", w.state(), before)
}
