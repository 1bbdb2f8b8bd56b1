package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"rekey/core"
)

var _ core.Deliveries = (*Store)(nil)

// delivery is one that is not done.
type delivery struct {
	core.Delivery
	held bool
}

func (d delivery) buried() bool { return !d.BuriedAt.IsZero() }

// earlier reports whether d has to be done before o.
func (d delivery) earlier(o delivery) bool {
	return d.Place < o.Place && !d.buried() && d.Endpoint == o.Endpoint && d.Tenant == o.Tenant && d.Account == o.Account && d.Account != ""
}

func (s *Store) deliver(m core.Message) {
	s.places++
	m.Due, m.Since, m.Facts = micro(m.Due), micro(m.Since), maps.Clone(m.Facts)
	s.deliveries = append(s.deliveries, &delivery{Delivery: core.Delivery{Message: m, Place: s.places}})
}

// ClaimDeliveries implements [core.Deliveries].
func (s *Store) ClaimDeliveries(ctx context.Context, endpoint string, now, until time.Time, limit int) ([]core.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var due []*delivery
	for _, d := range s.deliveries {
		waits := slices.ContainsFunc(s.deliveries, func(o *delivery) bool { return o.earlier(*d) })
		if d.Endpoint == endpoint && !d.buried() && !d.Due.After(micro(now)) && !waits {
			due = append(due, d)
		}
	}
	slices.SortFunc(due, func(a, b *delivery) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Place, b.Place)) })
	var claimed []core.Message
	for _, d := range due[:max(0, min(len(due), limit))] {
		d.Attempts++
		m := d.Message
		m.Facts = maps.Clone(m.Facts)
		claimed = append(claimed, m)
		d.Due, d.held = micro(until), true
	}
	return claimed, nil
}

// FinishDelivery implements [core.Deliveries].
func (s *Store) FinishDelivery(ctx context.Context, id core.MessageID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	s.deliveries = slices.DeleteFunc(s.deliveries, func(d *delivery) bool { return d.ID == id })
	return nil
}

// PostponeDelivery implements [core.Deliveries].
func (s *Store) PostponeDelivery(ctx context.Context, id core.MessageID, due time.Time, why string) error {
	return s.pending(ctx, id, func(d *delivery) {
		d.Due, d.held, d.Why = micro(due), false, why
		for _, o := range s.deliveries {
			if d.earlier(*o) && !o.buried() && !o.held && o.Due.Before(d.Due) {
				o.Due = d.Due
			}
		}
	})
}

// BuryDelivery implements [core.Deliveries].
func (s *Store) BuryDelivery(ctx context.Context, id core.MessageID, at time.Time, why string) error {
	return s.pending(ctx, id, func(d *delivery) { d.BuriedAt, d.held, d.Why = micro(at), false, why })
}

func (s *Store) pending(ctx context.Context, id core.MessageID, do func(d *delivery)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, d := range s.deliveries {
		if d.ID == id && !d.buried() {
			do(d)
		}
	}
	return nil
}

// Deliveries implements [core.Deliveries].
func (s *Store) Deliveries(ctx context.Context, which core.Selection, after int64, limit int) ([]core.Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []core.Delivery
	for _, d := range s.deliveries {
		if len(found) < limit && d.Place > after && (which.Endpoint == "" || which.Endpoint == d.Endpoint) &&
			(which.Tenant == "" || which.Tenant == d.Tenant) && (which.Buried == nil || *which.Buried == d.buried()) {
			one := d.Delivery
			one.Facts = maps.Clone(one.Facts)
			found = append(found, one)
		}
	}
	return found, ctx.Err()
}

// RetryDeliveries implements [core.Deliveries].
func (s *Store) RetryDeliveries(ctx context.Context, now time.Time, ids ...core.MessageID) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return s.retry(now, ids, func(*delivery) bool { return true }), nil
}

// RetryDeliveriesOf implements [core.Deliveries].
func (s *Store) RetryDeliveriesOf(ctx context.Context, tenant core.TenantID, e core.Event, ids ...core.MessageID) (n int, err error) {
	err = s.commit(ctx, e, func() error {
		if n = s.retry(e.At, ids, func(d *delivery) bool { return d.Tenant == tenant }); n == 0 {
			return core.NotFound
		}
		return nil
	})
	return n, err
}

func (s *Store) retry(now time.Time, ids []core.MessageID, meant func(*delivery) bool) (n int) {
	for _, d := range s.deliveries {
		if slices.Contains(ids, d.ID) && meant(d) && (d.buried() || !d.held || !d.Due.After(micro(now))) {
			d.Due, d.Since, d.Attempts, d.held, d.BuriedAt = micro(now), micro(now), 0, false, time.Time{}
			n++
		}
	}
	return n
}
