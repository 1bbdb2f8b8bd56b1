package storetest

import (
	"testing"
)

// Benchmark measures the two calls that every change makes.
func Benchmark(b *testing.B, open func(t testing.TB) Store) {
	b.Run("Account", func(b *testing.B) {
		w := newWorld(b, open(b))
		key := w.create(ada(acme)).Keys()[0]
		for b.Loop() {
			if _, err := w.Account(w.ctx, acme, key); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Apply", func(b *testing.B) {
		w := newWorld(b, open(b))
		a := w.create(ada(acme))
		for b.Loop() {
			w.must(w.Apply(w.ctx, w.mutation(a, 1, nil)))
			a.Revision++
		}
	})
}
