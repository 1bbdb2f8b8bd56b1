package storetest

import (
	"fmt"
	"sync"
	"time"

	"rekey/core"
)

func aboutSamples() []check {
	return []check{
		{"a sample is read as it was put, and replaced by a newer one", putSamples},
		{"samples are read by their minutes, in order, and of all replicas", readSamples},
		{"samples are pruned by their minute", pruneSamples},
	}
}

// minute returns the beginning of the n-th minute, as stores keep it.
func minute(n int) time.Time {
	return at(0).UTC().Truncate(time.Minute).Add(time.Duration(n) * time.Minute)
}

// sample returns one with everything that a sample can have.
func sample(replica string, n, changed int) core.Sample {
	return core.Sample{
		Replica: replica, At: minute(n),
		Changes:     map[string]core.Changes{"zap": {Changed: changed, Refused: 2, Failed: 3}, "unleash": {Refused: 1}},
		Took:        core.Durations{{Index: 0, Count: 1}, {Index: 199, Count: 6}},
		Derivations: core.Derivations{Workers: 4, Running: 3, Waiting: 2, Refused: 1},
		Outbox:      core.Pending{Waiting: 5, Dead: 6, Lag: 7 * time.Second},
		Deliveries:  core.Pending{Waiting: 8, Dead: 9, Lag: 1500 * time.Microsecond},
	}
}

// samples wants these, and no others, between two minutes.
func (w *world) samples(since, until int, want ...core.Sample) {
	w.Helper()
	got, err := w.Samples(w.ctx, minute(since), minute(until))
	w.must(err)
	same(w, fmt.Sprintf("samples from %d to %d", since, until), got, want)
}

func putSamples(w *world) {
	w.must(w.PutSamples(w.ctx, nil))
	w.samples(-9, 9)
	bare := core.Sample{Replica: "b", At: minute(0)}
	w.must(w.PutSamples(w.ctx, []core.Sample{sample("a", 0, 1), bare}))
	w.samples(0, 1, sample("a", 0, 1), bare)
	w.must(w.PutSamples(w.ctx, []core.Sample{sample("a", 0, 4), sample("a", 1, 5)}))
	w.samples(0, 9, sample("a", 0, 4), bare, sample("a", 1, 5))
	w.must(w.PutSamples(w.ctx, []core.Sample{bare, {Replica: "a", At: minute(1)}}))
	w.samples(1, 2, core.Sample{Replica: "a", At: minute(1)})
	elsewhere := sample("c", 2, 1)
	elsewhere.At = elsewhere.At.In(time.FixedZone("away", 3600))
	w.must(w.PutSamples(w.ctx, []core.Sample{elsewhere}))
	w.samples(2, 3, sample("c", 2, 1))
}

func readSamples(w *world) {
	for n := 5; n >= 0; n-- {
		w.must(w.PutSamples(w.ctx, []core.Sample{sample("b", n, n), sample("a", n, n), sample("Ünï", n, n)}))
	}
	w.samples(2, 4, sample("a", 2, 2), sample("b", 2, 2), sample("Ünï", 2, 2), sample("a", 3, 3), sample("b", 3, 3), sample("Ünï", 3, 3))
	w.samples(3, 3)
	w.samples(4, 3)
	w.samples(6, 99)
	w.samples(-99, 0)
}

// What one replica puts is not lost for what another does.
func raceSamples(w *world) {
	var group sync.WaitGroup
	for i := range racers {
		group.Go(func() {
			for changed := range 5 {
				if err := w.nth(i).PutSamples(w.ctx, []core.Sample{sample(fmt.Sprintf("r%02d", i), 0, changed)}); err != nil {
					w.Errorf("put: %v", err)
				}
			}
		})
	}
	group.Wait()
	var want []core.Sample
	for i := range racers {
		want = append(want, sample(fmt.Sprintf("r%02d", i), 0, 4))
	}
	w.samples(0, 1, want...)
}

func pruneSamples(w *world) {
	for n := range 3 {
		w.must(w.PutSamples(w.ctx, []core.Sample{sample("a", n, 1), sample("b", n, 1)}))
	}
	drop := func(before, limit, want int) {
		w.Helper()
		n, err := w.Prune(w.ctx, core.PastSamples, minute(before), limit)
		w.must(err)
		same(w, fmt.Sprintf("samples pruned before minute %d", before), n, want)
	}
	drop(0, 9, 0)
	drop(2, 3, 3)
	drop(2, 3, 1)
	drop(2, 3, 0)
	w.samples(-9, 9, sample("a", 2, 1), sample("b", 2, 1))
}
