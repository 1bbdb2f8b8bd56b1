package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// server is the clients' listener and the operations listener of one process. What
// it serves is the present generation's.
type server struct {
	current           atomic.Pointer[generation]
	retiring          sync.WaitGroup // generations that are not present any more
	over              chan struct{}  // closed when nothing is served any more
	clients           *http.Server
	operations        *http.Server // nil if there is none
	clientsAt, operAt net.Listener
}

// maxHeader bounds a request's header, in bytes: the largest credential is a
// token of a few KiB.
const maxHeader = 32 << 10

// newServer binds the listeners and serves nothing yet.
func newServer(ctx context.Context, i *installation) (*server, error) {
	s := &server{over: make(chan struct{})}
	cfg := i.cfg.Server
	if _, err := loadCertificate(cfg.TLS); err != nil {
		return nil, err
	}
	var err error
	if s.clientsAt, err = listen(ctx, "server.address", cfg.Address); err != nil {
		return nil, err
	}
	if err = s.prepare(ctx, i); err != nil {
		_ = s.clientsAt.Close()
		return nil, err
	}
	return s, nil
}

// prepare does what needs the clients' listener.
func (s *server) prepare(ctx context.Context, i *installation) error {
	g, err := newGeneration(i, urlOf(s.clientsAt, i.cfg.Server.TLS.Certificate != ""))
	if err != nil {
		return err
	}
	s.current.Store(g)
	s.clients = s.httpServer(s)
	if g.certificate != nil {
		s.clients.TLSConfig = &tls.Config{GetCertificate: s.certificate, MinVersion: tls.VersionTLS12}
	}
	if g.cfg.Operations.Address != "" {
		s.operations = s.httpServer(s.health())
		s.operAt, err = listen(ctx, "operations.address", g.cfg.Operations.Address)
	}
	if err != nil {
		g.end()
	}
	return err
}

// url returns where clients on this machine reach the server.
func (s *server) url() string { return urlOf(s.clientsAt, s.clients.TLSConfig != nil) }

func urlOf(at net.Listener, secure bool) string {
	if secure {
		return "https://" + at.Addr().String()
	}
	return "http://" + at.Addr().String()
}

func listen(ctx context.Context, key, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, problemf("%s: %v; choose another address or stop what listens there", key, err)
	}
	return listener, nil
}

// now returns the present generation, for what takes no time.
func (s *server) now() *generation { return s.current.Load() }

// ServeHTTP serves a client's request, from its beginning to its end by the
// generation that is present now.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g := s.now()
	for !g.hold() { // it was replaced, and left by all, since it was loaded
		g = s.now()
	}
	defer g.release()
	g.clients.ServeHTTP(w, r)
}

// certificate returns the present generation's.
func (s *server) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return s.now().certificate, nil
}

func (s *server) httpServer(h http.Handler) *http.Server {
	cfg := s.now().cfg.Server
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: cfg.ReadTimeout,
		ReadTimeout:       cfg.ReadTimeout,
		WriteTimeout:      cfg.WriteTimeout,
		IdleTimeout:       cfg.IdleTimeout,
		MaxHeaderBytes:    maxHeader,

		DisableGeneralOptionsHandler: true, // it would answer OPTIONS * itself
		ErrorLog:                     log.New(complaints{s}, "", 0),
	}
}

// complaints is where net/http writes what it has to say: about clients, mostly.
type complaints struct{ *server }

// Write implements [io.Writer].
func (c complaints) Write(line []byte) (int, error) {
	c.now().log.Debug(strings.TrimSuffix(string(line), "\n"))
	return len(line), nil
}

// run serves until ctx ends and then drains: readiness turns false, so that a
// balancer sends requests elsewhere, and what still comes is served for
// drain_delay. Then new requests are refused, in their dialect, while changes
// in flight finish. The dialects are closed when nothing is served any more.
func (s *server) run(ctx context.Context) error {
	group, failed := errgroup.WithContext(ctx)
	group.Go(func() error { return s.serve(s.clients, s.clientsAt) })
	if s.operations != nil {
		group.Go(func() error { return s.serve(s.operations, s.operAt) })
	}
	g := s.now()
	g.log.Info("serving", "address", s.clientsAt.Addr().String(), "operations", s.operationsURL(), "dialects", g.cfg.Adapters.Enabled())
	g.begin(ctx)
	group.Go(func() error {
		<-failed.Done()
		return s.drain(context.WithoutCancel(ctx))
	})
	err := group.Wait()
	close(s.over)
	s.retire(s.now())
	s.retiring.Wait()
	return err
}

// retire ends a generation once its last request is answered, or nothing is served
// any more.
func (s *server) retire(g *generation) {
	g.release()
	s.retiring.Go(func() {
		select {
		case <-g.unused:
		case <-s.over:
		}
		g.end()
	})
}

func (s *server) serve(server *http.Server, at net.Listener) error {
	serve := func() error { return server.Serve(at) }
	if server.TLSConfig != nil {
		serve = func() error { return server.ServeTLS(at, "", "") }
	}
	if err := serve(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", at.Addr(), err)
	}
	return nil
}

func (s *server) drain(ctx context.Context) error {
	g := s.now()
	g.log.Info("draining", "for_at_most", g.cfg.Server.DrainTimeout)
	g.watch.Leaving.Store(true)
	time.Sleep(g.cfg.Server.DrainDelay)
	g.watch.Closing.Store(true)
	ctx, cancel := context.WithTimeout(ctx, g.cfg.Server.DrainTimeout)
	defer cancel()
	err := s.clients.Shutdown(ctx)
	if s.operations != nil {
		err = errors.Join(err, s.operations.Shutdown(ctx))
	}
	if err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	g.log.Info("stopped")
	return nil
}
