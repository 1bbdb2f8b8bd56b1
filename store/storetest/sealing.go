package storetest

import (
	"context"
	"fmt"
	"time"

	"rekey/core"
	"rekey/core/audit"
)

func aboutSealing() []check {
	return []check{
		{"what is not sealed is sealed once, and verifies", sealOnce},
		{"what commits late goes into the next batch", sealLate},
		{"a seal that does not follow the head stores nothing", sealStale},
		{"a row that is sealed or gone is not sealed", sealGone},
		{"whole batches are pruned, and their seals stay", sealPrune},
		{"a batch is pruned when its last event is old enough", sealPruneLast},
	}
}

// sealing returns what seals by batches of so many.
func (w *world) sealing(s Store, batch int) audit.Sealing {
	return audit.Sealing{Trail: s, Now: func() time.Time { return at(99) }, Batch: batch, Report: func(_ audit.Seal, err error) {
		if err != nil {
			w.Errorf("sealing: %v", err)
		}
	}}
}

// seal seals all there is, and wants so many rows sealed.
func (w *world) seal(batch int, want int64) {
	w.Helper()
	n, err := w.sealing(w.Store, batch).All(w.ctx)
	w.must(err)
	same(w, "rows sealed", n, want)
}

// record stores events at the seconds.
func (w *world) record(seconds ...int) (all []core.Event) {
	w.Helper()
	for n, second := range seconds {
		e := w.event([]core.TenantID{acme, birch, none}[n%3], "somebody", core.PasswordRefused, at(second))
		w.must(w.Record(w.ctx, e))
		all = append(all, e)
	}
	return all
}

// verify wants the trail to hold, and returns what was seen.
func (w *world) verify() audit.Result {
	w.Helper()
	check := &audit.Check{Kept: audit.Stamp(at(1000).Truncate(time.Microsecond))}
	r, err := audit.Verification{Trail: w, Check: check, Found: func(f audit.Finding) { w.Error(f) }}.Run(w.ctx)
	w.must(err)
	return r
}

func (w *world) seals() []audit.Seal {
	w.Helper()
	all, err := w.Seals(w.ctx, 0, everything)
	w.must(err)
	return all
}

func sealOnce(w *world) {
	head, err := w.Head(w.ctx)
	w.must(err)
	same(w, "the first head", head, audit.Anchor{})
	w.seal(3, 0)
	events := w.record(5, 4, 3, 2, 1, 1, 1)
	w.seal(3, 7)
	w.seal(3, 0)
	seals := w.seals()
	same(w, "seals", len(seals), 3)
	head, err = w.Head(w.ctx)
	w.must(err)
	same(w, "the head", head, seals[2].Anchor())
	same(w, "the first batch is the oldest", seals[0].Last, audit.Stamp(kept(at(1))))
	same(w, "leaves", len(seals[0].Leaves), 3)
	rows, err := w.Sealed(w.ctx, audit.Place{}, everything)
	w.must(err)
	same(w, "rows in batches", len(rows), len(events))
	page, err := w.Sealed(w.ctx, rows[2].Place(), 2)
	w.must(err)
	same(w, "a page", page, rows[3:5])
	same(w, "rows verified", w.verify().Rows, int64(7))
	for _, r := range rows {
		e, err := r.Event()
		w.must(err)
		same(w, "a row's row", audit.RowOf(e).Leaf(), r.Leaf())
	}
}

func sealLate(w *world) {
	w.record(5, 6)
	w.seal(9, 2)
	late := core.Event{ID: "a", At: at(1), Tenant: acme, Action: core.TokenIssued} // an earlier id, and time
	w.must(w.Record(w.ctx, late))
	w.seal(9, 1)
	rows, err := w.Sealed(w.ctx, audit.Place{Batch: 1, Tenant: "z"}, 9)
	w.must(err)
	same(w, "the second batch", rows[0].ID, "a")
	w.verify()
}

func sealStale(w *world) {
	w.record(1, 2)
	rows, err := w.Unsealed(w.ctx, audit.Row{}, 1)
	w.must(err)
	w.seal(1, 2)
	for _, head := range []audit.Anchor{{}, {Seq: 1}, {Seq: 2}, {Seq: 7}} {
		stale := audit.NewSeal(head, rows, at(9), nil)
		if err := w.Seal(w.ctx, stale, rows); core.CodeOf(err) != core.Conflict {
			w.Errorf("after %v: got %v, want conflict", head, err)
		}
	}
	same(w, "seals", len(w.seals()), 2)
	w.verify()
}

func sealGone(w *world) {
	w.record(1, 2, 3)
	rows, err := w.Unsealed(w.ctx, audit.Row{}, 9)
	w.must(err)
	w.seal(2, 3)
	head, err := w.Head(w.ctx)
	w.must(err)
	sealed := audit.NewSeal(head, rows, at(9), nil)
	if err := w.Seal(w.ctx, sealed, rows); core.CodeOf(err) != core.Internal {
		w.Errorf("sealed rows: got %v, want internal", err)
	}
	gone := []audit.Row{{Tenant: "acme", ID: "gone"}}
	if err := w.Seal(w.ctx, audit.NewSeal(head, gone, at(9), nil), gone); core.CodeOf(err) != core.Internal {
		w.Errorf("a row that is gone: got %v, want internal", err)
	}
	same(w, "seals", len(w.seals()), 2)
	w.verify()
}

func sealPrune(w *world) {
	w.record(1, 2, 3, 4, 5, 6, 7)
	w.seal(2, 7)
	w.record(1)
	w.prune(core.SealedEvents, 2, 9, 0)
	w.prune(core.SealedEvents, 4, 9, 2)
	w.prune(core.SealedEvents, 4, 9, 0)
	w.prune(core.SealedEvents, 99, 3, 4)
	w.prune(core.SealedEvents, 99, 0, 0)
	same(w, "seals", len(w.seals()), 4)
	r := w.verify()
	same(w, "seals whose rows are pruned", r.Pruned, int64(3))
	same(w, "rows", r.Rows, int64(1))
	same(w, "events", len(w.state().Events), 2)
	w.prune(core.PastEvents, 99, 9, 1) // what is not sealed goes by its own age
	w.record(50)
	w.seal(2, 1)
	w.verify()
}

func sealPruneLast(w *world) {
	w.record(1, 9)
	w.seal(2, 2)
	w.prune(core.SealedEvents, 9, 9, 0)
	w.prune(core.SealedEvents, 10, 9, 2)
}

// raceSealers has many seal while others record.
func raceSealers(w *world) {
	const writers, each = 3, 40
	ctx, stop := context.WithCancel(w.ctx)
	defer stop()
	done := make(chan int64)
	for i := range racers {
		go func() {
			var n int64
			for ctx.Err() == nil {
				sealed, err := w.sealing(w.nth(i), 7).All(w.ctx)
				w.must(err)
				n += sealed
			}
			done <- n
		}()
	}
	got := race(writers, func(i int) error {
		for n := range each {
			e := w.event(acme, "", core.PasswordRefused, at(n))
			e.ID = core.EventID(fmt.Sprintf("w%d-%03d", i, (n*7)%each)) // ids in no order
			if err := w.nth(i).Record(w.ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	same(w, "answers", got, map[core.Code]int{"": writers})
	stop()
	var sealed int64
	for range racers {
		sealed += <-done
	}
	left, err := w.sealing(w.Store, 7).All(w.ctx)
	w.must(err)
	same(w, "rows sealed", sealed+left, int64(writers*each))
	same(w, "rows verified", w.verify().Rows, int64(writers*each))
}
