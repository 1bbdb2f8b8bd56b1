package storetest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"rekey/core"
)

func aboutSharing() []check {
	return []check{
		{"of many changes by one time step, one succeeds", raceStep},
		{"of many changes by one mailed code, one succeeds", raceCode},
		{"a code has its tries and not one more, however many try at once", raceTries},
		{"no two claimers get one message, and none is lost", raceClaims},
		{"of many claimers of deliveries each gets its own, and no account's out of order", raceDeliveries},
		{"a message that comes due again is claimed by one", raceReclaim},
		{"a limit allows its burst and not one more, however many ask at once", raceLimit},
		{"no more attempts at once are let in than one after another", raceReserve},
		{"attempts and proofs of one account do not wait for each other for ever", raceProve},
		{"of many that seal at once, each row is sealed once", raceSealers},
		{"of requests begun at once one is the first", replayRaces},
		{"of many that renew or end a session at once, one does", sessionRaces},
		{"replicas that put samples at once disturb nobody", raceSamples},
		{"limits that are taken in any order do not wait for each other for ever", raceLimits},
	}
}

// nth returns the store of the i-th racer.
func (w *world) nth(i int) Store { return w.all[i%len(w.all)] }

// insist changes a as the core does: it judges again after a conflict.
func (w *world) insist(i int, a core.Account, alter func(m *core.Mutation)) error {
	for {
		now, err := w.nth(i).Account(w.ctx, a.Tenant, core.Key{Kind: core.KeyID, Value: string(a.ID)})
		if err != nil {
			return err
		}
		m := w.mutation(now, 2+i, nil)
		m.Messages = []core.Message{w.message(core.MessageID(fmt.Sprint("notice", i)), 0)}
		alter(&m)
		if err := w.nth(i).Apply(w.ctx, m); core.CodeOf(err) != core.Conflict {
			return err
		}
	}
}

func raceStep(w *world) {
	a := w.create(ada(acme))
	got := race(racers, func(i int) error { return w.insist(i, a, func(m *core.Mutation) { m.FactorStep = 42 }) })
	same(w, "answers", got, map[core.Code]int{"": 1, core.WrongFactor: racers - 1})
	w.changedOnce(a)
}

func raceCode(w *world) {
	a := w.create(ada(acme))
	code := w.code(a, "code", 0)
	got := race(racers, func(i int) error { return w.insist(i, a, func(m *core.Mutation) { m.Code = code.Digest }) })
	same(w, "answers", got, map[core.Code]int{"": 1, core.WrongFactor: racers - 1})
	w.changedOnce(a)
}

// changedOnce wants one change of a, with one event and one message.
func (w *world) changedOnce(a core.Account) {
	w.Helper()
	same(w, "the revision", w.find(a).Revision, a.Revision+1)
	same(w, "the history's length", len(w.find(a).History), 3)
	same(w, "messages", len(w.queued()), 1)
	events := slices.DeleteFunc(w.state().Events, func(e core.Event) bool { return e.Action != core.PasswordChanged })
	same(w, "changes", len(events), 1)
}

func raceTries(w *world) {
	a := w.create(ada(acme))
	w.code(a, "code", 0)
	got := race(racers, func(i int) error {
		_, err := w.nth(i).TryCode(w.ctx, acme, a.ID, purpose, at(1), 5)
		return err
	})
	same(w, "answers", got, map[core.Code]int{"": 5, core.NotFound: racers - 5})
}

// claimers is how many claim at once.
const claimers = 4

// claimAll has the claimers claim all that is due at now, a few at a time, and
// returns how often each message was claimed.
func (w *world) claimAll(now, until time.Time, do func(s Store, m core.Message) error) map[core.MessageID]int {
	w.Helper()
	var mu sync.Mutex
	claimed := map[core.MessageID]int{}
	got := race(claimers, func(i int) error {
		for idle := 0; idle < 2; { // what another is claiming is passed over
			messages, err := w.nth(i).Claim(w.ctx, now, until, 3)
			if err != nil {
				return err
			}
			if idle++; len(messages) > 0 {
				idle = 0
			}
			for _, m := range messages {
				mu.Lock()
				claimed[m.ID]++
				again := claimed[m.ID] > 1
				mu.Unlock()
				if again {
					return nil // enough is wrong
				}
				if err := do(w.nth(i), m); err != nil {
					return err
				}
			}
		}
		return nil
	})
	same(w, "answers", got, map[core.Code]int{"": claimers})
	return claimed
}

func (w *world) backlog(n int) (want map[core.MessageID]int) {
	want = map[core.MessageID]int{}
	var messages []core.Message
	for i := range n {
		m := w.message(core.MessageID(fmt.Sprintf("m%03d", i)), i%7)
		messages, want[m.ID] = append(messages, m), 1
	}
	w.enqueue(messages...)
	return want
}

func raceClaims(w *world) {
	want := w.backlog(120)
	got := w.claimAll(at(9), at(99), func(s Store, m core.Message) error { return s.Finish(w.ctx, m.ID) })
	same(w, "how often each was claimed", got, want)
	same(w, "messages", len(w.queued()), 0)
}

func raceReclaim(w *world) {
	want := w.backlog(40)
	for round := range 3 { // nobody finishes any
		now := at(100 * (round + 1))
		got := w.claimAll(now, now.Add(time.Second), func(_ Store, m core.Message) error {
			if m.Attempts != round+1 {
				w.Errorf("message %s: got %d attempts, want %d", m.ID, m.Attempts, round+1)
			}
			return nil
		})
		same(w, "how often each was claimed", got, want)
	}
}

// wait turns a wait into an error, for counting.
func wait(d time.Duration, err error) error {
	if err == nil && d > 0 {
		return core.Throttled
	}
	return err
}

func raceLimit(w *world) {
	const burst = 7
	for round := range 3 {
		l := core.Limit{Key: fmt.Sprint("limit", round), Every: time.Hour, Burst: burst}
		got := race(racers, func(i int) error { return wait(w.nth(i).Take(w.ctx, at(0), l)) })
		same(w, "answers", got, map[core.Code]int{"": burst, core.Throttled: racers - burst})
		l.Key += " and clocks that differ"
		got = race(racers, func(i int) error { return wait(w.nth(i).Take(w.ctx, at(i%4), l)) })
		if got[""] > burst || got[""] == 0 || got[""]+got[core.Throttled] != racers {
			w.Errorf("with clocks that differ: got %v, want %d successes at most", got, burst)
		}
	}
}

func raceLimits(w *world) {
	const burst = 6
	limits := make([]core.Limit, 5)
	for round := range 3 {
		for i := range limits {
			limits[i] = core.Limit{Key: fmt.Sprint("limit", round, i), Every: time.Hour, Burst: burst + i%2}
		}
		got := race(racers, func(i int) error {
			mine := slices.Clone(limits)
			if i%2 == 0 {
				slices.Reverse(mine)
			}
			return wait(w.nth(i).Take(w.ctx, at(0), mine...))
		})
		same(w, "answers", got, map[core.Code]int{"": burst, core.Throttled: racers - burst})
		for i, l := range limits { // a refusal was counted against none
			w.take("what is left", at(0), map[int]time.Duration{0: time.Hour}[i%2], l)
		}
	}
}

func raceReserve(w *world) {
	race(racers, func(i int) error {
		_, err := w.nth(i).Reserve(w.ctx, at(0), core.Claim{Account: "ada", Client: fmt.Sprint(i % 4)}, slow)
		return err
	})
	n, err := w.Failures(w.ctx, "ada")
	w.must(err)
	same(w, "attempts that were let in", n, slow.PerAccount.Free)
}

func raceProve(w *world) {
	names := []string{"ada", "a@x", "id"}
	got := race(3*racers, func(i int) error {
		s, claim := w.nth(i), core.Claim{Account: names[i%3], Client: fmt.Sprint(i % 2)}
		if i%5 == 0 {
			at := at(i)
			return s.Settle(w.ctx, core.Settlement{At: at, Proven: &core.Proven{Accounts: names, Client: claim.Client, At: at}})
		}
		if _, err := s.Reserve(w.ctx, at(i), claim, slow); err != nil {
			return err
		}
		return s.Release(w.ctx, claim)
	})
	same(w, "answers", got, map[core.Code]int{"": 3 * racers})
}
