package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rekey/core"
	"rekey/core/passhash"
	"rekey/store"
	"rekey/store/memory"
)

func TestReplicasOnOneDatabaseAreSeenTogether(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		if err := store.Migrate(t.Context(), store.Options{DSN: dsn}, func(string) {}); err != nil {
			t.Fatal(err)
		}
		opened := func() *store.DB {
			db, err := store.Open(t.Context(), store.Options{DSN: dsn})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			return db
		}
		killed, alive := newSampled(opened()), newSampled(opened())
		killed.queue, alive.queue = passhash.Stats{Workers: 2, Waiting: 3}, passhash.Stats{Workers: 4, Waiting: 1}
		killed.look()
		alive.look()
		killed.changes(3, "")
		killed.changes(2, core.Unavailable)
		alive.changes(5, "")
		alive.see(core.Pending{Waiting: 7, Lag: time.Second}, core.Pending{Dead: 1})
		killed.mustStore(t)
		killed.changes(100, "") // are lost with it
		alive.mustStore(t)
		alive.changes(1, core.WrongPassword)
		alive.mustStore(t)
		alive.pass(time.Minute)
		alive.changes(1, "")
		alive.mustStore(t)

		service := core.New(core.Parts{Samples: opened(), Now: alive.now})
		replicas, all, err := service.LastMinutes(t.Context(), 3)
		if err != nil || len(replicas) != 2 || replicas[0] == replicas[1] || len(all) != 3 {
			t.Fatalf("got %v, %d minutes, %v", replicas, len(all), err)
		}
		var got []string
		for _, s := range all {
			got = append(got, fmt.Sprint(s.Changes["zap"], s.Derivations, s.Outbox, s.Deliveries))
		}
		want := []string{
			"{0 0 0} {0 0 0 0} {0 0 0s} {0 0 0s}",
			"{8 1 2} {6 0 4 0} {7 0 1s} {0 1 0s}",
			"{1 0 0} {0 0 0 0} {7 0 1s} {0 1 0s}", // nobody has looked since
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got\n%q, want\n%q", got, want)
		}
	})
}

// flaky is a database that fails now and then, also after it has stored.
type flaky struct {
	*memory.Store
	mu   sync.Mutex
	dice *rand.Rand
	down bool
}

func (f *flaky) PutSamples(ctx context.Context, all []core.Sample) error {
	f.mu.Lock()
	toss := f.dice.IntN(4)
	down := f.down
	f.mu.Unlock()
	if down || toss == 0 {
		return core.Unavailable
	}
	if err := f.Store.PutSamples(ctx, all); err != nil {
		return err
	}
	if toss == 1 {
		return errors.New("the connection broke")
	}
	return nil
}

func TestNoChangeIsLostNorCountedTwice(t *testing.T) {
	t.Parallel()
	kept := &flaky{Store: memory.New(), dice: rand.New(rand.NewPCG(1, 2))}
	s := newSampled(kept)
	var clients, stores sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for n := range 3000 {
				s.changes(1, []core.Code{"", core.WrongPassword, core.Internal}[n%3])
				s.pass(25 * time.Millisecond)
			}
		})
	}
	done := make(chan struct{})
	for range 2 { // as while one generation follows another
		stores.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					_ = s.store(context.Background())
				}
			}
		})
	}
	clients.Wait()
	close(done)
	stores.Wait()
	for s.store(t.Context()) != nil {
		continue
	}
	all, took := counted(t, kept)
	var sum core.Changes
	for _, c := range all {
		sum = core.Changes{Changed: sum.Changed + c.Changed, Refused: sum.Refused + c.Refused, Failed: sum.Failed + c.Failed}
	}
	if want := (core.Changes{Changed: 4000, Refused: 4000, Failed: 4000}); sum != want || took != 12000 || len(all) < 2 {
		t.Errorf("got %+v in %d minutes, and %d that took a time, want %+v", sum, len(all), took, want)
	}
}

// slow is a database that keeps its first writer waiting.
type slow struct {
	*memory.Store
	writers         atomic.Int64
	begun, released chan struct{}
}

func (d *slow) PutSamples(ctx context.Context, all []core.Sample) error {
	if d.writers.Add(1) == 1 {
		close(d.begun)
		<-d.released
	}
	return d.Store.PutSamples(ctx, all)
}

func TestASlowDatabaseKeepsNoChangeWaitingAndNoOldSight(t *testing.T) {
	t.Parallel()
	kept := &slow{Store: memory.New(), begun: make(chan struct{}), released: make(chan struct{})}
	s := newSampled(kept)
	s.changes(1, "")
	var stores sync.WaitGroup
	stores.Go(func() { s.mustStore(t) })
	<-kept.begun
	s.changes(1, "") // would wait for ever
	s.look()
	s.see(core.Pending{}, core.Pending{})
	overtaken := make(chan struct{})
	stores.Go(func() {
		s.mustStore(t)
		close(overtaken)
	})
	select {
	case <-overtaken:
		t.Error("a newer sight was stored before an older one")
	case <-time.After(50 * time.Millisecond): // it waits its turn
	}
	close(kept.released)
	stores.Wait()
	if all, _ := counted(t, kept); fmt.Sprint(all) != "[{2 0 0}]" {
		t.Errorf("got %v, want 2 changes", all)
	}
}
