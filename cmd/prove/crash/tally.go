package crash

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"rekey/cmd/prove/rig"
)

// tally counts as a run goes.
type tally struct {
	store Store
	seed  uint64
	begun time.Time

	kills, databaseKills                                          atomic.Int64
	acknowledged, refused, noAnswer, unavailable, took, asked, in atomic.Int64

	mu           sync.Mutex
	readies      []time.Duration
	databaseBack []time.Duration
	violations   []rig.Violation
}

func newTally(o Options) *tally { return &tally{store: o.Store, seed: o.Seed} }

// enter counts answers.
func (t *tally) enter(answers []rig.Answer) {
	for _, answer := range answers {
		switch {
		case answer.Verdict == rig.Acknowledged:
			t.acknowledged.Add(1)
		case answer.Verdict == rig.Unknown:
			t.noAnswer.Add(1)
		case !answer.Certain():
			t.unavailable.Add(1)
		default:
			t.refused.Add(1)
		}
	}
}

func (t *tally) found(f rig.Finding) {
	t.in.Add(int64(f.Inspected))
	t.took.Add(int64(f.Made))
	t.violate(f.Violations...)
}

func (t *tally) violate(violations ...rig.Violation) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.violations = append(t.violations, violations...)
}

// sound reports whether every promise was kept so far.
func (t *tally) sound() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.violations) == 0
}

func (t *tally) ready(after time.Duration) { t.readies = append(t.readies, after) }

func (t *tally) back(after time.Duration) { t.databaseBack = append(t.databaseBack, after) }

// figures sums up. Nobody works any more.
func (t *tally) figures() Figures {
	f := Figures{
		Store: t.store, Seed: t.seed, Seconds: time.Since(t.begun).Seconds(),
		Kills: t.kills.Load(), DatabaseKills: t.databaseKills.Load(),
		Acknowledged: t.acknowledged.Load(), Refused: t.refused.Load(), NoAnswer: t.noAnswer.Load(),
		Unavailable: t.unavailable.Load(), TookEffect: t.took.Load(), Asked: t.asked.Load(), Inspected: t.in.Load(),
	}
	f.ReadyMedian, f.ReadyMost = spread(t.readies)
	f.DatabaseMedian, f.DatabaseMost = spread(t.databaseBack)
	counters := map[rig.Kind]*int{
		rig.Lost: &f.Lost, rig.HalfDone: &f.HalfDone, rig.Doubled: &f.Doubled, rig.Denied: &f.Denied, rig.Malformed: &f.Malformed,
	}
	for _, v := range t.violations {
		*counters[v.Kind]++
		f.Violations = append(f.Violations, v.String())
	}
	return f
}

// spread returns the median and the most, in seconds; 0 of nothing.
func spread(all []time.Duration) (median, most float64) {
	if len(all) == 0 {
		return 0, 0
	}
	slices.Sort(all)
	return all[len(all)/2].Seconds(), all[len(all)-1].Seconds()
}

// start starts the clock, and writes a line every few seconds until it is stopped.
func (t *tally) start(w io.Writer) (stop func()) {
	t.begun = time.Now()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Second):
				_, _ = fmt.Fprintf(w, "%6s  %s: %d kills, %d of the database, %d acknowledged, %d unknown, of which %d took effect\n",
					time.Since(t.begun).Round(time.Second), t.store, t.kills.Load(), t.databaseKills.Load(), t.acknowledged.Load(),
					t.noAnswer.Load()+t.unavailable.Load(), t.took.Load())
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
