package core

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// MaxMinutes is how many minutes can be asked for.
const MaxMinutes = int(SamplesKept / time.Minute)

// LastMinutes returns what all replicas have seen together of so many minutes, up
// to the one under way, oldest first, also where nobody has seen anything; and
// their names. Invalid over "minutes" unless they are 1 to [MaxMinutes].
//
// A minute is what each replica takes for it. What is done and derived is added
// up; of what waits in the database, where all see the same, it is the most that
// one of them saw.
func (s *Service) LastMinutes(ctx context.Context, minutes int) (replicas []string, all []Sample, err error) {
	if minutes < 1 || minutes > MaxMinutes {
		return nil, nil, &Error{Code: Invalid, Fields: []string{"minutes"}}
	}
	until := s.present().Truncate(time.Minute).Add(time.Minute)
	since := until.Add(-time.Duration(minutes) * time.Minute)
	kept, err := s.Samples.Samples(ctx, since, until)
	if err != nil {
		return nil, nil, fmt.Errorf("read samples: %w", err)
	}
	names := map[string]bool{}
	for _, sample := range kept {
		names[sample.Replica] = true
	}
	for at := since; at.Before(until); at = at.Add(time.Minute) {
		n := 0
		for n < len(kept) && kept[n].At.Before(at.Add(time.Minute)) {
			n++
		}
		all, kept = append(all, together(at, kept[:n])), kept[n:]
	}
	return slices.Sorted(maps.Keys(names)), all, nil
}

// together returns what replicas have seen of the minute.
func together(at time.Time, of []Sample) Sample {
	sum, took := Sample{At: at, Changes: map[string]Changes{}}, Spread{}
	for _, s := range of {
		for dialect, c := range s.Changes {
			was := sum.Changes[dialect]
			sum.Changes[dialect] = Changes{was.Changed + c.Changed, was.Refused + c.Refused, was.Failed + c.Failed}
		}
		took.Merge(s.Took)
		sum.Derivations.add(s.Derivations)
		sum.Outbox, sum.Deliveries = sum.Outbox.most(s.Outbox), sum.Deliveries.most(s.Deliveries)
	}
	if len(of) > 0 {
		sum.Took = took.Durations()
	}
	return sum
}

func (d *Derivations) add(more Derivations) {
	d.Workers += more.Workers
	d.Running += more.Running
	d.Waiting += more.Waiting
	d.Refused += more.Refused
}
