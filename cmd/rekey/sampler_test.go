package main

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"rekey/core"
	"rekey/core/passhash"
	"rekey/store/memory"
)

// sampled is a replica with a clock, derivations and a database of its test's.
type sampled struct {
	*sampler
	mu    sync.Mutex
	clock time.Time
	queue passhash.Stats
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func newSampled(kept core.Samples) *sampled {
	s := &sampled{clock: noon}
	s.sampler = newSampler(kept, func() time.Time {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.clock
	}, func() passhash.Stats { return s.queue })
	s.begin()
	return s
}

// pass moves the replica's clock.
func (s *sampled) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(d)
}

// changes counts so many.
func (s *sampled) changes(n int, code core.Code) {
	for range n {
		s.count(core.Ending{Dialect: "zap", At: s.now(), Took: 60 * time.Millisecond, Code: code})
	}
}

// mustStore stores what was seen.
func (s *sampled) mustStore(t *testing.T) {
	t.Helper()
	if err := s.store(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// counted returns how many changes of the dialect zap are stored of each minute since noon.
func counted(t *testing.T, kept core.Samples) (all []core.Changes, took int) {
	t.Helper()
	samples, err := kept.Samples(t.Context(), noon.AddDate(-1, 0, 0), noon.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		all = append(all, s.Changes["zap"])
		for _, b := range s.Took {
			took += b.Count
		}
	}
	return all, took
}

func TestAnOutageIsToldOfAfterwards(t *testing.T) {
	t.Parallel()
	kept := &flaky{Store: memory.New(), dice: rand.New(rand.NewPCG(4, 4)), down: true}
	s := newSampled(kept)
	for range maxUnstored + 5 {
		s.changes(1, core.Unavailable)
		if s.store(t.Context()) == nil {
			t.Fatal("it is down")
		}
		s.pass(time.Minute)
	}
	if len(s.minutes) != maxUnstored {
		t.Errorf("%d minutes wait, want %d", len(s.minutes), maxUnstored)
	}
	kept.down = false
	for s.store(t.Context()) != nil {
		continue
	}
	if all, _ := counted(t, kept); len(all) != maxUnstored || all[0] != (core.Changes{Failed: 1}) {
		t.Errorf("got %d minutes: %v", len(all), all)
	}
	if len(s.minutes) != 1 {
		t.Errorf("%d minutes wait when all are stored", len(s.minutes))
	}
}

func TestAClockThatIsSetBackLosesNothing(t *testing.T) {
	t.Parallel()
	kept := memory.New()
	s := newSampled(kept)
	for _, step := range []time.Duration{0, time.Minute, -5 * time.Minute, time.Minute, 5 * time.Minute} {
		s.pass(step)
		s.changes(1, "")
		s.mustStore(t)
	}
	if all, _ := counted(t, kept); fmt.Sprint(all) != "[{1 0 0} {3 0 0} {1 0 0}]" {
		t.Errorf("got %v", all)
	}
}

func TestTheMostThatIsSeenOfAMinuteIsKept(t *testing.T) {
	t.Parallel()
	kept := memory.New()
	s := newSampled(kept)
	seen := func() string {
		s.mustStore(t)
		all, err := kept.Samples(t.Context(), noon, noon.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		last := all[len(all)-1]
		return fmt.Sprint(last.Derivations, last.Outbox, last.Deliveries)
	}
	for _, step := range []struct {
		queue passhash.Stats
		mail  core.Pending
		after time.Duration
		want  string
	}{
		{passhash.Stats{Workers: 4, Running: 4, Waiting: 9, Refused: 5}, core.Pending{Waiting: 3, Lag: time.Second}, 0, "{4 4 9 5} {3 0 1s} {6 0 2s}"},
		{passhash.Stats{Workers: 2, Running: 1, Waiting: 2, Refused: 7}, core.Pending{Waiting: 1, Dead: 1}, 0, "{2 4 9 7} {3 1 1s} {6 0 2s}"},
		{passhash.Stats{Workers: 2, Running: 1, Refused: 8}, core.Pending{}, time.Minute, "{2 1 0 1} {1 1 0s} {6 0 2s}"}, // from what was seen last
		{passhash.Stats{Workers: 2, Refused: 8}, core.Pending{}, time.Minute, "{2 0 0 0} {0 0 0s} {6 0 2s}"},
	} {
		s.pass(step.after)
		s.queue = step.queue
		s.look()
		s.see(step.mail, core.Pending{Waiting: 6, Lag: 2 * time.Second})
		if got := seen(); got != step.want {
			t.Errorf("after %+v: got %s, want %s", step, got, step.want)
		}
	}
}

// What nobody stores is not kept, and is not told of when somebody does.
func TestNothingIsSeenWhileNobodyStores(t *testing.T) {
	t.Parallel()
	kept := memory.New()
	s := newSampled(kept)
	s.end()
	s.see(core.Pending{Waiting: 3}, core.Pending{})
	s.queue = passhash.Stats{Refused: 5}
	if err := s.store(t.Context()); err != nil || len(s.minutes) > 0 {
		t.Errorf("%d minutes wait, %v", len(s.minutes), err)
	}
	s.begin()
	s.look()
	s.begin() // the next generation
	s.see(core.Pending{Waiting: 1}, core.Pending{})
	s.end()
	s.mustStore(t)
	all, err := kept.Samples(t.Context(), noon, noon.Add(time.Hour))
	if err != nil || len(all) != 1 || all[0].Derivations.Refused != 0 || all[0].Outbox.Waiting != 1 {
		t.Errorf("got %+v, %v", all, err)
	}
}

// BenchmarkCounting is what it costs a change to be counted, by as many at once as
// there are cores: the least derivation costs 25 ms.
func BenchmarkCounting(b *testing.B) {
	s := newSampler(memory.New(), time.Now, func() passhash.Stats { return passhash.Stats{} })
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s.count(core.Ending{Dialect: "zap", At: noon, Took: 60 * time.Millisecond})
		}
	})
}
