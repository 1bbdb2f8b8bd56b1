package storetest

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"rekey/core"
)

// Benchmark measures the calls that every change makes, and what its commit costs
// more while the trail is being sealed.
func Benchmark(b *testing.B, open func(t testing.TB) Store) {
	b.Run("Account", func(b *testing.B) {
		w := newWorld(b, open(b))
		key := w.create(ada(acme)).Keys()[0]
		b.ReportAllocs()
		for b.Loop() {
			if _, err := w.Account(w.ctx, acme, key); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Reserve", func(b *testing.B) {
		w := newWorld(b, open(b))
		rules, limit := core.AttemptRules{Stop: core.MaxStop}, core.Limit{Key: "k", Every: time.Second, Burst: 9}
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			claim := core.Claim{Account: strconv.Itoa(n / 20), Client: "192.0.2.1"} // before it is stopped, the next one
			if r, err := w.Reserve(w.ctx, at(1), claim, rules, limit); err != nil || r.Wait > 0 {
				b.Fatal(r, err)
			}
		}
	})
	b.Run("Apply", func(b *testing.B) {
		w := newWorld(b, open(b))
		a := w.create(ada(acme))
		b.ReportAllocs()
		for b.Loop() {
			w.must(w.Apply(w.ctx, w.mutation(a, 1, nil)))
			a.Revision++
		}
	})
	b.Run("ApplyWhileSealing", func(b *testing.B) { applyWhileSealing(newWorld(b, open(b)), b) })
}

// applyWhileSealing takes turns: rounds of changes by several clients, with nobody
// sealing, and with all that is recorded sealed at once. It reports how much longer
// the latter take.
func applyWhileSealing(w *world, b *testing.B) {
	const clients, changes = 4, 100
	accounts := make([]core.Account, clients)
	for i := range accounts {
		a := bare(acme, fmt.Sprint("client", i))
		accounts[i] = w.create(a)
	}
	round := func() time.Duration {
		begun := time.Now()
		race(clients, func(i int) error {
			for range changes {
				w.must(w.Apply(w.ctx, w.mutation(accounts[i], 1, nil)))
				accounts[i].Revision++
			}
			return nil
		})
		return time.Since(begun)
	}
	sealing := w.sealing(w.Store, 500)
	sealing.Every, sealing.Pause = 20*time.Millisecond, 20*time.Millisecond
	var alone, beside time.Duration
	for b.Loop() {
		alone += round()
		_, err := sealing.All(w.ctx)
		w.must(err)
		ctx, stop := context.WithCancel(w.ctx)
		var sealer sync.WaitGroup
		sealer.Go(func() { sealing.Run(ctx) })
		beside += round()
		stop()
		sealer.Wait()
	}
	b.ReportMetric(float64(beside)/float64(alone), "ratio")
}
