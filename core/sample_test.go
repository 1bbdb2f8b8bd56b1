package core_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"rekey/core"
	"rekey/store/memory"
)

// Whose fault each code is, so that no plot hides a failure of ours.
func TestEveryCodeCountsAsChangedRefusedOrFailed(t *testing.T) {
	failed := []core.Code{core.Unavailable, core.Internal}
	for _, code := range append(core.Codes(), "") {
		want := core.Changes{Refused: 1}
		switch {
		case code == "":
			want = core.Changes{Changed: 1}
		case slices.Contains(failed, code):
			want = core.Changes{Failed: 1}
		}
		var got core.Changes
		if got.Count(code); got != want {
			t.Errorf("%q: got %+v, want %+v", code, got, want)
		}
	}
}

func TestAQuantileErrsByASixteenthAtMost(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var all []time.Duration
		var one, other core.Spread
		for range 1 + dice.IntN(300) {
			d := time.Microsecond << dice.IntN(26)
			d += time.Duration(dice.Int64N(int64(d)))
			all = append(all, d)
			if dice.IntN(2) == 0 {
				one.Add(d)
			} else {
				other.Add(d)
			}
		}
		slices.Sort(all)
		one.Merge(other.Durations())
		for _, part := range []float64{0.001, 0.5, 0.9, 0.99, 1} {
			want := all[max(0, int(part*float64(len(all))+0.999999)-1)]
			got, ok := one.Durations().Quantile(part)
			if off := (got - want).Abs(); !ok || off > want/16+time.Microsecond {
				t.Fatalf("%v of %d: got %v, %v, want %v", part, len(all), got, ok, want)
			}
		}
	}
}

func TestDurationsOutOfRangeHaveABucketToo(t *testing.T) {
	var s core.Spread
	for _, d := range []time.Duration{-time.Hour, 0, time.Nanosecond, 24 * time.Hour, 1<<63 - 1} {
		s.Add(d)
	}
	all := s.Durations()
	if want := (core.Durations{{Index: 0, Count: 3}, {Index: len(s) - 1, Count: 2}}); !slices.Equal(all, want) {
		t.Errorf("got %v, want %v", all, want)
	}
	if most, _ := all.Quantile(1); most < 2*time.Minute || most > 3*time.Minute {
		t.Errorf("the longest is told as %v", most)
	}
	if d, ok := (core.Durations{}).Quantile(0.5); ok {
		t.Errorf("of none, half took %v", d)
	}
	before := s
	s.Merge(core.Durations{{Index: -1, Count: 1}, {Index: len(s), Count: 1}}) // a stored row may say anything
	if s != before {
		t.Error("buckets that there are not are counted")
	}
}

func TestTheLastMinutesAreThoseOfAllReplicasTogether(t *testing.T) {
	kept := memory.New()
	now := time.Date(2026, 11, 21, 22, 5, 30, 0, time.UTC)
	s := core.New(core.Parts{Samples: kept, Now: func() time.Time { return now }})
	at := func(n int) time.Time { return now.Truncate(time.Minute).Add(time.Duration(n) * time.Minute) }
	quick, slow := core.Durations{{Index: 3, Count: 1}}, core.Durations{{Index: 3, Count: 2}, {Index: 40, Count: 1}}
	if err := kept.PutSamples(t.Context(), []core.Sample{
		{
			Replica: "b", At: at(-1), Changes: map[string]core.Changes{"zap": {Changed: 1, Refused: 2, Failed: 3}}, Took: quick,
			Derivations: core.Derivations{Workers: 4, Running: 1, Waiting: 2, Refused: 3},
			Outbox:      core.Pending{Waiting: 3, Dead: 1, Lag: time.Second}, Deliveries: core.Pending{Waiting: 1},
		},
		{
			Replica: "a", At: at(-1), Changes: map[string]core.Changes{"zap": {Changed: 10, Refused: 20, Failed: 30}, "unleash": {Changed: 5}}, Took: slow,
			Derivations: core.Derivations{Workers: 2, Running: 10, Waiting: 20, Refused: 30},
			Outbox:      core.Pending{Waiting: 2, Dead: 2, Lag: 9 * time.Second}, Deliveries: core.Pending{Lag: time.Second},
		},
		{Replica: "late", At: at(-3)},
		{Replica: "ahead", At: at(1)}, // its clock is
	}); err != nil {
		t.Fatal(err)
	}
	replicas, all, err := s.LastMinutes(t.Context(), 3)
	if err != nil || fmt.Sprint(replicas) != "[a b]" || len(all) != 3 {
		t.Fatalf("got %v, %d minutes, %v", replicas, len(all), err)
	}
	nothing := func(n int) core.Sample { return core.Sample{At: at(n), Changes: map[string]core.Changes{}} }
	want := []core.Sample{nothing(-2), {
		At: at(-1), Changes: map[string]core.Changes{"zap": {Changed: 11, Refused: 22, Failed: 33}, "unleash": {Changed: 5}},
		Took:        core.Durations{{Index: 3, Count: 3}, {Index: 40, Count: 1}},
		Derivations: core.Derivations{Workers: 6, Running: 11, Waiting: 22, Refused: 33},
		Outbox:      core.Pending{Waiting: 3, Dead: 2, Lag: 9 * time.Second}, Deliveries: core.Pending{Waiting: 1, Lag: time.Second},
	}, nothing(0)}
	if !reflect.DeepEqual(all, want) {
		t.Errorf("got\n%+v, want\n%+v", all, want)
	}
	if replicas, all, err = s.LastMinutes(t.Context(), core.MaxMinutes); err != nil || len(replicas) != 3 || len(all) != 1440 {
		t.Errorf("of a day: got %v, %d minutes, %v", replicas, len(all), err)
	}
	for _, minutes := range []int{-1, 0, core.MaxMinutes + 1} {
		if _, _, err := s.LastMinutes(t.Context(), minutes); core.CodeOf(err) != core.Invalid {
			t.Errorf("%d minutes: got %v, want invalid", minutes, err)
		}
	}
}

// Each call is told of once, whatever becomes of it, with its dialect and how
// long it took.
func TestEveryChangeIsToldOfWhenItHasEnded(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	var told []core.Ending
	now := w.Now()
	serviceOf := func(alter func(*core.Parts)) *core.Service {
		parts := w.Parts
		parts.Endings = func(e core.Ending) { told = append(told, e) }
		parts.Now = func() time.Time { now = now.Add(time.Second); return now }
		alter(&parts)
		return core.New(parts)
	}
	plain := serviceOf(func(*core.Parts) {})
	broken := serviceOf(func(p *core.Parts) { p.Hasher = brokenHasher{p.Hasher} })
	panicking := serviceOf(func(p *core.Parts) { p.Hasher = panickingHasher{p.Hasher} })
	observed := serviceOf(func(p *core.Parts) { p.Observer = &diary{} })
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	for _, c := range []struct {
		name    string
		ctx     context.Context
		service *core.Service
		old     string
		want    core.Code
	}{
		{"a wrong password", t.Context(), plain, wrong, core.WrongPassword},
		{"a full queue", t.Context(), broken, correct, core.Unavailable},
		{"a client that hung up", gone, plain, correct, core.Unavailable},
		{"a panic", t.Context(), panicking, correct, core.Internal},
		{"a wrong password, observed", t.Context(), observed, wrong, core.WrongPassword},
		{"the right one", t.Context(), plain, correct, ""},
	} {
		told = nil
		func() {
			defer func() { _ = recover() }()
			_, _ = c.service.Change(c.ctx, core.Change{
				Tenant: acme, Proof: core.Knowledge{Account: ada, Current: core.NewPassword(c.old)}, New: core.NewPassword(fresh), Origin: core.Origin{Dialect: "zap"},
			})
		}()
		if len(told) != 1 || told[0].Code != c.want || told[0].Dialect != "zap" || told[0].Took < time.Second || !told[0].At.Equal(now) {
			t.Errorf("%s: got %+v, want one ending of %q", c.name, told, c.want)
		}
	}
}
