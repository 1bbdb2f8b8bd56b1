package bench

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// rate is how fast something went, and what processor time one took.
type rate struct {
	perSecond float64
	cpu       time.Duration
}

// cores returns how many cores it had.
func (r rate) cores() float64 { return r.perSecond * r.cpu.Seconds() }

// raw derives on so many workers at once, and does nothing else.
func (s Setup) raw(ctx context.Context, workers int) (rate, error) {
	end := time.Now().Add(s.RawTime)
	counts := make([]int, workers)
	begun, cpu := time.Now(), ownCPU()
	group, ctx := errgroup.WithContext(ctx)
	for k := range workers {
		group.Go(func() error {
			for time.Now().Before(end) {
				if err := s.Derive(ctx); err != nil {
					return fmt.Errorf("derive: %w", err)
				}
				counts[k]++
			}
			return nil
		})
	}
	err := group.Wait()
	n := 0
	for _, count := range counts {
		n += count
	}
	if err != nil || n == 0 {
		return rate{}, err
	}
	return rate{float64(n) / time.Since(begun).Seconds(), (ownCPU() - cpu) / time.Duration(n)}, nil
}
