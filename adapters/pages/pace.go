package pages

import (
	"hash/maphash"
	"net/netip"
	"time"

	"golang.org/x/time/rate"

	"rekey/core"
)

// pace bounds how often one client may ask what a password would meet. It counts in
// this process and not in the database: nothing is guessed there, and a write for
// each key that somebody presses would cost more than the answer. Its memory is
// fixed; clients whose addresses meet in it share what they have.
type pace struct {
	now  func() time.Time
	seed maphash.Seed
	seen [1024]*rate.Limiter
}

// A client may ask so often at once, and then so many times a second. It is more
// than a person types.
const (
	paceBurst = 40
	paceEvery = 250 * time.Millisecond
)

func newPace(now func() time.Time) *pace {
	p := &pace{now: now, seed: maphash.MakeSeed()}
	for i := range p.seen {
		p.seen[i] = rate.NewLimiter(rate.Every(paceEvery), paceBurst)
	}
	return p
}

// take returns Throttled for a client that asks too often.
func (p *pace) take(addr netip.Addr) error {
	if addr.Is6() {
		network, _ := addr.Prefix(64) // what one client has
		addr = network.Addr()
	}
	limiter := p.seen[maphash.Comparable(p.seed, addr)%uint64(len(p.seen))]
	if !limiter.AllowN(p.now(), 1) {
		return &core.Error{Code: core.Throttled, RetryAfter: time.Second}
	}
	return nil
}
