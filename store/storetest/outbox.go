package storetest

import (
	"fmt"
	"slices"
	"time"

	"rekey/core"
)

func aboutOutbox() []check {
	return []check{
		{"a message is claimed whole when it is due", claimsWhole},
		{"messages are claimed by what is due longest, a few at a time", claimsInOrder},
		{"a claimed message comes due again", comesDueAgain},
		{"a message that is done is gone", finishes},
		{"a postponed message comes due later", postpones},
		{"a buried message never comes due", buries},
		{"what happens to a message that is gone is no error", goneMessages},
		{"messages and their event are stored together or not at all", enqueuesAll},
		{"a change and its messages are stored together or not at all", appliesMessages},
		{"the facts that are given and returned are the caller's own", ownFacts},
	}
}

// message returns one about ada of acme.
func (*world) message(id core.MessageID, second int) core.Message {
	return core.Message{ID: id, Tenant: acme, Account: "id-ada-acme", Topic: core.MailResetLink, Due: at(second)}
}

func (w *world) enqueue(messages ...core.Message) {
	w.Helper()
	w.must(w.Enqueue(w.ctx, w.event(acme, "", core.ResetRequested, at(0)), messages...))
}

func (w *world) claim(now, until time.Time, limit int) []core.Message {
	w.Helper()
	messages, err := w.Claim(w.ctx, now, until, limit)
	w.must(err)
	return messages
}

func idsOf(messages []core.Message) (ids []core.MessageID) {
	for _, m := range messages {
		ids = append(ids, m.ID)
	}
	return ids
}

// queued returns the ids of all messages that are not buried. They are due
// again in a thousand hours.
func (w *world) queued() []core.MessageID {
	w.Helper()
	far := at(0).Add(1000 * time.Hour)
	ids := idsOf(w.claim(far, far, everything))
	slices.Sort(ids)
	return ids
}

func claimsWhole(w *world) {
	full := w.message("full", 5)
	full.Facts = map[string]string{"dialect": "unleash", "odd": "<&>\"'\\\x00\u2028👩‍💻", "": ""}
	least := core.Message{ID: "least", Tenant: birch, Topic: core.Void, Due: at(6), Attempts: 3}
	w.enqueue(least, full)
	same(w, "claimed before anything is due", w.claim(kept(at(5)).Add(-time.Microsecond), at(9), 9), []core.Message(nil))
	full.Due, full.Attempts = kept(at(5)), 1
	same(w, "claimed when the first is due", w.claim(at(5), at(9), 9), []core.Message{full})
	least.Due, least.Attempts = kept(at(6)), 4
	same(w, "claimed when the second is due", w.claim(at(8), at(9), 9), []core.Message{least})
}

func claimsInOrder(w *world) {
	for _, id := range []core.MessageID{"d", "B", "a", "e", "c"} {
		w.enqueue(w.message(id, map[core.MessageID]int{"e": 1, "a": 3}[id]))
	}
	for _, limit := range []int{0, -1} {
		same(w, "a claim of nothing", len(w.claim(at(5), at(9), limit)), 0)
	}
	same(w, "the first claim", idsOf(w.claim(at(5), at(9), 2)), []core.MessageID{"B", "c"})
	same(w, "the second claim", idsOf(w.claim(at(5), at(9), 2)), []core.MessageID{"d", "e"})
	same(w, "the third claim", idsOf(w.claim(at(5), at(9), 2)), []core.MessageID{"a"})
	same(w, "the last claim", len(w.claim(at(5), at(9), 2)), 0)
}

func comesDueAgain(w *world) {
	m := w.message("m", 0)
	w.enqueue(m)
	for i := range 4 {
		now, until := at(10*i), at(10*i+10)
		m.Due, m.Attempts = kept(now), i+1
		same(w, fmt.Sprint("claim ", i), w.claim(now, until, 9), []core.Message{m})
		same(w, "claimed meanwhile", len(w.claim(kept(until).Add(-time.Microsecond), until, 9)), 0)
	}
}

func finishes(w *world) {
	w.enqueue(w.message("a", 0), w.message("b", 0), w.message("c", 0))
	w.claim(at(0), at(1), 2)
	w.must(w.Finish(w.ctx, "a"))
	w.must(w.Finish(w.ctx, "c")) // which nobody claimed
	same(w, "messages", w.queued(), []core.MessageID{"b"})
}

func postpones(w *world) {
	w.enqueue(w.message("a", 0), w.message("b", 0))
	w.claim(at(0), at(100), 1)
	w.must(w.Postpone(w.ctx, "a", at(5), "451 try again \x00\xff"))
	same(w, "claimed before", idsOf(w.claim(at(4), at(100), 9)), []core.MessageID{"b"})
	got := w.claim(at(5), at(100), 9)
	want := w.message("a", 5)
	want.Due, want.Attempts = kept(at(5)), 2
	same(w, "claimed after", got, []core.Message{want})
	w.must(w.Postpone(w.ctx, "a", at(200), "and again")) // later than until
	same(w, "claimed at until", idsOf(w.claim(at(150), at(300), 9)), []core.MessageID{"b"})
}

func buries(w *world) {
	w.enqueue(w.message("a", 0), w.message("b", 0))
	w.claim(at(0), at(1), 1)
	w.must(w.Bury(w.ctx, "a", at(1), "550 no such mailbox \x00\xff"))
	w.must(w.Bury(w.ctx, "a", at(2), "again"))
	w.must(w.Postpone(w.ctx, "a", at(0), "too late"))
	same(w, "messages", w.queued(), []core.MessageID{"b"})
	err := w.Enqueue(w.ctx, w.event(acme, "", core.ResetRequested, at(0)), w.message("a", 0))
	same(w, "one with the id of the buried", core.CodeOf(err), core.Internal)
	w.must(w.Finish(w.ctx, "a"))
	w.enqueue(w.message("a", 0))
	same(w, "messages", w.queued(), []core.MessageID{"a", "b"})
}

func goneMessages(w *world) {
	w.enqueue(w.message("a", 0))
	for _, id := range []core.MessageID{"", "gone", "a\x00", "\xff", "A", "%"} {
		w.must(w.Finish(w.ctx, id))
		w.must(w.Postpone(w.ctx, id, at(9), "why"))
		w.must(w.Bury(w.ctx, id, at(9), "why"))
	}
	same(w, "messages", idsOf(w.claim(at(0), at(9), 9)), []core.MessageID{"a"})
}

func enqueuesAll(w *world) {
	e := w.event(acme, "", core.ResetRequested, at(0))
	w.must(w.Enqueue(w.ctx, e, w.message("a", 0)))
	w.enqueue() // an event alone
	for what, messages := range map[string][]core.Message{
		"an id that is taken": {w.message("b", 0), w.message("a", 0), w.message("c", 0)},
		"one id twice":        {w.message("b", 0), w.message("b", 0)},
	} {
		w.unchanged(what, core.Internal, func() error {
			return w.Enqueue(w.ctx, w.event(acme, "", core.ResetRequested, at(1)), messages...)
		})
	}
	w.unchanged("an event that is taken", core.Internal, func() error { return w.Enqueue(w.ctx, e, w.message("b", 0)) })
	same(w, "messages", w.queued(), []core.MessageID{"a"})
	same(w, "events", len(w.state().Events), 2)
}

func appliesMessages(w *world) {
	a := w.create(ada(acme))
	m := w.mutation(a, 5, nil)
	notice := w.message("notice", 5)
	notice.Topic, notice.Facts = core.MailChangedNotice, map[string]string{"addr": "192.0.2.1"}
	m.Messages = []core.Message{notice, w.message("second", 6)}
	taken := m
	taken.Event = w.state().Events[0]
	w.unchanged("an event that is taken", core.Internal, func() error { return w.Apply(w.ctx, taken) })
	same(w, "claimed before the change", len(w.claim(at(9), at(9), 9)), 0)
	w.must(w.Apply(w.ctx, m))
	notice.Due, notice.Attempts = kept(at(5)), 1
	same(w, "claimed after the change", w.claim(at(5), at(9), 9), []core.Message{notice})
	w.unchanged("an id that is taken", core.Internal, func() error {
		m := w.mutation(w.find(a), 6, nil)
		m.Messages = []core.Message{w.message("third", 6), w.message("second", 6)}
		return w.Apply(w.ctx, m)
	})
	same(w, "messages", w.queued(), []core.MessageID{"notice", "second"})
}

func ownFacts(w *world) {
	m := w.message("a", 0)
	m.Facts = map[string]string{"dialect": "zap"}
	w.enqueue(m)
	m.Facts["dialect"] = "changed"
	for range 2 {
		got := w.claim(at(0), at(0), 1)
		same(w, "the facts", got[0].Facts, map[string]string{"dialect": "zap"})
		got[0].Facts["dialect"] = "changed"
	}
}
