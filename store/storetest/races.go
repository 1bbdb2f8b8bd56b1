package storetest

import (
	"fmt"
	"sync"

	"rekey/core"
)

func aboutRaces() []check {
	return []check{
		{"of many changes by one token, one succeeds", raceToken},
		{"of many changes of one revision, one succeeds", raceRevision},
		{"of many tokens issued at once, one is live", raceIssue},
		{"no older token survives a change", raceChangeAndIssue},
		{"of many accounts with one name, one is created", raceName},
		{"crossed names end in a conflict, not in a deadlock", raceCrossed},
		{"of many accounts that want one external id, one gets it", raceExternalID},
		{"accounts that exchange external ids do not wait for ever", raceExchange},
		{"writes of every kind wait for each other", raceEverything},
	}
}

const racers = 20

// race runs do n times at once and counts the codes that it returns.
func race(n int, do func(i int) error) map[core.Code]int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	codes := map[core.Code]int{}
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			code := core.CodeOf(do(i))
			mu.Lock()
			defer mu.Unlock()
			codes[code]++
		})
	}
	close(start)
	wg.Wait()
	return codes
}

func raceToken(w *world) {
	a := w.create(ada(acme))
	token := w.token(a, "token", 1)
	got := race(racers, func(i int) error { return w.Apply(w.ctx, w.mutation(a, 2+i, &token)) })
	same(w, "answers", got, map[core.Code]int{"": 1, core.UsedToken: racers - 1})
	same(w, "the revision", w.find(a).Revision, a.Revision+1)
}

func raceRevision(w *world) {
	a := w.create(ada(acme))
	got := race(racers, func(i int) error { return w.Apply(w.ctx, w.mutation(a, 2+i, nil)) })
	same(w, "answers", got, map[core.Code]int{"": 1, core.Conflict: racers - 1})
	after := w.find(a)
	same(w, "the revision", after.Revision, a.Revision+1)
	same(w, "the history's length", len(after.History), 3)
	same(w, "the events", len(w.state().Events), 2)
}

// issue creates n tokens of a at once and returns their digests.
func (w *world) issue(a core.Account, n, second int) (digests []core.Digest, do func(i int) error) {
	for i := range n {
		digests = append(digests, resetToken(a, fmt.Sprint("token", second, i), second).Digest)
	}
	return digests, func(i int) error {
		t := resetToken(a, fmt.Sprint("token", second, i), second)
		return w.CreateToken(w.ctx, t, w.event(a.Tenant, a.ID, core.TokenIssued, t.IssuedAt))
	}
}

func (w *world) alive(digests []core.Digest) (n int) {
	for _, t := range stateOf(w, w.Store, nil, digests).Tokens {
		if live(t) {
			n++
		}
	}
	return n
}

func raceIssue(w *world) {
	a := w.create(ada(acme))
	digests, do := w.issue(a, racers, 1)
	same(w, "answers", race(racers, do), map[core.Code]int{"": racers})
	same(w, "tokens alive", w.alive(digests), 1)
}

func raceChangeAndIssue(w *world) {
	a := w.create(ada(acme))
	for round := range 5 {
		second := 10 * round
		old := w.token(a, fmt.Sprint("old", round), second)
		m := w.mutation(w.find(a), second+2, nil)
		digests, do := w.issue(a, 3, second+1)
		got := race(4, func(i int) error {
			if i == 3 {
				return w.Apply(w.ctx, m)
			}
			return do(i)
		})
		same(w, "answers", got, map[core.Code]int{"": 4})
		same(w, "the older token is alive", live(w.known(old)), false)
		if n := w.alive(digests); n > 1 {
			w.Errorf("%d tokens are alive, want one at most", n)
		}
	}
}

func raceName(w *world) {
	got := race(racers, func(i int) error {
		a := bare(acme, fmt.Sprint("racer", i))
		a.Email = "ADA@example.com"
		return w.CreateAccount(w.ctx, a, w.event(acme, a.ID, core.AccountCreated, at(1)))
	})
	same(w, "answers", got, map[core.Code]int{"": 1, core.Conflict: racers - 1})
	same(w, "accounts", len(w.state().Accounts), 1)
	same(w, "events", len(w.state().Events), 1)
}

func raceCrossed(w *world) {
	for round := range 5 {
		names := []string{fmt.Sprint("left", round), fmt.Sprint("right", round)}
		got := race(2, func(i int) error {
			a := bare(acme, names[i])
			a.Email = names[1-i]
			return w.CreateAccount(w.ctx, a, w.event(acme, a.ID, core.AccountCreated, at(1)))
		})
		same(w, "answers", got, map[core.Code]int{"": 1, core.Conflict: 1})
	}
}

func raceExternalID(w *world) {
	var accounts []core.Account
	for i := range racers / 2 {
		accounts = append(accounts, w.create(bare(acme, fmt.Sprint("racer", i))))
	}
	got := race(len(accounts), func(i int) error {
		key := core.Key{Kind: "zap", Value: "one"}
		return w.SetExternalID(w.ctx, acme, accounts[i].ID, key, w.event(acme, accounts[i].ID, core.ExternalIDSet, at(1)))
	})
	same(w, "answers", got, map[core.Code]int{"": 1, core.Conflict: len(accounts) - 1})
}

// raceExchange has each of two accounts reach for the other's external id,
// when both have just given theirs up: PostgreSQL ends one of them.
func raceExchange(w *world) {
	pair := []core.Account{w.create(bare(acme, "left")), w.create(bare(acme, "right"))}
	set := func(i int, value string) error {
		id := pair[i].ID
		return w.SetExternalID(w.ctx, acme, id, core.Key{Kind: "zap", Value: value}, w.event(acme, id, core.ExternalIDSet, at(1)))
	}
	for range 5 {
		values := []string{"a", "b"}
		for i := range pair {
			w.must(set(i, ""))
		}
		for i, value := range values {
			w.must(set(i, value))
		}
		got := race(2, func(i int) error { return set(i, values[1-i]) })
		if got[""]+got[core.Conflict] != 2 {
			w.Errorf("answers: got %v, want success or conflict", got)
		}
	}
}

// raceEverything mixes all writes on one account. Each waits for the account
// first, so none is undone for a deadlock, which would show as Unavailable.
func raceEverything(w *world) {
	a := w.create(ada(acme))
	token := w.token(a, "token", 1)
	_, issue := w.issue(a, 2*racers, 2)
	writes := w.writes(a, token)
	got := race(2*racers, func(i int) error {
		if i%3 == 0 {
			return issue(i)
		}
		write := writes[i%len(writes)]
		if write.name == "create a token" {
			return issue(i)
		}
		return write.do(w.ctx, acme, w.event(acme, a.ID, core.PasswordChanged, at(3)))
	})
	for code, n := range got {
		if code != "" && code != core.Conflict && code != core.UsedToken {
			w.Errorf("%d writes answered %s", n, code)
		}
	}
	for _, e := range w.state().Events {
		if e.Tenant != acme {
			w.Errorf("event %s is of %q", e.ID, e.Tenant)
		}
	}
}
