package core_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rekey/core"
)

// attic has so many of each remnant, and notes what is asked of it.
type attic struct {
	mu    sync.Mutex
	left  map[core.Remnant]int
	asked []string
	fail  error
}

func (a *attic) Prune(_ context.Context, what core.Remnant, before time.Time, limit int) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, fmt.Sprint(what, " ", time.Since(before).Round(time.Second)))
	n := min(limit, a.left[what])
	a.left[what] -= n
	return n, a.fail
}

// prunes runs pruning for some time and returns what it reported.
func (a *attic) prunes(t *testing.T, lasting time.Duration, keep map[core.Remnant]time.Duration) (reports []string) {
	ctx, cancel := context.WithTimeout(t.Context(), lasting)
	defer cancel()
	core.Pruning{
		Pruner: a, Keep: keep, Now: time.Now, Every: time.Minute, Batch: 10, Pause: time.Second,
		Report: func(what core.Remnant, n int, err error) {
			reports = append(reports, fmt.Sprint(what, " ", n, " ", err))
		},
	}.Run(ctx)
	return reports
}

func TestPruningDropsBatchAfterBatchWhatIsKeptForATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &attic{left: map[core.Remnant]int{core.PastEvents: 25, core.DeadTokens: 7, core.IdleLimits: 99}}
		got := a.prunes(t, 150*time.Second, map[core.Remnant]time.Duration{core.PastEvents: time.Hour, core.DeadTokens: 2 * time.Hour, core.BuriedMessages: 0, core.DeadCodes: time.Hour})
		if want := []string{"events 25 <nil>", "tokens 7 <nil>"}; !slices.Equal(got, want) {
			t.Errorf("got reports %v, want %v", got, want)
		}
		want := []string{"events 1h0m0s", "events 1h0m1s", "events 1h0m2s", "tokens 2h0m0s", "codes 1h0m0s", "events 1h0m0s", "tokens 2h0m0s", "codes 1h0m0s"}
		if len(a.asked) != len(want) || a.left[core.IdleLimits] != 99 {
			t.Errorf("got %v, want as many as %v", a.asked, want)
		}
	})
}

func TestPruningTriesAgainWhatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &attic{left: map[core.Remnant]int{core.PastEvents: 3}, fail: errors.New("down")}
		got := a.prunes(t, 130*time.Second, map[core.Remnant]time.Duration{core.PastEvents: time.Hour})
		if want := []string{"events 3 down", "events 0 down"}; !slices.Equal(got, want) {
			t.Errorf("got reports %v, want %v", got, want)
		}
	})
}

func TestPruningEndsInTheMiddleOfItsWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &attic{left: map[core.Remnant]int{core.PastEvents: 1000}}
		begun := time.Now()
		a.prunes(t, 65*time.Second, map[core.Remnant]time.Duration{core.PastEvents: time.Hour})
		if took := time.Since(begun); took != 65*time.Second || a.left[core.PastEvents] != 940 {
			t.Errorf("it took %v and left %d", took, a.left[core.PastEvents])
		}
	})
}
