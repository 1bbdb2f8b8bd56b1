package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"rekey/config"
)

// server is the clients' listener and the operations listener of one process. What
// it serves is the present generation's.
type server struct {
	current           atomic.Pointer[generation]
	renewing          sync.Mutex
	leaving           bool           // no generation follows; guarded by renewing
	retiring          sync.WaitGroup // generations that are not present any more
	over              chan struct{}  // closed when nothing is served any more
	clients           *http.Server
	operations        *http.Server // nil if there is none
	commands          *http.Server // nil if there is no socket
	management        *http.Server // nil unless the management API has a listener of its own
	clientsAt, operAt net.Listener
	manageAt          net.Listener
	socket            net.Listener
	hangups           chan os.Signal // SIGHUPs; nil if nobody heeds them
}

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
	if err == nil {
		err = s.manageApart(ctx)
	}
	if err == nil {
		err = s.openSocket(ctx)
	}
	if err != nil {
		s.unbind()
		g.end()
	}
	return err
}

// openSocket opens the socket for commands. Where the server chooses it, it can do
// without: the file system may be read-only.
func (s *server) openSocket(ctx context.Context) (err error) {
	g := s.now()
	if g.cfg.Operations.Socket == "" {
		return nil
	}
	s.socket, err = openSocket(ctx, g.cfg.Operations, g.source.file)
	switch {
	case err == nil:
		s.commands = s.httpServer(s.control())
	case g.cfg.Operations.Socket == config.SocketAuto:
		g.log.Warn("there is no socket for commands; SIGHUP makes the server read its configuration again", "error", err.Error())
		return nil
	default:
		return problemf("operations.socket: %v", err)
	}
	return nil
}

// unbind lets go of the listeners that a server has which never serves.
func (s *server) unbind() {
	for _, at := range []net.Listener{s.operAt, s.manageAt} {
		if at != nil {
			_ = at.Close()
		}
	}
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
	if s.commands != nil {
		group.Go(func() error { return s.serve(s.commands, s.socket) })
	}
	if s.management != nil {
		group.Go(func() error { return s.serve(s.management, s.manageAt) })
	}
	g := s.now()
	g.log.Info("serving", "address", s.clientsAt.Addr().String(), "operations", s.operationsURL(), "dialects", g.cfg.Adapters.Enabled(), "socket", s.socketPath())
	g.begin(ctx)
	group.Go(func() error {
		s.heed(failed)
		return nil
	})
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

func (s *server) drain(ctx context.Context) error {
	g := s.last()
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
	if s.commands != nil {
		err = errors.Join(err, s.commands.Shutdown(ctx))
	}
	if s.management != nil {
		err = errors.Join(err, s.management.Shutdown(ctx))
	}
	if err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	g.log.Info("stopped")
	return nil
}
