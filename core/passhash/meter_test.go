package passhash_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rekey/core/passhash"
)

func TestAMeterIsToldOfEveryWaitAndDerivation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 1, 8)
		var mu sync.Mutex
		var waited, derived []time.Duration
		note := func(into *[]time.Duration) func(time.Duration) {
			return func(took time.Duration) {
				mu.Lock()
				defer mu.Unlock()
				*into = append(*into, took)
			}
		}
		d.pool.Measure(passhash.Meter{Now: time.Now, Waited: note(&waited), Derived: note(&derived)})
		for caller := range 2 {
			d.arrive(t.Context(), caller)
		}
		time.Sleep(3 * time.Second)
		d.release()
		time.Sleep(2 * time.Second)
		d.release()
		if !slices.Equal(waited, []time.Duration{0, 3 * time.Second}) || !slices.Equal(derived, []time.Duration{3 * time.Second, 2 * time.Second}) {
			t.Errorf("got waits %v, derivations %v", waited, derived)
		}
		if s := d.pool.Stats(); s.Workers != 1 {
			t.Errorf("got %+v, want one worker", s)
		}
	})
}
