package storetest

import (
	"fmt"
	"time"

	"rekey/core"
)

func aboutThrottle() []check {
	return []check{
		{"a limit allows its burst at once, and then one every while", allowsBurst},
		{"the wait is long enough, and no longer", waitsExactly},
		{"an idle limit saves up its burst and no more", savesUp},
		{"what one limit refuses is counted against none", allOrNone},
		{"limits with different keys know nothing of each other", limitsApart},
		{"a clock that is behind gives nothing back", clockBehind},
		{"what counts no longer is forgotten, and nothing else", forgets},
	}
}

// take takes the limits at now and wants to be told to wait so long.
func (w *world) take(what string, now time.Time, want time.Duration, limits ...core.Limit) {
	w.Helper()
	got, err := w.Take(w.ctx, now, limits...)
	w.must(err)
	same(w, fmt.Sprintf("%s at %s: the wait", what, now.Format("15:04:05.000000")), got, want)
}

func allowsBurst(w *world) {
	w.take("no limit", at(0), 0)
	for _, burst := range []int{1, 2, 5} {
		l := core.Limit{Key: fmt.Sprint("burst of ", burst), Every: 10 * time.Second, Burst: burst}
		for range burst {
			w.take(l.Key, at(0), 0, l)
		}
		for range 3 { // a refusal is not counted
			w.take(l.Key, at(0), 10*time.Second, l)
		}
		w.take(l.Key, at(4), 6*time.Second, l)
		w.take(l.Key, at(10), 0, l)
		w.take(l.Key, at(10), 10*time.Second, l)
		w.take(l.Key, at(15), 5*time.Second, l)
		w.take(l.Key, at(20), 0, l)
		w.take(l.Key, at(31), 0, l) // a second is lost with a burst of 1 and kept otherwise
		w.take(l.Key, at(40), map[bool]time.Duration{true: time.Second}[burst == 1], l)
	}
}

func waitsExactly(w *world) {
	for _, every := range []time.Duration{time.Microsecond, 1500 * time.Microsecond, time.Second / 3, 24 * time.Hour} {
		l := core.Limit{Key: every.String(), Every: every, Burst: 2}
		now := at(0)
		w.take(l.Key, now, 0, l)
		w.take(l.Key, now, 0, l)
		wait := every.Truncate(time.Microsecond)
		w.take(l.Key, now, wait, l)
		if wait > time.Microsecond {
			w.take("a moment early", now.Add(wait-time.Microsecond), time.Microsecond, l)
		}
		w.take("in time", now.Add(wait), 0, l)
	}
}

func savesUp(w *world) {
	l := core.Limit{Key: "idle", Every: time.Second, Burst: 3}
	w.take("the first", at(0), 0, l)
	for range 3 {
		w.take("after an hour", at(3600), 0, l)
	}
	w.take("after an hour, too many", at(3600), time.Second, l)
}

func allOrNone(w *world) {
	narrow := core.Limit{Key: "m narrow", Every: time.Minute, Burst: 1}
	wide := core.Limit{Key: "a wide", Every: time.Second, Burst: 3}
	other := core.Limit{Key: "z other", Every: time.Second, Burst: 3}
	w.take("all", at(0), 0, narrow, wide, other)
	for range 9 {
		w.take("one is exhausted", at(0), time.Minute, narrow, wide, other)
		w.take("one is exhausted", at(0), time.Minute, other, wide, narrow)
	}
	for _, l := range []core.Limit{wide, other} {
		w.take("the second of three", at(0), 0, l)
		w.take("the third of three", at(0), 0, l)
		w.take("the fourth of three", at(0), time.Second, l)
	}
	w.take("all are exhausted", at(0), time.Minute, wide, narrow, other)
	w.take("two are exhausted", at(60).Add(-time.Second), time.Second, wide, narrow, other)
	w.take("none is exhausted", at(60), 0, wide, narrow, other)
}

func limitsApart(w *world) {
	for _, key := range []string{"", "a", "A", "a ", "ä", "a%"} {
		l := core.Limit{Key: key, Every: time.Minute, Burst: 1}
		w.take(fmt.Sprintf("key %q", key), at(0), 0, l)
		w.take(fmt.Sprintf("key %q", key), at(0), time.Minute, l)
	}
	twice := core.Limit{Key: "twice", Every: time.Minute, Burst: 3}
	w.take("the same limit twice", at(0), 0, twice, twice)
	w.take("the same limit twice, too much", at(0), time.Minute, twice, twice)
	w.take("the same limit once", at(0), 0, twice)
	same(w, "the accounts and events", w.state(), state{})
}

func clockBehind(w *world) {
	l := core.Limit{Key: "clocks", Every: 10 * time.Second, Burst: 2}
	w.take("ahead", at(5), 0, l)
	w.take("behind", at(0), 5*time.Second, l)
	w.take("ahead again", at(5), 0, l)
	w.take("ahead, too many", at(5), 10*time.Second, l)
	w.take("far behind", at(-100), 115*time.Second, l)
	w.take("in time", at(15), 0, l)
}

func forgets(w *world) {
	l := core.Limit{Key: "kept", Every: 48 * time.Hour, Burst: 2}
	w.take("the first", at(0), 0, l)
	w.take("the second", at(0), 0, l)
	day := at(0).Add(24 * time.Hour)
	for i := range 30 {
		w.take("others", at(0), 0, core.Limit{Key: fmt.Sprint("other ", i), Every: time.Second, Burst: 1})
	}
	for i := range 30 {
		w.take("others, a day later", day, 0, core.Limit{Key: fmt.Sprint("next ", i), Every: time.Second, Burst: 1})
	}
	w.take("the third", day, 24*time.Hour, l)
}
