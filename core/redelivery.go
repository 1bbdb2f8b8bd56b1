package core

import (
	"context"
	"fmt"
	"time"
)

// The most that one look at deliveries costs, so that an endpoint to which little
// is kept costs little: so many pages of so many, of which the last is asked for
// within so long.
const (
	deliveryPages    = 25
	deliveryPage     = 200
	deliveryPatience = 40 * time.Millisecond
)

// ListDeliveries returns up to limit deliveries of the selection's tenant, in
// the order in which they were stored and beginning after the place after. more
// is where to go on, 0 if there is nothing more. A look reads no more than 5,000
// deliveries, and fewer where that takes longer than 40 ms, so it may return fewer
// than there are, and none, and say where to go on.
func (s *Service) ListDeliveries(ctx context.Context, which Selection, after int64, limit int) (found []Delivery, more int64, err error) {
	if which.Tenant == "" {
		return nil, 0, nil
	}
	limit = max(1, limit)
	size, endpoint := deliveryPage, which.Endpoint
	if which.Endpoint = ""; endpoint == "" { // none is read in vain
		size = limit + 1
	}
	begun := s.Now()
	for n := range deliveryPages {
		if n > 0 && s.Now().Sub(begun) > deliveryPatience {
			break
		}
		page, err := s.Deliveries.Deliveries(ctx, which, after, size)
		if err != nil {
			return nil, 0, fmt.Errorf("list deliveries: %w", err)
		}
		for i, d := range page {
			if after = d.Place; endpoint != "" && d.Endpoint != endpoint {
				continue
			}
			if found = append(found, d); len(found) == limit && (i < len(page)-1 || len(page) == size) {
				return found, after, nil
			}
		}
		if len(page) < size {
			return found, 0, nil
		}
	}
	return found, after, nil
}

// RetryDelivery makes a delivery of the tenant due now, as if it had never been
// tried. NotFound if the tenant has none of the id that is not being tried.
func (s *Service) RetryDelivery(ctx context.Context, tenant TenantID, id MessageID, by string, o Origin) error {
	_, err := s.retry(ctx, tenant, by, o, id)
	return err
}

const (
	retryBatch = 500    // so many are retried in one commit
	mostRetry  = 10_000 // and so many at one call
)

// RetryDeliveries makes deliveries of the tenant due that were given up, those to
// one endpoint or, if it is "", to all, and returns how many. more says that it
// stopped before the last.
func (s *Service) RetryDeliveries(ctx context.Context, tenant TenantID, endpoint, by string, o Origin) (n int, more bool, err error) {
	if tenant == "" {
		return 0, false, nil
	}
	dead := true
	which := Selection{Tenant: tenant, Endpoint: endpoint, Buried: &dead}
	for after := int64(0); n < mostRetry; {
		found, err := s.Deliveries.Deliveries(ctx, which, after, retryBatch)
		if err != nil {
			return n, false, fmt.Errorf("find dead deliveries: %w", err)
		}
		var ids []MessageID
		for _, d := range found {
			ids, after = append(ids, d.ID), d.Place
		}
		retried, err := s.retry(ctx, tenant, by, o, ids...)
		if n += retried; err != nil && CodeOf(err) != NotFound { // somebody else was sooner
			return n, false, err
		}
		if len(found) < retryBatch {
			return n, false, nil
		}
	}
	return n, true, nil
}

func (s *Service) retry(ctx context.Context, tenant TenantID, by string, o Origin, ids ...MessageID) (int, error) {
	event, err := s.event(DeliveriesRetried, tenant, "", o)
	if err != nil {
		return 0, err
	}
	event.Actor = by
	n, err := s.Deliveries.RetryDeliveriesOf(ctx, tenant, event, ids...)
	if err != nil {
		return 0, fmt.Errorf("retry deliveries: %w", err)
	}
	return n, nil
}
