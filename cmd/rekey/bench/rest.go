package bench

import (
	"context"
	"time"
)

// restBatch is how many changes are prepared at once.
const restBatch = 50

// rest is what changes take that derive nothing.
type rest struct {
	times []time.Duration
	cpu   time.Duration // of this process, of each
}

// alone makes changes that derive nothing, one after another, for s.RestTime.
// What prepares them is not measured.
func (s Setup) alone(ctx context.Context) (r rest, err error) {
	var cpu time.Duration
	for warm, end := time.Now().Add(s.RestTime/4), time.Now().Add(s.RestTime); time.Now().Before(end); {
		changes, err := s.Rest(ctx, restBatch)
		if err != nil {
			return rest{}, err
		}
		measured := time.Now().After(warm)
		from := ownCPU()
		for _, change := range changes {
			begun := time.Now()
			if err := change(ctx); err != nil {
				return rest{}, err
			}
			if measured {
				r.times = append(r.times, time.Since(begun))
			}
		}
		if measured {
			cpu += ownCPU() - from
		}
	}
	if n := len(r.times); n > 0 {
		r.cpu = cpu / time.Duration(n)
	}
	return r, nil
}

// mean returns the mean in milliseconds.
func (r rest) mean() float64 {
	if len(r.times) == 0 {
		return 0
	}
	var sum time.Duration
	for _, t := range r.times {
		sum += t
	}
	return float64(sum.Microseconds()) / 1000 / float64(len(r.times))
}
