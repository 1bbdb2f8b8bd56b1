package core

import (
	"context"
	"fmt"
	"strconv"
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

// Means reports whether the event, which lies where q looks, is as q's filters say.
func (q Trail) Means(e Event) bool {
	return (q.Action == "" || e.Action == q.Action) && (q.Outcome == nil || e.Outcome == *q.Outcome) &&
		(q.Actor == "" || e.Actor == q.Actor) && (q.Dialect == "" || e.Origin.Dialect == q.Dialect)
}

func (q Trail) filtered() bool {
	return q.Action != "" || q.Outcome != nil || q.Actor != "" || q.Dialect != ""
}

// The most that one look at the trail costs, so that a filter which finds little
// costs little: so many windows of so many events, of which the last begins within
// so long.
const (
	trailWindows  = 40
	trailWindow   = 5000
	trailPatience = 40 * time.Millisecond
)

// Events returns up to limit events of the tenant that q means. more is where to
// go on, as After of the next look, or as Before with Newest; "" if there is
// nothing more. A look goes through no more than 200,000 events, and fewer where
// that takes longer than 40 ms, so it may return fewer than there are, and none,
// and say where to go on.
func (s *Service) Events(ctx context.Context, tenant TenantID, q Trail, limit int) (found []Event, more EventID, err error) {
	limit = max(1, limit)
	window := trailWindow
	if !q.filtered() { // none is read in vain
		window = limit + 1
	}
	begun := s.Now()
	for n := range trailWindows {
		if n > 0 && s.Now().Sub(begun) > trailPatience {
			break
		}
		some, end, err := s.Store.Trail(ctx, tenant, q, limit+1-len(found), window)
		if err != nil {
			return nil, "", err
		}
		if found = append(found, some...); len(found) > limit {
			return found[:limit], found[limit-1].ID, nil
		}
		if end == "" {
			return found, "", nil
		}
		q = q.from(end)
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

// Time returns when the event was made, to the millisecond, as its id tells it;
// false if it tells none.
func (id EventID) Time() (time.Time, bool) {
	const dash = 8
	if len(id) < 14 || id[dash] != '-' || id[13] != '-' {
		return time.Time{}, false
	}
	ms, err := strconv.ParseInt(string(id[:dash]+id[dash+1:13]), 16, 64)
	if err != nil || id != FirstEventID(time.UnixMilli(ms))+id[14:] {
		return time.Time{}, false
	}
	return time.UnixMilli(ms).UTC(), true
}
