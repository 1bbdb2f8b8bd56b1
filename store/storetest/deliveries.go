package storetest

import (
	"fmt"
	"time"

	"rekey/core"
)

func aboutDeliveries() []check {
	return []check{
		{"a delivery is claimed whole, by its endpoint and when it is due", claimsDelivery},
		{"a delivery waits for the earlier ones of its account and endpoint", deliversInOrder},
		{"a delivery that asks for nothing waits for nobody", voidsWaitForNobody},
		{"a postponed delivery holds back what waits behind it", postponesDeliveries},
		{"a buried delivery holds nobody back", buriesDelivery},
		{"deliveries are listed in order, by endpoint, tenant and fate", listsDeliveries},
		{"a retried delivery begins anew, in its place", retriesDeliveries},
		{"a delivery that is being tried is not retried", retriesNotHeld},
		{"a tenant's deliveries are retried with an event, and nobody else's", retriesOfTenant},
		{"what happens to a delivery that is gone is no error", goneDeliveries},
		{"deliveries, messages and their event are stored together or not at all", deliversWhole},
	}
}

// delivery returns one to the endpoint about ada of acme.
func (w *world) delivery(endpoint string, id core.MessageID, second int) core.Message {
	m := w.message(id, second)
	m.Endpoint, m.Topic, m.Since = endpoint, core.TellEndpoint, at(second)
	return m
}

func (w *world) claimFor(endpoint string, second int) []core.Message {
	w.Helper()
	messages, err := w.ClaimDeliveries(w.ctx, endpoint, at(second), at(second+100), 9)
	w.must(err)
	return messages
}

func (w *world) deliveries(s core.Selection) (all []core.Delivery) {
	w.Helper()
	all, err := w.Deliveries(w.ctx, s, 0, everything)
	w.must(err)
	return all
}

func ids(all []core.Delivery) (ids []core.MessageID) {
	for _, d := range all {
		ids = append(ids, d.ID)
	}
	return ids
}

func claimsDelivery(w *world) {
	full := w.delivery("siem", "full", 5)
	full.Facts = map[string]string{"dialect": "unleash", "odd": "<&>\"'\\\x00\u2028👩‍💻", "": ""}
	w.enqueue(full, w.message("mail", 0), w.delivery("crm", "theirs", 0))
	full.Due, full.Since = kept(at(5)), kept(at(5))
	same(w, "listed", w.deliveries(core.Selection{Endpoint: "siem"})[0].Message, full)
	same(w, "claimed before it is due", len(w.claimFor("siem", 4)), 0)
	for _, endpoint := range []string{"", "SIEM", "sie", "%", "siem\x00", "\xff"} {
		same(w, "claimed for "+endpoint, len(w.claimFor(endpoint, 9)), 0)
	}
	full.Attempts = 1
	same(w, "claimed", w.claimFor("siem", 5), []core.Message{full})
	same(w, "claimed meanwhile", len(w.claimFor("siem", 104)), 0)
	full.Attempts, full.Due = 2, kept(at(105))
	same(w, "claimed again", w.claimFor("siem", 105), []core.Message{full})
	same(w, "the outbox", w.queued(), []core.MessageID{"mail"})
}

func deliversInOrder(w *world) {
	theirs, birchs := w.delivery("siem", "3", 0), w.delivery("siem", "4", 0)
	theirs.Account, birchs.Tenant = "id-other", birch
	w.enqueue(w.delivery("siem", "9", 3), w.delivery("siem", "2", 0), theirs, birchs, w.delivery("crm", "5", 0))
	w.enqueue(w.delivery("siem", "1", 0))
	same(w, "while the first is not due", idsOf(w.claimFor("siem", 1)), []core.MessageID{"3", "4"})
	same(w, "for another endpoint", idsOf(w.claimFor("crm", 1)), []core.MessageID{"5"})
	for _, id := range []core.MessageID{"9", "2", "1"} { // as they were stored
		same(w, "the next", idsOf(w.claimFor("siem", 5)), []core.MessageID{id})
		same(w, "beside it", len(w.claimFor("siem", 6)), 0)
		w.must(w.FinishDelivery(w.ctx, id))
	}
}

func voidsWaitForNobody(w *world) {
	for _, id := range []core.MessageID{"a", "b", "c"} {
		void := w.delivery("siem", id, 0)
		void.Topic, void.Account = core.Void, ""
		w.enqueue(void)
	}
	same(w, "claimed at once", idsOf(w.claimFor("siem", 1)), []core.MessageID{"a", "b", "c"})
	w.must(w.PostponeDelivery(w.ctx, "a", at(500), "why"))
	same(w, "claimed again", idsOf(w.claimFor("siem", 101)), []core.MessageID{"b", "c"})
}

func postponesDeliveries(w *world) {
	other := w.delivery("siem", "other", 0)
	other.Account = "id-other"
	w.enqueue(w.delivery("siem", "a", 0), w.delivery("siem", "b", 0), other, w.delivery("siem", "c", 70), w.delivery("crm", "d", 0))
	w.claimFor("siem", 1)
	w.must(w.PostponeDelivery(w.ctx, "a", at(50), "503 \x00\xff"))
	var due []time.Time
	for _, d := range w.deliveries(core.Selection{}) {
		due = append(due, d.Due)
	}
	same(w, "due", due, []time.Time{kept(at(50)), kept(at(50)), kept(at(101)), kept(at(70)), kept(at(0))})
	same(w, "claimed before", len(w.claimFor("siem", 49)), 0)
	got := w.claimFor("siem", 50)
	same(w, "claimed after", idsOf(got), []core.MessageID{"a"})
	same(w, "its tries", got[0].Attempts, 2)
	w.must(w.FinishDelivery(w.ctx, "a"))
	same(w, "claimed at once then", idsOf(w.claimFor("siem", 50)), []core.MessageID{"b"})
}

func buriesDelivery(w *world) {
	w.enqueue(w.delivery("siem", "a", 0), w.delivery("siem", "b", 0))
	w.claimFor("siem", 1)
	w.must(w.BuryDelivery(w.ctx, "a", at(2), "410 gone"))
	w.must(w.BuryDelivery(w.ctx, "a", at(3), "again"))
	w.must(w.PostponeDelivery(w.ctx, "a", at(0), "too late"))
	d := w.deliveries(core.Selection{})[0]
	same(w, "buried at", d.BuriedAt, kept(at(2)))
	same(w, "why", d.Why, "410 gone")
	same(w, "claimed", idsOf(w.claimFor("siem", 999)), []core.MessageID{"b"})
}

func listsDeliveries(w *world) {
	birchs := w.delivery("siem", "b", 0)
	birchs.Tenant = birch
	w.enqueue(w.delivery("siem", "c", 0), birchs, w.delivery("crm", "a", 0))
	w.must(w.BuryDelivery(w.ctx, "c", at(1), "why"))
	yes, no := true, false
	for _, c := range []struct {
		which core.Selection
		want  []core.MessageID
	}{
		{core.Selection{}, []core.MessageID{"c", "b", "a"}},
		{core.Selection{Endpoint: "siem"}, []core.MessageID{"c", "b"}},
		{core.Selection{Tenant: acme}, []core.MessageID{"c", "a"}},
		{core.Selection{Buried: &yes}, []core.MessageID{"c"}},
		{core.Selection{Buried: &no}, []core.MessageID{"b", "a"}},
		{core.Selection{Endpoint: "siem", Tenant: birch, Buried: &no}, []core.MessageID{"b"}},
		{core.Selection{Endpoint: "siem", Tenant: acme}, []core.MessageID{"c"}},
		{core.Selection{Tenant: acme, Buried: &yes}, []core.MessageID{"c"}},
		{core.Selection{Endpoint: "none"}, nil},
		{core.Selection{Endpoint: "a\x00"}, nil},
	} {
		same(w, fmt.Sprintf("listed by %+v", c.which), ids(w.deliveries(c.which)), c.want)
	}
	var paged []core.MessageID
	for after := int64(0); ; {
		page, err := w.Deliveries(w.ctx, core.Selection{}, after, 1)
		w.must(err)
		if len(page) == 0 {
			break
		}
		paged, after = append(paged, page[0].ID), page[0].Place
	}
	same(w, "page by page", paged, []core.MessageID{"c", "b", "a"})
	acmes, err := w.Deliveries(w.ctx, core.Selection{Tenant: acme}, 0, 1)
	w.must(err)
	same(w, "the first of acme", ids(acmes), []core.MessageID{"c"})
	acmes, err = w.Deliveries(w.ctx, core.Selection{Tenant: acme}, acmes[0].Place, 9)
	w.must(err)
	same(w, "those that follow", ids(acmes), []core.MessageID{"a"})
	for _, limit := range []int{0, -1} {
		none, err := w.Deliveries(w.ctx, core.Selection{}, 0, limit)
		w.must(err)
		same(w, "none", len(none), 0)
	}
}

func deliversWhole(w *world) {
	a := w.create(ada(acme))
	m := w.mutation(a, 5, nil)
	m.Messages = []core.Message{w.delivery("siem", "a", 5), w.message("mail", 5), w.delivery("crm", "b", 5)}
	taken := m
	taken.Event = w.state().Events[0]
	w.unchanged("an event that is taken", core.Internal, func() error { return w.Apply(w.ctx, taken) })
	same(w, "before the change", len(w.deliveries(core.Selection{}))+len(w.queued()), 0)
	w.must(w.Apply(w.ctx, m))
	w.unchanged("an id that is taken", core.Internal, func() error {
		again := w.mutation(w.find(a), 6, nil)
		again.Messages = []core.Message{w.message("second", 6), w.delivery("siem", "a", 6)}
		return w.Apply(w.ctx, again)
	})
	w.unchanged("an id that is taken, beside a refusal", core.Internal, func() error {
		return w.Settle(w.ctx, core.Settlement{
			At: at(7), Events: []core.Event{w.event(acme, a.ID, core.PasswordRefused, at(7))},
			Messages: []core.Message{w.message("third", 7), w.delivery("siem", "a", 7)},
		})
	})
	same(w, "deliveries", ids(w.deliveries(core.Selection{})), []core.MessageID{"a", "b"})
	same(w, "the outbox", w.queued(), []core.MessageID{"mail"})
}

func retriesOfTenant(w *world) {
	birchs := w.delivery("siem", "b", 0)
	birchs.Tenant = birch
	w.enqueue(w.delivery("siem", "a", 0), birchs, w.delivery("crm", "held", 0))
	w.claimFor("crm", 1)
	for _, id := range []core.MessageID{"a", "b"} {
		w.must(w.BuryDelivery(w.ctx, id, at(1), "why"))
	}
	w.unchanged("another tenant's", core.NotFound, func() error {
		_, err := w.RetryDeliveriesOf(w.ctx, acme, w.event(acme, "", core.DeliveriesRetried, at(2)), "b", "none", "x\x00")
		return err
	})
	w.unchanged("one that is being tried", core.NotFound, func() error {
		_, err := w.RetryDeliveriesOf(w.ctx, acme, w.event(acme, "", core.DeliveriesRetried, at(2)), "held")
		return err
	})
	event := w.event(acme, "", core.DeliveriesRetried, at(7))
	n, err := w.RetryDeliveriesOf(w.ctx, acme, event, "a", "b", "none")
	w.must(err)
	same(w, "retried", n, 1)
	events := w.state().Events
	same(w, "its event", events[len(events)-1].Action, core.DeliveriesRetried)
	all := w.deliveries(core.Selection{Endpoint: "siem"})
	same(w, "due", []time.Time{all[0].Due, all[1].BuriedAt}, []time.Time{kept(at(7)), kept(at(1))})
}
