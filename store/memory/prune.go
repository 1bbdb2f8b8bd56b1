package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"rekey/core"
	"rekey/core/audit"
)

var _ core.Pruner = (*Store)(nil)

// remnant is what may be dropped, and since when.
type remnant struct {
	since time.Time
	drop  func()
}

// Prune implements [core.Pruner].
func (s *Store) Prune(ctx context.Context, what core.Remnant, before time.Time, limit int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !what.Valid() {
		return 0, core.Internal
	}
	if what == core.SealedEvents && ctx.Err() == nil {
		return s.pruneBatches(audit.Stamp(micro(before)), limit), nil
	}
	all := slices.DeleteFunc(s.remnants(what), func(r remnant) bool { return !r.since.Before(micro(before)) })
	slices.SortStableFunc(all, func(a, b remnant) int { return cmp.Compare(a.since.UnixMicro(), b.since.UnixMicro()) })
	all = all[:max(0, min(len(all), limit))]
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	for _, r := range all {
		r.drop()
	}
	return len(all), nil
}

func (s *Store) remnants(what core.Remnant) (all []remnant) {
	add := func(since time.Time, drop func()) { all = append(all, remnant{micro(since), drop}) }
	switch what {
	case core.PastEvents:
		for _, e := range s.events {
			if s.batches[place{e.Tenant, e.ID}] != 0 {
				continue
			}
			add(e.At, func() {
				s.events = slices.DeleteFunc(s.events, func(o core.Event) bool { return o.ID == e.ID && o.Tenant == e.Tenant })
			})
		}
	case core.SealedEvents: // whole batches only
	case core.DeadTokens:
		for digest, t := range s.tokens {
			add(t.ExpiresAt, func() { delete(s.tokens, digest) })
		}
	case core.DeadCodes:
		for slot, c := range s.codes {
			add(c.ExpiresAt, func() { delete(s.codes, slot) })
		}
	case core.BuriedMessages:
		for id, m := range s.messages {
			if m.buried {
				add(m.buriedAt, func() { delete(s.messages, id) })
			}
		}
	case core.PastDeliveries:
		for _, d := range s.deliveries {
			add(d.Since, func() { s.deliveries = slices.DeleteFunc(s.deliveries, func(o *delivery) bool { return o == d }) })
		}
	case core.IdleLimits:
		for key, free := range s.free {
			add(time.UnixMicro(free), func() { delete(s.free, key) })
		}
	case core.IdleAttempts:
		for claim, t := range s.attempts {
			add(t.Last, func() { delete(s.attempts, claim) })
		}
	case core.PastReplays:
		for key, r := range s.replays {
			add(r.Expires, func() { delete(s.replays, key) })
		}
	case core.PastSamples:
		for key, sample := range s.samples {
			add(sample.At, func() { delete(s.samples, key) })
		}
	case core.PastSessions:
		for digest, x := range s.sessions {
			add(x.ExpiresAt, func() { delete(s.sessions, digest) })
		}
	}
	return all
}
