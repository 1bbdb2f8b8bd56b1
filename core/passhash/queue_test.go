package passhash_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rekey/core"
	"rekey/core/passhash"
)

func TestRunsNoMoreThanItsWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 3, 7)
		for caller := range 10 {
			d.arrive(t.Context(), caller)
		}
		d.want(t, 3, 7, 0)
		for range 10 {
			d.release()
		}
		d.want(t, 0, 0, 0)
		if d.most != 3 {
			t.Errorf("%d derivations ran at once, want 3", d.most)
		}
		for caller, err := range d.errs {
			if err != nil {
				t.Errorf("caller %d: %v", caller, err)
			}
		}
		if got := d.pool.Stats().Derived; got != 10 || len(d.served) != 10 {
			t.Errorf("%d derivations for %d callers, want 10", got, len(d.served))
		}
	})
}

func TestServesInOrderOfArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 1, 8)
		var want []int
		for caller := range 9 {
			d.arrive(t.Context(), caller)
			want = append(want, caller)
		}
		for range 9 {
			d.release()
		}
		if !slices.Equal(d.served, want) {
			t.Errorf("served %v, want %v", d.served, want)
		}
	})
}

func TestAFullQueueRefusesAtOnce(t *testing.T) {
	for _, c := range []struct {
		workers, queue int
		want           time.Duration
	}{{1, 0, time.Second}, {1, 2, time.Second}, {1, 10, 2 * time.Second}, {4, 10, time.Second}, {2, 64, 4 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t, c.workers, c.queue)
			full := c.workers + c.queue
			for caller := range full {
				d.arrive(t.Context(), caller)
			}
			d.arrive(t.Context(), full)
			d.want(t, c.workers, c.queue, 1)
			if err := d.errs[full]; !errors.Is(err, core.Unavailable) || core.AsError(err).RetryAfter != c.want {
				t.Errorf("%d workers, %d waiting: %#v; want unavailable, retry after %v", c.workers, c.queue, err, c.want)
			}
			d.release()
			d.arrive(t.Context(), full+1)
			d.want(t, c.workers, c.queue, 1)
			for range full {
				d.release()
			}
		})
	}
}

func TestACancelledCallerGivesUpItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 1, 1)
		d.arrive(t.Context(), 0)
		ctx, cancel := context.WithCancel(t.Context())
		d.arrive(ctx, 1)
		d.want(t, 1, 1, 0)
		cancel()
		synctest.Wait()
		d.want(t, 1, 0, 0)
		if err := d.errs[1]; !errors.Is(err, context.Canceled) || core.CodeOf(err) != core.Unavailable {
			t.Errorf("the cancelled caller got %v, want a cancelled context", err)
		}
		d.arrive(t.Context(), 2)
		d.want(t, 1, 1, 0)
		d.release()
		d.release()
		if want := []int{1, 0, 2}; !slices.Equal(d.served, want) {
			t.Errorf("served %v, want %v", d.served, want)
		}
	})
}

func TestACallerWhoseContextEndedCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 1, 1)
		ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
		defer cancel()
		d.arrive(ctx, 0)
		if err := d.errs[0]; !errors.Is(err, context.DeadlineExceeded) || d.most != 0 {
			t.Errorf("got %v after %d derivations, want an expired context and none", err, d.most)
		}
	})
}

func TestADerivationKeepsItsWorkerUntilItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 1, 1)
		ctx, cancel := context.WithCancel(t.Context())
		d.arrive(ctx, 0)
		d.arrive(t.Context(), 1)
		cancel()
		synctest.Wait()
		d.want(t, 1, 1, 0)
		if d.most != 1 {
			t.Errorf("%d derivations ran at once, want 1", d.most)
		}
		d.release()
		d.release()
		if d.most != 1 || d.errs[1] != nil {
			t.Errorf("%d derivations ran at once, and the next caller got %v", d.most, d.errs[1])
		}
	})
}

func TestManyCallersAtOnce(t *testing.T) {
	config := passhash.ForTests()
	config.Workers, config.Queue = 2, 4
	pool := newPool(t, config)
	var callers sync.WaitGroup
	for range 200 {
		callers.Go(func() {
			_, err := pool.Verify(t.Context(), ada, "")
			if err != nil && !errors.Is(err, core.Unavailable) {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if s := pool.Stats(); s.Running != 0 || s.Waiting != 0 || s.Derived+s.Refused != 200 {
		t.Errorf("after 200 callers: %+v", s)
	}
}

// What was let in is not refused halfway, when its work would be lost.
func TestASeatIsKeptBetweenDerivations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 1, 1)
		seated, leave, err := d.pool.Seat(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		d.arrive(seated, 0)
		d.release()
		d.arrive(t.Context(), 1)
		d.arrive(t.Context(), 2) // the seat is empty, and taken
		d.want(t, 1, 0, 1)
		d.arrive(seated, 3)
		d.want(t, 1, 1, 1)
		d.release()
		d.release()
		leave()
		leave() // gives nothing back twice
		for caller := range 3 {
			d.arrive(t.Context(), 4+caller)
		}
		d.want(t, 1, 1, 2)
		d.release()
		d.release()
		if !errors.Is(d.errs[2], core.Unavailable) || d.errs[3] != nil || !errors.Is(d.errs[6], core.Unavailable) {
			t.Errorf("got %v", d.errs)
		}
	})
}

// A seat that nobody got is asked for again.
func TestASeatThatWasRefusedIsNotHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 1, 0)
		d.arrive(t.Context(), 0)
		seated, leave, err := d.pool.Seat(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		d.arrive(seated, 1)
		leave()
		d.want(t, 1, 0, 1)
		d.release()
		d.arrive(seated, 2)
		d.want(t, 1, 0, 1)
		d.release()
		leave()
	})
}

// Who will derive in any case learns at once that there is no place.
func TestASeatIsTakenAtOnceOrRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 1, 1)
		seated, leave, err := d.pool.Seat(t.Context(), true)
		if err != nil {
			t.Fatal(err)
		}
		d.arrive(t.Context(), 1)
		if _, _, err := d.pool.Seat(t.Context(), true); !errors.Is(err, core.Unavailable) || core.AsError(err).RetryAfter <= 0 {
			t.Errorf("a third seat of two: %v", err)
		}
		d.arrive(seated, 2)
		d.want(t, 1, 1, 1)
		d.release()
		d.release()
		leave()
		if _, leave, err = d.pool.Seat(t.Context(), true); err != nil {
			t.Errorf("once it is empty: %v", err)
		}
		leave()
	})
}

// What was begun is done before more is begun: a change that waited behind all
// others for each of its derivations would run out of time with all of them.
func TestWhoHasBegunGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 1, 9)
		seated, leave, err := d.pool.Seat(t.Context(), true)
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
		d.arrive(seated, 0)
		d.arrive(t.Context(), 1)
		d.arrive(t.Context(), 2)
		d.release() // 0 is done, 1 works
		d.arrive(seated, 3)
		d.release()
		d.release()
		d.release()
		if want := []int{0, 1, 3, 2}; !slices.Equal(d.served, want) {
			t.Errorf("served in the order %v, want %v", d.served, want)
		}
	})
}
