package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"

	"rekey/adapters"
	"rekey/config"
	"rekey/core"
)

// server is the clients' listener and the operations listener of one process.
type server struct {
	*installation
	watch             adapters.Watch
	dialects          []adapters.Adapter
	dispatcher        *core.Dispatcher // nil if nothing is ever mailed
	clients           *http.Server
	operations        *http.Server // nil if there is none
	clientsAt, operAt net.Listener
	contract          []byte // OpenAPI, of the dialects that are enabled
}

// maxHeader bounds a request's header, in bytes: the largest credential is a
// token of a few KiB.
const maxHeader = 32 << 10

// newServer binds the listeners and serves nothing yet.
func newServer(ctx context.Context, i *installation) (*server, error) {
	s := &server{installation: i}
	cfg := i.cfg.Server
	s.clients = s.httpServer(nil)
	if cfg.TLS.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(cfg.TLS.Certificate, cfg.TLS.Key)
		if err != nil {
			return nil, problemf("server.tls: %v", err)
		}
		s.clients.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	var err error
	if s.clientsAt, err = listen(ctx, "server.address", cfg.Address); err != nil {
		return nil, err
	}
	if err = s.prepare(ctx); err != nil {
		_ = s.clientsAt.Close()
		_ = adapters.Close(s.dialects...)
		return nil, err
	}
	return s, nil
}

// prepare does what needs the clients' listener.
func (s *server) prepare(ctx context.Context) (err error) {
	if s.bound != nil {
		s.bound(s.url())
	}
	if s.clients.Handler, err = s.handler(); err != nil {
		return err
	}
	if s.dispatcher, err = s.newDispatcher(); err != nil {
		return err
	}
	if s.cfg.Operations.Address != "" {
		s.operations = s.httpServer(s.health())
		s.operAt, err = listen(ctx, "operations.address", s.cfg.Operations.Address)
	}
	return err
}

// url returns where clients on this machine reach the server.
func (s *server) url() string {
	scheme := "http"
	if s.clients.TLSConfig != nil {
		scheme = "https"
	}
	return scheme + "://" + s.clientsAt.Addr().String()
}

func listen(ctx context.Context, key, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, problemf("%s: %v; choose another address or stop what listens there", key, err)
	}
	return listener, nil
}

// handler puts the adapters together.
func (s *server) handler() (http.Handler, error) {
	s.watch.Log, s.watch.Now, s.watch.Random = s.log, time.Now, rand.Reader
	s.watch.Timeout = s.cfg.Server.RequestTimeout
	all, err := s.cfg.Adapters.Adapters(adapters.Env{
		Passwords: s.passwords, Now: time.Now, Random: rand.Reader, Log: s.log,
		MailLimits: s.cfg.Mail.MailLimits(),
	})
	if err != nil {
		return nil, err
	}
	s.dialects = all
	if s.contract, err = adapters.Describe(all...); err != nil {
		return nil, err
	}
	e := echo.New()
	e.IPExtractor = clientAddress(s.cfg.Server)
	s.watch.Attach(e)
	return e, adapters.Mount(e, all...)
}

// clientAddress says where a request's address is read. The framework believes
// any X-Forwarded-For unless it is told.
func clientAddress(cfg config.Server) echo.IPExtractor {
	if len(cfg.TrustedProxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, prefix := range cfg.TrustedProxies {
		trust = append(trust, echo.TrustIPRange(&net.IPNet{
			IP: prefix.Masked().Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

func (s *server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: s.cfg.Server.ReadTimeout,
		ReadTimeout:       s.cfg.Server.ReadTimeout,
		WriteTimeout:      s.cfg.Server.WriteTimeout,
		IdleTimeout:       s.cfg.Server.IdleTimeout,
		MaxHeaderBytes:    maxHeader,

		DisableGeneralOptionsHandler: true, // it would answer OPTIONS * itself
		ErrorLog:                     slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}

// run serves until ctx ends and then drains: readiness turns false, so that a
// balancer sends requests elsewhere, and what still comes is served for
// drain_delay. Then new requests are refused, in their dialect, while changes
// in flight finish. The dialects are closed when nothing is served any more. What was
// asked to be mailed meanwhile is mailed by the end, or at the next start.
func (s *server) run(ctx context.Context) error {
	defer func() { _ = adapters.Close(s.dialects...) }()
	group, failed := errgroup.WithContext(ctx)
	group.Go(func() error { return s.serve(s.clients, s.clientsAt) })
	if s.operations != nil {
		group.Go(func() error { return s.serve(s.operations, s.operAt) })
	}
	s.log.Info("serving", "address", s.clientsAt.Addr().String(), "operations", s.operationsURL(), "dialects", s.cfg.Adapters.Enabled())
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	if s.dispatcher != nil {
		group.Go(func() error {
			s.dispatcher.Run(working)
			return nil
		})
	}
	group.Go(func() error {
		s.warnOfLostKeys(failed)
		return nil
	})
	group.Go(func() error {
		s.pruning().Run(working)
		return nil
	})
	group.Go(func() error {
		<-failed.Done()
		defer stop()
		return s.drain(context.WithoutCancel(ctx))
	})
	return group.Wait()
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
	s.log.Info("draining", "for_at_most", s.cfg.Server.DrainTimeout)
	s.watch.Leaving.Store(true)
	time.Sleep(s.cfg.Server.DrainDelay)
	s.watch.Closing.Store(true)
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Server.DrainTimeout)
	defer cancel()
	err := s.clients.Shutdown(ctx)
	if s.operations != nil {
		err = errors.Join(err, s.operations.Shutdown(ctx))
	}
	if err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	s.log.Info("stopped")
	return nil
}
