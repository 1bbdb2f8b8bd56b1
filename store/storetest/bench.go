package storetest

import (
	"strconv"
	"testing"
	"time"

	"rekey/core"
)

// Benchmark measures the calls that every change makes.
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
}
