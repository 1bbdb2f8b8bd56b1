package storetest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"pgregory.net/rapid"

	"rekey/core"
)

// raceDeliveries has each account's deliveries claimed one after another, in
// order, by whoever comes first.
func raceDeliveries(w *world) {
	const accounts, each = 8, 6
	var all []core.Message
	for n := range accounts * each {
		m := w.delivery("siem", core.MessageID(fmt.Sprintf("m%03d", n)), 0)
		m.Account = core.AccountID(fmt.Sprint("account-", n%accounts))
		all = append(all, m)
	}
	w.enqueue(all...)
	var mu sync.Mutex
	done := map[core.AccountID][]core.MessageID{}
	got := race(claimers, func(i int) error {
		for left := true; left; {
			messages, err := w.nth(i).ClaimDeliveries(w.ctx, "siem", at(9), at(99), 3)
			if err != nil {
				return err
			}
			for _, m := range messages {
				mu.Lock()
				done[m.Account] = append(done[m.Account], m.ID)
				mu.Unlock()
				if err := w.nth(i).FinishDelivery(w.ctx, m.ID); err != nil {
					return err
				}
			}
			mu.Lock()
			left = countAll(done) < len(all)
			mu.Unlock()
		}
		return nil
	})
	same(w, "answers", got, map[core.Code]int{"": claimers})
	for account, ids := range done {
		same(w, fmt.Sprint("the order of ", account), slices.IsSorted(ids), true)
	}
	same(w, "how many were claimed", countAll(done), len(all))
	same(w, "deliveries left", len(w.deliveries(core.Selection{})), 0)
}

func countAll(done map[core.AccountID][]core.MessageID) (n int) {
	for _, ids := range done {
		n += len(ids)
	}
	return n
}

func (p *pair) endpoint() string { return p.prefix + oneOf(p, "endpoint", "siem", "crm") }

// deliveryStep does one thing about deliveries to both stores.
func (p *pair) deliveryStep() {
	id, when := p.messageID(), at(p.second())
	switch oneOf(p, "do with deliveries", "claim", "claim", "finish", "postpone", "bury", "retry") {
	case "claim":
		endpoint, limit := p.endpoint(), rapid.IntRange(-1, 3).Draw(p.T, "limit")
		until := when.Add(time.Duration(p.second()) * time.Second)
		p.both("claim deliveries", func(s Store) (any, error) { return s.ClaimDeliveries(p.ctx, endpoint, when, until, limit) })
	case "finish":
		p.both("finish a delivery", func(s Store) (any, error) { return nil, s.FinishDelivery(p.ctx, id) })
	case "postpone":
		p.both("postpone a delivery", func(s Store) (any, error) { return nil, s.PostponeDelivery(p.ctx, id, when, "why") })
	case "bury":
		p.both("bury a delivery", func(s Store) (any, error) { return nil, s.BuryDelivery(p.ctx, id, when, "why") })
	case "retry":
		other := p.messageID()
		p.both("retry deliveries", func(s Store) (any, error) { return s.RetryDeliveries(p.ctx, when, id, other) })
	}
}

// compareDeliveries compares what is kept, but for places: other walks have left
// theirs.
func (p *pair) compareDeliveries() {
	for _, endpoint := range []string{"siem", "crm"} {
		p.both("deliveries", func(s Store) (any, error) {
			all, err := s.Deliveries(p.ctx, core.Selection{Endpoint: p.prefix + endpoint}, 0, everything)
			for i := range all {
				all[i].Place = 0
			}
			return all, err
		})
	}
}
