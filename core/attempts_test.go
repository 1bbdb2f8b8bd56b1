package core_test

import (
	"testing"
	"time"

	"rekey/core"
)

// strict are rules small enough to be counted by hand.
var strict = core.AttemptRules{
	PerClient:  core.Pace{Free: 2, First: time.Second, Most: 4 * time.Second},
	PerAccount: core.Pace{Free: 4, First: 10 * time.Second, Most: 20 * time.Second},
	Stop:       8, Kept: 2, KnownFor: time.Hour,
}

func TestFailuresDelayTheNextAttempt(t *testing.T) {
	second := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Second) }
	failed := func(n int) core.Tally { return core.Tally{Failures: n, Last: noon} }
	known := func(n int, since time.Duration) core.Tally {
		return core.Tally{Failures: n, Last: noon, Proven: noon.Add(-since)}
	}
	for name, c := range map[string]struct {
		now           time.Time
		account, pair core.Tally
		want          time.Duration
	}{
		"never tried":                   {noon, core.Tally{}, core.Tally{}, 0},
		"free for the client":           {noon, failed(1), failed(1), 0},
		"the client's first delay":      {noon, failed(2), failed(2), time.Second},
		"some of it is over":            {noon.Add(400 * time.Millisecond), failed(2), failed(2), 600 * time.Millisecond},
		"all of it is over":             {second(1), failed(2), failed(2), 0},
		"it doubles":                    {noon, failed(3), failed(3), 2 * time.Second},
		"and ends at the most":          {noon, failed(5), failed(5), 10 * time.Second * 2},
		"the most, alone":               {noon, failed(5), known(5, time.Minute), 4 * time.Second},
		"free for a new client":         {noon, failed(3), core.Tally{}, 0},
		"the account's first delay":     {noon, failed(4), core.Tally{}, 10 * time.Second},
		"the account's doubles":         {noon, failed(5), core.Tally{}, 20 * time.Second},
		"a known client is not delayed": {noon, failed(5), known(0, time.Minute), 0},
		"known no more":                 {noon, failed(5), known(0, time.Hour), 20 * time.Second},
		"just known":                    {noon, failed(5), known(0, time.Hour-1), 0},
		"strangers are stopped":         {second(1000), failed(6), core.Tally{}, 24 * time.Hour},
		"before that they wait":         {second(20), failed(5), core.Tally{}, 0},
		"a known client has the rest":   {second(1000), failed(7), known(0, 0), 0},
		"and is stopped after it":       {second(1000), failed(8), known(0, 0), 24 * time.Hour},
		"a clock that is behind waits":  {second(-5), failed(2), failed(2), 6 * time.Second},
		"forgotten for the client, too": {noon, core.Tally{Last: noon, Proven: noon}, failed(5), 0},
		"failed again since":            {noon, core.Tally{Failures: 3, Last: noon, Proven: second(-1)}, failed(3), 2 * time.Second},
	} {
		if got := strict.Wait(c.now, c.account, c.pair); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestAFailureIsCountedForTheNameAndTheClient(t *testing.T) {
	at := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Microsecond) }
	for name, c := range map[string]struct {
		account, pair, wantAccount, wantPair core.Tally
	}{
		"the first": {wantAccount: core.Tally{Failures: 1, Last: noon}, wantPair: core.Tally{Failures: 1, Last: noon}},
		"one more": {
			core.Tally{Failures: 3, Last: at(-9), Proven: at(-20)}, core.Tally{Failures: 2, Last: at(-10), Proven: at(-30)},
			core.Tally{Failures: 4, Last: noon, Proven: at(-20)}, core.Tally{Failures: 3, Last: noon, Proven: at(-30)},
		},
		"the client's were forgotten": {
			core.Tally{Last: at(-9), Proven: at(-5)}, core.Tally{Failures: 2, Last: at(-10)},
			core.Tally{Failures: 1, Last: noon, Proven: at(-5)}, core.Tally{Failures: 1, Last: noon},
		},
		// Whoever read the clock before the proof still counts after it.
		"begun before the proof": {
			core.Tally{Last: at(-9), Proven: at(5)}, core.Tally{Last: at(5), Proven: at(5)},
			core.Tally{Failures: 1, Last: at(6), Proven: at(5)}, core.Tally{Failures: 1, Last: at(6), Proven: at(5)},
		},
	} {
		account, pair := c.account.With(c.pair, noon)
		if account != c.wantAccount || pair != c.wantPair {
			t.Errorf("%s: got %+v and %+v, want %+v and %+v", name, account, pair, c.wantAccount, c.wantPair)
		}
	}
}
