package main

import (
	"context"
	"crypto/tls"
	"net/http"
	"sync"
	"sync/atomic"

	"rekey/adapters"
	"rekey/config"
	"rekey/core"
)

// generation is all that is built from one configuration. It is swapped whole, and
// ends once nothing uses it.
type generation struct {
	*installation
	number      int // 1 is the one that the server started with
	watch       adapters.Watch
	dialects    []adapters.Adapter
	clients     http.Handler
	management  http.Handler     // nil unless the management API has a listener of its own
	contract    []byte           // OpenAPI, of the dialects that are enabled
	certificate *tls.Certificate // nil where TLS ends elsewhere
	dispatcher  *core.Dispatcher // nil if nothing is ever mailed
	deliverer   *deliverer
	examination *examination

	users   atomic.Int64 // the requests under way, and one for being the present generation
	unused  chan struct{}
	working sync.WaitGroup
	stop    context.CancelFunc // of what works in the background
}

// newGeneration builds a generation for the server at the URL. It serves nothing
// yet, and nothing works yet, but issuers' keys are fetched: whoever drops it calls
// its end.
func newGeneration(i *installation, url string) (*generation, error) {
	if i.bound != nil {
		i.bound(&i.cfg, url)
	}
	g := &generation{installation: i, number: 1, unused: make(chan struct{}), stop: func() {}, examination: newExamination()}
	g.users.Store(1)
	err := g.build()
	if err != nil {
		g.end()
		return nil, err
	}
	return g, nil
}

func (g *generation) build() (err error) {
	if g.certificate, err = loadCertificate(g.cfg.Server.TLS); err != nil {
		return err
	}
	if err = g.mount(); err != nil {
		return err
	}
	if g.dispatcher, err = g.newDispatcher(); err != nil {
		return err
	}
	g.deliverer, err = g.newDeliverer()
	return err
}

// loadCertificate returns nil where no certificate is configured.
func loadCertificate(cfg config.TLS) (*tls.Certificate, error) {
	if cfg.Certificate == "" {
		return nil, nil //nolint:nilnil // there is none, and nothing wrong
	}
	pair, err := tls.LoadX509KeyPair(cfg.Certificate, cfg.Key)
	if err != nil {
		return nil, problemf("server.tls: %v", err)
	}
	return &pair, nil
}

// begin starts what works in the background, until rest is called.
func (g *generation) begin(ctx context.Context) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	g.stop = stop
	if g.dispatcher != nil {
		g.working.Go(func() { g.dispatcher.Run(ctx) })
	}
	g.working.Go(func() { g.deliverer.run(ctx) })
	g.working.Go(func() { g.warnOfLostKeys(ctx) })
	g.working.Go(func() { g.lookAround(ctx) })
	g.working.Go(func() { g.pruning().Run(ctx) })
	g.sample(ctx)
	if g.cfg.Audit.Sealed() {
		g.working.Go(func() { g.sealing().Run(ctx) })
	}
}

// rest ends the work in the background and waits for its end. What was asked to be
// mailed meanwhile is mailed by the end, or by whoever comes next.
func (g *generation) rest() {
	g.stop()
	g.working.Wait()
}

// end ends a generation that serves nothing any more.
func (g *generation) end() {
	g.rest()
	_ = adapters.Close(g.dialects...)
}

// hold keeps the generation for one request, unless it is not used any more.
func (g *generation) hold() bool {
	for {
		n := g.users.Load()
		if n == 0 {
			return false
		}
		if g.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// release lets go of what hold kept.
func (g *generation) release() {
	if g.users.Add(-1) == 0 {
		close(g.unused)
	}
}
