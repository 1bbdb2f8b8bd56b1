package passhash_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"rekey/core/passhash"
)

// gate is randomness that waits: a derivation that draws a salt from it runs
// until it is let go.
type gate struct {
	open         chan struct{}
	mu           sync.Mutex
	inside, most int
}

func (g *gate) Read(p []byte) (int, error) {
	g.count(1)
	<-g.open
	g.count(-1)
	clear(p)
	return len(p), nil
}

func (g *gate) count(by int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside += by
	g.most = max(g.most, g.inside)
}

// desk is a pool whose derivations are let go one by one.
type desk struct {
	*gate
	pool   *passhash.Pool
	mu     sync.Mutex
	served []int // callers, in order
	errs   map[int]error
}

func newDesk(t *testing.T, workers, queue int) *desk {
	config := passhash.ForTests()
	config.Workers, config.Queue = workers, queue
	g := &gate{open: make(chan struct{})}
	return &desk{gate: g, pool: newPoolFrom(t, config, g), errs: map[int]error{}}
}

// arrive sends a caller and returns when it runs, waits or has its answer.
func (d *desk) arrive(ctx context.Context, caller int) {
	go func() {
		_, err := d.pool.Hash(ctx, ada)
		d.mu.Lock()
		defer d.mu.Unlock()
		d.served, d.errs[caller] = append(d.served, caller), err
	}()
	synctest.Wait()
}

// release lets one derivation go.
func (d *desk) release() {
	d.open <- struct{}{}
	synctest.Wait()
}

func (d *desk) want(t *testing.T, running, waiting int, refused uint64) {
	t.Helper()
	s := d.pool.Stats()
	if s.Running != running || s.Waiting != waiting || s.Refused != refused {
		t.Errorf("got %+v, want %d running, %d waiting, %d refused", s, running, waiting, refused)
	}
}
