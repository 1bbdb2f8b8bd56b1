package core_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rekey/core"
	"rekey/store/memory"
)

// Deliveries are given up by their age, not by tries alone.
func TestADeliveryIsTriedForItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		enqueue(t, store, "a", "b")
		var outcomes []core.Outcome
		began := time.Now()
		run(t, store, 26*time.Hour, core.DispatcherParts{
			Handlers: map[core.Topic]core.Handler{core.TellEndpoint: func(context.Context, core.Message) error { return core.Unavailable }},
			Report:   func(o core.Outcome) { outcomes = append(outcomes, o) },
			Retry:    core.Retry{First: 5 * time.Second, Most: time.Hour, Tries: 3, Age: 24 * time.Hour},
		})
		last := map[core.MessageID]core.Outcome{}
		for _, o := range outcomes {
			if o.Message.ID == "b" && last["a"].Fate != core.Buried {
				t.Fatalf("b is tried before a is given up: %+v", o)
			}
			last[o.Message.ID] = o
		}
		if last["a"].Fate != core.Buried || last["a"].Message.Attempts < 24 || last["b"].Fate != core.Buried || last["b"].Message.Attempts != 3 {
			t.Errorf("got %+v after %v", last, time.Since(began))
		}
	})
}

// An endpoint that asks to be left alone is, and then told in order.
func TestARetryAfterHoldsForTheWholeQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		enqueue(t, store, "a")
		var tried []time.Duration
		began := time.Now()
		busy := true
		time.AfterFunc(20*time.Second, func() { enqueueFor(t, store, "other", "c") })
		run(t, store, 10*time.Minute, core.DispatcherParts{
			Handlers: map[core.Topic]core.Handler{core.TellEndpoint: func(context.Context, core.Message) error {
				tried = append(tried, time.Since(began))
				if busy {
					busy = false
					return &core.Error{Code: core.Unavailable, RetryAfter: 2 * time.Minute}
				}
				return nil
			}},
			Report: func(core.Outcome) {}, Retry: core.Retry{First: time.Second, Most: time.Second, Tries: 3}, Pauses: true, Ordered: true,
		})
		if len(tried) != 3 || tried[1] < 2*time.Minute || tried[2] > 2*time.Minute+2*time.Second {
			t.Errorf("tried at %v", tried)
		}
	})
}

// Who has told an account's event tells the next at once.
func TestAnAccountsDeliveriesFollowEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		enqueue(t, store, "a", "b", "c", "d")
		var done []core.MessageID
		run(t, store, 500*time.Millisecond, core.DispatcherParts{
			Handlers: map[core.Topic]core.Handler{core.TellEndpoint: func(_ context.Context, m core.Message) error {
				done = append(done, m.ID)
				return nil
			}},
			Report: func(core.Outcome) {}, Retry: core.Retry{Tries: 3}, Ordered: true,
		})
		if !slices.Equal(done, []core.MessageID{"a", "b", "c", "d"}) {
			t.Errorf("within half a poll got %v", done)
		}
	})
}

// run lets a dispatcher work on siem's deliveries for so long.
func run(t *testing.T, store *memory.Store, lasting time.Duration, parts core.DispatcherParts) {
	var mu sync.Mutex // what a test remembers is the work of several
	handle, report := parts.Handlers[core.TellEndpoint], parts.Report
	parts.Handlers = map[core.Topic]core.Handler{core.TellEndpoint: func(ctx context.Context, m core.Message) error {
		mu.Lock()
		defer mu.Unlock()
		return handle(ctx, m)
	}}
	parts.Report = func(o core.Outcome) {
		mu.Lock()
		defer mu.Unlock()
		report(o)
	}
	parts.Outbox, parts.Now, parts.Workers, parts.Poll, parts.Lease = core.QueueOf(store, "siem"), time.Now, 4, time.Second, time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), lasting)
	defer cancel()
	core.NewDispatcher(parts).Run(ctx)
}

func enqueue(t *testing.T, store *memory.Store, ids ...core.MessageID) {
	enqueueFor(t, store, "ada", ids...)
}

func enqueueFor(t *testing.T, store *memory.Store, account core.AccountID, ids ...core.MessageID) {
	var all []core.Message
	for _, id := range ids {
		all = append(all, core.Message{
			ID: id, Tenant: acme, Account: account, Topic: core.TellEndpoint, Endpoint: "siem", Due: time.Now(), Since: time.Now(),
		})
	}
	if err := store.Enqueue(t.Context(), core.Event{ID: core.EventID("e-" + ids[0]), At: time.Now(), Tenant: acme}, all...); err != nil {
		t.Fatal(err)
	}
}
