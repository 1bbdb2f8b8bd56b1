package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
)

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

// maxHeader bounds a request's header, in bytes: the largest credential is a
// token of a few KiB.
const maxHeader = 32 << 10

// url returns where clients on this machine reach the server.
func (s *server) url() string { return urlOf(s.clientsAt, s.now().certificate != nil) }

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
