package storetest

import (
	"fmt"
	"time"

	"rekey/core"
)

func aboutAttempts() []check {
	return []check{
		{"failures in a row delay the next attempt", attemptsDelay},
		{"failures are counted for each name and client apart", attemptsApart},
		{"a failure that is taken back is not counted", attemptsReleased},
		{"proof forgets failures by every name and makes its client known", attemptsProven},
		{"an attempt that names no account meets the limits only", attemptsUnclaimed},
		{"a refused attempt counts against its limits, also beyond them", attemptsExceed},
		{"a refusal's events and messages are stored together or not at all", attemptsEvents},
		{"a change forgets failures in its own commit", attemptsApplied},
	}
}

// slow lets two failures pass, and stops strangers at four and the known at six.
var slow = core.AttemptRules{
	PerClient:  core.Pace{Free: 2, First: time.Second, Most: time.Minute},
	PerAccount: core.Pace{Free: 3, First: time.Minute, Most: time.Hour},
	Stop:       6, Kept: 2, KnownFor: time.Hour,
}

// reserve wants the answer of a reservation.
func (w *world) reserve(second int, account, client string, want core.Reservation, limits ...core.Limit) {
	w.Helper()
	got, err := w.Reserve(w.ctx, at(second), core.Claim{Account: account, Client: client}, slow, limits...)
	w.must(err)
	same(w, fmt.Sprintf("the reservation of %s by %s at %d", account, client, second), got, want)
}

func counted(n int) core.Reservation { return core.Reservation{Failures: n} }

func waits(d time.Duration) core.Reservation { return core.Reservation{Wait: d} }

func attemptsDelay(w *world) {
	w.reserve(0, "ada", "home", counted(1))
	w.reserve(0, "ada", "home", counted(2))
	w.reserve(0, "ada", "home", waits(time.Second))
	w.reserve(1, "ada", "home", counted(3))
	w.reserve(2, "ada", "home", waits(59*time.Second)) // the account's delay is longer
	w.reserve(61, "ada", "home", counted(4))
	w.reserve(100000, "ada", "home", waits(24*time.Hour))
	n, err := w.Failures(w.ctx, "nobody", "ada", "grace")
	w.must(err)
	same(w, "failures", n, 4)
}

func attemptsApart(w *world) {
	w.reserve(0, "ada", "home", counted(1))
	w.reserve(0, "grace", "home", counted(1))
	w.reserve(0, "ada", "home", counted(2))
	w.reserve(0, "ada", "office", counted(3))
	w.reserve(0, "ada", "train", waits(time.Minute))
	w.reserve(0, "grace", "train", counted(2))
}

func attemptsReleased(w *world) {
	claim := core.Claim{Account: "ada", Client: "home"}
	w.must(w.Release(w.ctx, claim)) // there is none
	for range 5 {
		w.reserve(0, "ada", "home", counted(1))
		w.must(w.Release(w.ctx, claim))
	}
	w.must(w.Release(w.ctx, claim))
	w.reserve(0, "ada", "home", counted(1))
	w.reserve(0, "ada", "home", counted(2))
	w.must(w.Release(w.ctx, claim))
	w.reserve(0, "ada", "home", counted(2))
	w.reserve(0, "ada", "home", waits(time.Second))
}

func attemptsProven(w *world) {
	w.reserve(0, "ada", "home", counted(1))
	w.reserve(0, "ada", "home", counted(2))
	w.reserve(0, "ada", "office", counted(3))
	w.reserve(0, "a@x", "office", counted(1))
	proven := core.Proven{Accounts: []string{"ada", "a@x", "id"}, Client: "home", At: at(5)}
	w.must(w.Settle(w.ctx, core.Settlement{At: at(5), Proven: &proven}))
	n, err := w.Failures(w.ctx, "ada", "a@x", "id")
	w.must(err)
	same(w, "failures", n, 0)
	for n := range 3 {
		w.reserve(6, "ada", "office", counted(n+1))
		w.must(w.Release(w.ctx, core.Claim{Account: "ada", Client: "office"}))
		w.reserve(6, "ada", fmt.Sprint("stranger", n), counted(n+1))
	}
	w.reserve(6, "ada", "office", waits(time.Minute))
	w.reserve(6, "ada", "home", counted(4)) // known, so strangers do not delay it
	w.reserve(6, "ada", "home", counted(5))
	w.reserve(7, "ada", "home", counted(6))
	w.reserve(1000, "ada", "home", waits(24*time.Hour))
	w.reserve(6, "id", "home", counted(1))
	vouched := core.Proven{Accounts: []string{"ada"}, At: at(2000)} // by no client
	w.must(w.Settle(w.ctx, core.Settlement{At: at(2000), Proven: &vouched}))
	w.reserve(2000, "ada", "home", counted(1))
}

func attemptsUnclaimed(w *world) {
	l := core.Limit{Key: "client", Every: time.Minute, Burst: 1}
	for range 3 { // asking counts nothing
		w.reserve(0, "", "home", core.Reservation{}, l)
		w.reserve(0, "ada", "home", counted(1), l)
		w.must(w.Release(w.ctx, core.Claim{Account: "ada", Client: "home"}))
	}
	w.must(w.Settle(w.ctx, core.Settlement{At: at(0), Counts: []core.Limit{l}}))
	w.reserve(0, "", "home", waits(time.Minute), l)
	w.reserve(20, "ada", "home", waits(40*time.Second), l)
	w.reserve(60, "ada", "home", counted(1), l)
}

func attemptsExceed(w *world) {
	l := core.Limit{Key: "client", Every: time.Minute, Burst: 2}
	for range 5 {
		w.must(w.Settle(w.ctx, core.Settlement{At: at(0), Counts: []core.Limit{l, {Key: "key", Every: time.Second, Burst: 1}}}))
	}
	w.reserve(0, "", "home", waits(4*time.Minute), l)
	wait, err := w.Take(w.ctx, at(0), core.Limit{Key: "key", Every: time.Second, Burst: 1})
	w.must(err)
	same(w, "the wait for the key", wait, 5*time.Second)
}

func attemptsEvents(w *world) {
	refused := w.event(acme, "", core.PasswordRefused, at(1))
	locked := w.event(acme, "", core.AccountLocked, at(1))
	notice, second := w.message("notice", 1), w.message("second", 1)
	w.must(w.Settle(w.ctx, core.Settlement{At: at(1), Events: []core.Event{refused, locked}, Messages: []core.Message{notice}}))
	same(w, "the events", len(w.state().Events), 2)
	l := core.Limit{Key: "client", Every: time.Minute, Burst: 1}
	w.unchanged("an event that is there", core.Internal, func() error {
		return w.Settle(w.ctx, core.Settlement{At: at(1), Events: []core.Event{w.event(acme, "", core.PasswordRefused, at(2)), locked}, Messages: []core.Message{second}, Counts: []core.Limit{l}})
	})
	w.unchanged("a message that is there", core.Internal, func() error {
		return w.Settle(w.ctx, core.Settlement{At: at(1), Events: []core.Event{w.event(acme, "", core.PasswordRefused, at(2))}, Messages: []core.Message{second, notice}, Counts: []core.Limit{l}})
	})
	same(w, "the messages", w.queued(), []core.MessageID{"notice"})
	w.reserve(1, "", "home", core.Reservation{}, l)
}

func attemptsApplied(w *world) {
	a := w.create(ada(acme))
	w.reserve(0, "ada", "office", counted(1))
	w.reserve(0, "ada", "home", counted(2))
	m := w.mutation(a, 2, nil)
	m.Proven = &core.Proven{Accounts: []string{"ada"}, Client: "home", At: at(2)}
	stale := m
	stale.Revision--
	w.unchanged("a change of an older revision", core.Conflict, func() error { return w.Apply(w.ctx, stale) })
	w.reserve(0, "ada", "home", counted(3))
	w.must(w.Apply(w.ctx, m))
	w.reserve(2, "ada", "office", counted(1))
}
