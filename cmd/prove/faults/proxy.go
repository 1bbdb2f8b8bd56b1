package faults

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// proxy stands between rekey and PostgreSQL and makes the weather.
type proxy struct {
	listener net.Listener
	most     int64        // cuts: an account of an unclear answer is left alone from then on
	commits  atomic.Int64 // of changes, while commits were cut
	cuts     atomic.Int64 // of those
	waited   atomic.Int64 // pieces that the weather kept waiting

	mu     sync.Mutex
	target string
	now    *spell
	links  map[*link]bool
	all    sync.WaitGroup
}

// weather is what happens to what travels. The zero value is fair.
type weather struct {
	delay time.Duration // of each piece, each way
	rate  int           // bytes a second of each connection, each way
	stall bool          // nothing arrives, and nothing is lost, until it ends
	cut   cut           // what becomes of every third commit of a change
}

// cut is the moment at which a connection breaks.
type cut int

const (
	cutNever  cut = iota
	cutBefore     // the commit is not sent on
	cutWithin     // half of it is
	cutAfter      // it is done, and its answer is not sent on
)

// cutEvery lets changes get through between the cuts.
const cutEvery = 3

// spell is a weather that lasts until over is closed.
type spell struct {
	weather
	over chan struct{}
}

func newProxy(target string, most int) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it does not wait
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, most: int64(most), target: target, now: &spell{over: make(chan struct{})}, links: map[*link]bool{}}
	p.all.Go(p.accept)
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

// turn changes the weather.
func (p *proxy) turn(w weather) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.now.over)
	p.now = &spell{w, make(chan struct{})}
}

// lead sends who comes from now on elsewhere, and cuts off who is there.
func (p *proxy) lead(target string) {
	p.mu.Lock()
	p.target = target
	p.mu.Unlock()
	p.cutAll()
}

// close ends everything, and waits for it.
func (p *proxy) close() error {
	err := p.listener.Close()
	p.cutAll()
	p.all.Wait()
	return err
}

func (p *proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.cut()
	}
}

func (p *proxy) spell() *spell {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		target := p.target
		p.mu.Unlock()
		server, err := net.Dial("tcp", target) //nolint:noctx // on loopback
		if err != nil {
			_ = client.Close()
			continue
		}
		p.link(client, server)
	}
}

func (p *proxy) link(client, server net.Conn) {
	l := &link{proxy: p, client: client, server: server, gone: make(chan struct{})}
	p.mu.Lock()
	p.links[l] = true
	p.mu.Unlock()
	p.all.Go(func() {
		l.run()
		p.mu.Lock()
		delete(p.links, l)
		p.mu.Unlock()
	})
}
