package core_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rekey/core"
)

func TestTheTrailIsReadInPagesWithFilters(t *testing.T) {
	w := newWorld(t)
	for n := range 2500 {
		e := core.Event{
			ID: core.EventID(fmt.Sprintf("%05d", n)), At: noon.Add(time.Duration(n)), Tenant: acme, Account: "1", Action: core.PasswordRefused,
			Outcome: core.WrongPassword, Actor: "key:crm", Origin: core.Origin{Dialect: "zap"},
		}
		if n%1000 == 7 {
			e.Action, e.Outcome, e.Actor, e.Account, e.Origin.Dialect = core.PasswordChanged, "", "key:login", "2", "manage"
		}
		if err := w.store.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	done := core.Code("")
	rare := []core.EventID{"00007", "01007", "02007"}
	for name, q := range map[string]core.Trail{
		"by account": {Account: "2"}, "by action": {Action: core.PasswordChanged}, "by outcome": {Outcome: &done}, "by actor": {Actor: "key:login"},
		"by dialect": {Dialect: "manage"}, "by all": {Account: "2", Action: core.PasswordChanged, Actor: "key:login"},
	} {
		for limit := 1; limit < 5; limit++ {
			for _, newest := range []bool{false, true} {
				q.After, q.Before, q.Newest = "", "", newest
				got := w.walk(q, limit)
				if newest {
					slices.Reverse(got)
				}
				if !slices.Equal(got, rare) {
					t.Errorf("%s by %d, newest %v: got %v", name, limit, newest, got)
				}
			}
		}
	}
	for _, newest := range []bool{false, true} {
		if got := w.walk(core.Trail{Newest: newest}, 700); len(got) != 2500 || !slices.IsSortedFunc(got, func(a, b core.EventID) int {
			if (a < b) == newest {
				return 1
			}
			return -1
		}) {
			t.Errorf("newest %v: got %d events, or in no order", newest, len(got))
		}
	}
	if got := w.walk(core.Trail{Actor: "nobody"}, 5); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

// walk reads all pages.
func (w *world) walk(q core.Trail, limit int) (ids []core.EventID) {
	w.t.Helper()
	for range 5000 {
		page, more, err := w.Events(w.t.Context(), acme, q, limit)
		if err != nil || len(page) > limit {
			w.t.Fatalf("got %d events, %v", len(page), err)
		}
		for _, e := range page {
			ids = append(ids, e.ID)
		}
		if more == "" {
			return ids
		}
		if q.Newest {
			q.Before = more
		} else {
			q.After = more
		}
	}
	w.t.Fatal("the trail has no end")
	return nil
}

// A filter that finds nothing reads for so long, and where time stands still so
// many events, and says where to go on.
func TestALookAtTheTrailEnds(t *testing.T) {
	w := newWorld(t)
	for n := range 12_500 {
		_ = w.store.Record(t.Context(), core.Event{ID: core.EventID(fmt.Sprintf("%05d", n)), Tenant: acme, Action: core.PasswordRefused})
	}
	for _, c := range []struct {
		window time.Duration
		newest bool
		want   core.EventID
	}{
		{0, false, ""},
		{40 * time.Millisecond, false, "09999"},
		{41 * time.Millisecond, false, "04999"},
		{41 * time.Millisecond, true, "07500"},
		{time.Hour, true, "07500"},
	} {
		parts, now := w.Parts, noon
		parts.Now = func() time.Time { now = now.Add(c.window); return now }
		found, more, err := core.New(parts).Events(t.Context(), acme, core.Trail{Actor: "nobody", Newest: c.newest}, 5)
		if err != nil || len(found) > 0 || more != c.want {
			t.Errorf("%v a window: got %d events, %q, %v, want %q", c.window, len(found), more, err, c.want)
		}
	}
}

func TestAnEventsIDTellsItsTime(t *testing.T) {
	for _, at := range []time.Time{noon, time.Unix(0, 0).UTC(), noon.Add(time.Millisecond)} {
		id := core.FirstEventID(at) + "7abc-8def-0123456789ab"
		if got, told := id.Time(); !told || !got.Equal(at) {
			t.Errorf("%s: got %v, %v, want %v", id, got, told, at)
		}
	}
	for _, id := range []core.EventID{"", "00007", "c00000001-1", "0123456g-0123-7abc", "+1234567-0123-7abc", "0123456789abcdef", "ABCDEF00-0123-7abc"} {
		if at, told := id.Time(); told {
			t.Errorf("%q tells %v", id, at)
		}
	}
}
