package storetest

import (
	"fmt"

	"rekey/core"
)

func (w *world) retry(second int, want int, ids ...core.MessageID) {
	w.Helper()
	n, err := w.RetryDeliveries(w.ctx, at(second), ids...)
	w.must(err)
	same(w, fmt.Sprint("retried of ", ids), n, want)
}

func retriesDeliveries(w *world) {
	w.enqueue(w.delivery("siem", "a", 0), w.delivery("siem", "b", 0))
	w.claimFor("siem", 1)
	w.must(w.BuryDelivery(w.ctx, "a", at(2), "410 gone"))
	w.must(w.PostponeDelivery(w.ctx, "b", at(900), "503"))
	w.retry(10, 0)
	w.retry(10, 0, "gone", "a\x00")
	w.retry(10, 2, "a", "b", "gone")
	first := w.delivery("siem", "a", 10)
	first.Due, first.Since = kept(at(10)), kept(at(10))
	d := w.deliveries(core.Selection{})[0]
	same(w, "the first", d.Message, first)
	same(w, "why is kept", d.Why, "410 gone")
	same(w, "buried", d.BuriedAt.IsZero(), true)
	same(w, "claimed", idsOf(w.claimFor("siem", 10)), []core.MessageID{"a"})
}

func retriesNotHeld(w *world) {
	w.enqueue(w.delivery("siem", "a", 0))
	w.claimFor("siem", 1)
	w.retry(10, 0, "a")
	same(w, "claimed while it is tried", len(w.claimFor("siem", 10)), 0)
	w.retry(101, 1, "a") // whoever had it is dead
	w.claimFor("siem", 101)
	w.must(w.PostponeDelivery(w.ctx, "a", at(900), "503"))
	w.retry(102, 1, "a")
	same(w, "claimed", idsOf(w.claimFor("siem", 102)), []core.MessageID{"a"})
}

func goneDeliveries(w *world) {
	w.enqueue(w.delivery("siem", "a", 0), w.message("mail", 0))
	for _, id := range []core.MessageID{"", "gone", "a\x00", "\xff", "A", "%", "mail"} {
		w.must(w.FinishDelivery(w.ctx, id))
		w.must(w.PostponeDelivery(w.ctx, id, at(9), "why"))
		w.must(w.BuryDelivery(w.ctx, id, at(9), "why"))
	}
	w.must(w.Finish(w.ctx, "a"))
	w.must(w.Bury(w.ctx, "a", at(0), "why"))
	same(w, "deliveries", idsOf(w.claimFor("siem", 0)), []core.MessageID{"a"})
	same(w, "the outbox", w.queued(), []core.MessageID{"mail"})
}
