package memory

import (
	"context"
	"maps"
	"time"

	"rekey/core"
)

var _ core.Throttle = (*Store)(nil)

// Take implements [core.Throttle]. Of a limit only the instant is kept at which
// it is as if it had never been used, in microseconds since 1970. Every use
// moves it on.
func (s *Store) Take(ctx context.Context, now time.Time, limits ...core.Limit) (time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	free, wait := s.takeFrom(now, limits)
	if wait == 0 {
		s.free = free
	}
	return wait, nil
}

// takeFrom returns what is kept once one is counted against each limit that is not
// exhausted, and how long to wait for those that are.
func (s *Store) takeFrom(now time.Time, limits []core.Limit) (free map[string]int64, _ time.Duration) {
	at, wait := now.UnixMicro(), int64(0)
	free = maps.Clone(s.free)
	for _, l := range limits {
		every := max(1, l.Every.Microseconds())
		latest := at + every*int64(max(1, l.Burst)-1)
		if early := free[l.Key] - latest; early > 0 {
			wait = max(wait, early)
			continue
		}
		free[l.Key] = max(free[l.Key], at) + every
	}
	return free, time.Duration(wait) * time.Microsecond
}
