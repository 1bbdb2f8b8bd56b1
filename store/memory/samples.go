package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"rekey/core"
)

var _ core.Samples = (*Store)(nil)

// seen names a sample: the instant is in UTC.
type seen struct {
	at      time.Time
	replica string
}

// PutSamples implements [core.Samples].
func (s *Store) PutSamples(ctx context.Context, all []core.Sample) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, sample := range all {
		sample.At = micro(sample.At)
		sample.Changes, sample.Took = maps.Clone(sample.Changes), slices.Clone(sample.Took)
		s.samples[seen{sample.At, sample.Replica}] = sample
	}
	return nil
}

// Samples implements [core.Samples].
func (s *Store) Samples(ctx context.Context, since, until time.Time) (found []core.Sample, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sample := range s.samples {
		if !sample.At.Before(micro(since)) && sample.At.Before(micro(until)) {
			sample.Changes, sample.Took = maps.Clone(sample.Changes), slices.Clone(sample.Took)
			found = append(found, sample)
		}
	}
	slices.SortFunc(found, func(a, b core.Sample) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Replica, b.Replica))
	})
	return found, ctx.Err()
}
