package memory

import (
	"cmp"
	"context"
	"slices"

	"rekey/core"
	"rekey/core/audit"
)

var _ audit.Trail = (*Store)(nil)

// place names an event.
type place struct {
	tenant core.TenantID
	id     core.EventID
}

func placeOf(r audit.Row) place { return place{core.TenantID(r.Tenant), core.EventID(r.ID)} }

// Head implements [audit.Trail].
func (s *Store) Head(ctx context.Context) (audit.Anchor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head(), ctx.Err()
}

func (s *Store) head() audit.Anchor {
	if len(s.seals) == 0 {
		return audit.Anchor{}
	}
	return s.seals[len(s.seals)-1].Anchor()
}

// Seal implements [audit.Trail].
func (s *Store) Seal(ctx context.Context, seal audit.Seal, rows []audit.Row) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case s.head() != audit.Anchor{Seq: seal.Seq - 1, Digest: seal.Prev}:
		return core.Conflict
	}
	for _, r := range rows {
		if _, there := s.slot(core.Event{Tenant: core.TenantID(r.Tenant), ID: core.EventID(r.ID)}); !there || s.batches[placeOf(r)] != 0 {
			return core.Internal
		}
	}
	for _, r := range rows {
		s.batches[placeOf(r)] = seal.Seq
	}
	seal.Leaves = slices.Clone(seal.Leaves)
	s.seals = append(s.seals, seal)
	return nil
}

// Seals implements [audit.Trail].
func (s *Store) Seals(ctx context.Context, after int64, limit int) (found []audit.Seal, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, seal := range s.seals {
		if seal.Seq > after && len(found) < limit {
			found = append(found, seal)
		}
	}
	return found, ctx.Err()
}

// Sealed implements [audit.Trail].
func (s *Store) Sealed(ctx context.Context, after audit.Place, limit int) ([]audit.Row, error) {
	return s.rows(ctx, limit, func(a, b audit.Row) int { return comparePlaces(a.Place(), b.Place()) },
		func(r audit.Row) bool { return r.Batch != 0 && comparePlaces(r.Place(), after) > 0 })
}

func comparePlaces(a, b audit.Place) int {
	return cmp.Or(cmp.Compare(a.Batch, b.Batch), cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.ID, b.ID))
}

// Unsealed implements [audit.Trail].
func (s *Store) Unsealed(ctx context.Context, after audit.Row, limit int) ([]audit.Row, error) {
	return s.rows(ctx, limit, byTime, func(r audit.Row) bool { return r.Batch == 0 && byTime(r, after) > 0 })
}

// Rows implements [audit.Trail].
func (s *Store) Rows(ctx context.Context, f audit.Filter, after audit.Row, limit int) ([]audit.Row, error) {
	return s.rows(ctx, limit, byTime, func(r audit.Row) bool { return f.Admits(r) && byTime(r, after) > 0 })
}

// Latest implements [audit.Trail].
func (s *Store) Latest(ctx context.Context, f audit.Filter, limit int) ([]audit.Row, error) {
	found, err := s.rows(ctx, limit, func(a, b audit.Row) int { return byTime(b, a) }, f.Admits)
	slices.Reverse(found)
	return found, err
}

func byTime(a, b audit.Row) int { return cmp.Or(cmp.Compare(a.At, b.At), a.Compare(b)) }

// rows returns the first rows, in the order, that are asked for.
func (s *Store) rows(ctx context.Context, limit int, order func(a, b audit.Row) int, ask func(audit.Row) bool) (found []audit.Row, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		r := audit.RowOf(e)
		if r.Batch = s.batches[placeOf(r)]; ask(r) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, order)
	return found[:min(len(found), max(0, limit))], ctx.Err()
}

// pruneBatches drops the events of the oldest batches whole, until it has dropped as
// many as the limit.
func (s *Store) pruneBatches(bound string, limit int) (dropped int) {
	old := slices.Clone(s.seals)
	slices.SortStableFunc(old, func(a, b audit.Seal) int { return cmp.Compare(a.Last, b.Last) })
	for _, seal := range old {
		if seal.Pruned != "" || seal.Last >= bound || dropped >= limit {
			continue
		}
		s.events = slices.DeleteFunc(s.events, func(e core.Event) bool {
			at := place{e.Tenant, e.ID}
			if s.batches[at] != seal.Seq {
				return false
			}
			delete(s.batches, at)
			dropped++
			return true
		})
		s.seals[seal.Seq-1].Pruned, s.seals[seal.Seq-1].Leaves = bound, nil
	}
	return dropped
}
