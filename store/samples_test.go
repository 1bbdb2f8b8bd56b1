package store_test

import (
	"reflect"
	"testing"
	"time"

	"rekey/core"
	"rekey/store"
)

func TestFactsOfASampleThatCannotBeReadAreTold(t *testing.T) {
	whole, err := store.FactsOf(core.Sample{
		Took: core.Durations{{Index: 3, Count: 4}}, Changes: map[string]core.Changes{"zap": {Changed: 1}}, Outbox: core.Pending{Lag: time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	for facts, readable := range map[string]bool{
		whole: true, whole + "what a newer program knows": true,
		whole[:len(whole)-1]: false, whole[:len(whole)-2]: false, "": false, "{}": false, "-" + whole: false,
		"0 0 0 0 0 0 0 0 0 0 0 0 ":                    true,
		"0 0 0 0 0 0 0 0 0 0 999999999999 0 ":         false,
		"0 0 0 0 0 0 0 0 0 0 0 999999999 ":            false,
		"99999999999999999999 0 0 0 0 0 0 0 0 0 0 0 ": false,
		"0 0 0 0 0 0 0 0 0 0 0 1  1 1 1 ":             false,
	} {
		if _, ok := store.SampleOf([]byte(facts)); ok != readable {
			t.Errorf("%q: got %v, want %v", facts, ok, readable)
		}
	}
	for _, dialect := range []string{"", "a b", "a\x00"} {
		if _, err := store.FactsOf(core.Sample{Changes: map[string]core.Changes{dialect: {}}}); err == nil {
			t.Errorf("a dialect may be called %q", dialect)
		}
	}
}

func TestASampleThatCannotBeReadIsAFailureOfOurs(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		db.run(t, "INSERT INTO samples (at, replica, facts) VALUES (60000000, 'a', '{}')")
		if _, err := db.Samples(t.Context(), time.Unix(0, 0), time.Unix(120, 0)); core.CodeOf(err) != core.Internal {
			t.Errorf("got %v, want internal", err)
		}
	})
}

// What can be read is written as it was read.
func FuzzSampleFacts(f *testing.F) {
	f.Add([]byte("4 3 2 1 5 6 7000000 8 9 1500 2 0 1 199 6 2 zap 1 2 3 unleash 0 1 0 "))
	f.Add([]byte("0 0 0 0 0 0 0 0 0 0 0 0 "))
	f.Fuzz(func(t *testing.T, facts []byte) {
		s, ok := store.SampleOf(facts)
		if !ok {
			return
		}
		written, err := store.FactsOf(s)
		if err != nil {
			return // a dialect with a NUL
		}
		if back, ok := store.SampleOf([]byte(written)); !ok || !reflect.DeepEqual(back, s) {
			t.Errorf("got %+v, %v, want %+v", back, ok, s)
		}
	})
}
