package storetest

import (
	"fmt"
	"time"

	"rekey/core"
)

func aboutPruning() []check {
	return []check{
		{"events are pruned oldest first, in every tenant", pruneEvents},
		{"tokens and codes are pruned by their expiry", pruneProofs},
		{"only buried messages are pruned", pruneMessages},
		{"deliveries are pruned by when they were stored, whatever became of them", pruneDeliveries},
		{"limits are pruned when they count no longer, attempts by their last", pruneCounts},
		{"what does not exist cannot be pruned", pruneNothing},
	}
}

// prune wants so many of the remnants dropped.
func (w *world) prune(what core.Remnant, before, limit, want int) {
	w.Helper()
	n, err := w.Prune(w.ctx, what, at(before), limit)
	w.must(err)
	same(w, fmt.Sprintf("%s pruned before %d", what, before), n, want)
}

func pruneEvents(w *world) {
	for n := range 6 {
		tenant := []core.TenantID{acme, birch, none}[n%3]
		w.must(w.Record(w.ctx, w.event(tenant, "", core.PasswordRefused, at(5-n))))
	}
	w.prune(core.PastEvents, 0, 9, 0)
	w.prune(core.PastEvents, 3, 2, 2)
	w.prune(core.PastEvents, 3, 2, 1)
	w.prune(core.PastEvents, 3, 2, 0)
	w.prune(core.PastEvents, 9, 0, 0)
	w.prune(core.PastEvents, 9, -1, 0)
	for _, e := range w.state().Events {
		if e.At.Before(kept(at(3))) {
			w.Errorf("an event of %v is left", e.At)
		}
	}
	same(w, "events left", len(w.state().Events), 3)
}

func pruneProofs(w *world) {
	a := w.create(ada(acme))
	token := w.token(a, "token", 1)
	life := int(w.known(token).ExpiresAt.Sub(kept(at(0))) / time.Second)
	code := w.code(a, "code", 0)
	w.prune(core.DeadTokens, life, 9, 0)
	w.prune(core.DeadCodes, int(code.ExpiresAt.Sub(kept(at(0)))/time.Second), 9, 0)
	w.prune(core.DeadTokens, life+1, 9, 1)
	w.prune(core.DeadCodes, int(code.ExpiresAt.Sub(kept(at(0)))/time.Second)+1, 9, 1)
	if _, err := w.Token(w.ctx, token); core.CodeOf(err) != core.NotFound {
		w.Errorf("the token: got %v, want not_found", err)
	}
	if _, err := w.TryCode(w.ctx, acme, a.ID, purpose, at(0), 9); core.CodeOf(err) != core.NotFound {
		w.Errorf("the code: got %v, want not_found", err)
	}
	same(w, "the account", w.find(a).ID, a.ID)
}

func pruneMessages(w *world) {
	w.must(w.Enqueue(w.ctx, w.event(acme, "", core.ResetRequested, at(0)), w.message("due", 0), w.message("buried", 0), w.message("later", 0)))
	w.must(w.Bury(w.ctx, "buried", at(3), "why"))
	w.must(w.Bury(w.ctx, "later", at(5), "why"))
	w.must(w.Bury(w.ctx, "later", at(1), "buried already"))
	w.prune(core.BuriedMessages, 3, 9, 0)
	w.prune(core.BuriedMessages, 4, 9, 1)
	w.prune(core.BuriedMessages, 6, 9, 1)
	same(w, "messages that are due", len(w.queued()), 1)
}

func pruneDeliveries(w *world) {
	w.enqueue(w.delivery("siem", "a", 1), w.delivery("gone", "b", 2), w.delivery("siem", "c", 3))
	w.must(w.BuryDelivery(w.ctx, "a", at(50), "why"))
	w.prune(core.PastDeliveries, 1, 9, 0)
	w.prune(core.PastDeliveries, 3, 9, 2)
	same(w, "left", ids(w.deliveries(core.Selection{})), []core.MessageID{"c"})
	w.retry(10, 1, "c")
	w.prune(core.PastDeliveries, 9, 9, 0)
	w.prune(core.PastDeliveries, 11, 9, 1)
}

func pruneCounts(w *world) {
	short, long := core.Limit{Key: "short", Every: time.Second, Burst: 1}, core.Limit{Key: "long", Every: time.Minute, Burst: 1}
	_, err := w.Take(w.ctx, at(0), short, long)
	w.must(err)
	w.prune(core.IdleLimits, 1, 9, 0)
	w.prune(core.IdleLimits, 30, 9, 1)
	wait, err := w.Take(w.ctx, at(30), long)
	w.must(err)
	same(w, "the wait", wait, 30*time.Second)

	w.reserve(0, "ada", "home", counted(1))
	w.reserve(5, "ada", "office", counted(2))
	w.prune(core.IdleAttempts, 5, 9, 1)
	w.reserve(6, "ada", "home", counted(3))
	w.prune(core.IdleAttempts, 7, 2, 2)
	w.prune(core.IdleAttempts, 7, 2, 1)
	w.reserve(7, "ada", "home", counted(1))
}

func pruneNothing(w *world) {
	w.unchanged("a kind that there is not", core.Internal, func() error {
		_, err := w.Prune(w.ctx, "accounts", at(1000), 9)
		return err
	})
}
