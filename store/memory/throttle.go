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
	at, free, wait := now.UnixMicro(), maps.Clone(s.free), int64(0)
	for _, l := range limits {
		every := max(1, l.Every.Microseconds())
		latest := at + every*int64(max(1, l.Burst)-1)
		if early := free[l.Key] - latest; early > 0 {
			wait = max(wait, early)
			continue
		}
		free[l.Key] = max(free[l.Key], at) + every
	}
	if wait == 0 {
		s.free = free
	}
	return time.Duration(wait) * time.Microsecond, nil
}
