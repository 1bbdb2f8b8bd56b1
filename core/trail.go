package core

import (
	"context"
	"fmt"
	"time"
)

// Trail says which events of a tenant are meant. Every field that is set must
// match.
type Trail struct {
	Account AccountID
	Action  Action
	Outcome *Code // of what was done it is ""
	Actor   string
	Dialect string
	After   EventID // events after this one
	Before  EventID // and before this one; "" for no end
	Newest  bool    // the newest first
}

func (q Trail) matches(e Event) bool {
	return (q.Action == "" || e.Action == q.Action) && (q.Outcome == nil || e.Outcome == *q.Outcome) &&
		(q.Actor == "" || e.Actor == q.Actor) && (q.Dialect == "" || e.Origin.Dialect == q.Dialect)
}

// The most that one look at the trail reads, so that a filter which finds little
// costs little: so many pages of so many events.
const (
	trailPages = 4
	trailPage  = 500
)

// Events returns up to limit events of the tenant that q means. more is where to
// go on, as After of the next look, or as Before with Newest; "" if there is
// nothing more. A look reads no more than 2,000 events, so it may return fewer
// than there are, and none, and say where to go on.
func (s *Service) Events(ctx context.Context, tenant TenantID, q Trail, limit int) (found []Event, more EventID, err error) {
	limit = max(1, limit)
	for range trailPages {
		page, err := s.Store.Trail(ctx, tenant, q, trailPage)
		if err != nil {
			return nil, "", err
		}
		for i, e := range page {
			if !q.matches(e) {
				continue
			}
			if found = append(found, e); len(found) == limit && (i < len(page)-1 || len(page) == trailPage) {
				return found, e.ID, nil
			}
		}
		if len(page) < trailPage {
			return found, "", nil
		}
		q = q.from(page[len(page)-1].ID)
	}
	return found, q.at(), nil
}

// from returns q for what comes after the event.
func (q Trail) from(id EventID) Trail {
	if q.Newest {
		q.Before = id
	} else {
		q.After = id
	}
	return q
}

func (q Trail) at() EventID {
	if q.Newest {
		return q.Before
	}
	return q.After
}

// FirstEventID returns what lies before every id of an event that is made at t or
// later, to the millisecond, and after those of the events before.
func FirstEventID(t time.Time) EventID {
	ms := max(0, t.UnixMilli())
	return EventID(fmt.Sprintf("%08x-%04x-", ms>>16, ms&0xffff))
}
