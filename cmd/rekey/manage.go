package main

import (
	"context"
	"net/http"

	"rekey/config"
)

// manageApart binds the listener of those who manage, if they have one of their own. It speaks
// TLS where the clients' listener does.
func (s *server) manageApart(ctx context.Context) (err error) {
	g := s.now()
	if !managedApart(g.cfg) {
		return nil
	}
	if s.manageAt, err = listen(ctx, "manage.address", g.cfg.Manage.Address); err != nil {
		return err
	}
	s.management = s.httpServer(http.HandlerFunc(s.manage))
	if s.clients.TLSConfig != nil {
		s.management.TLSConfig = s.clients.TLSConfig.Clone()
	}
	g.log.Info("managing", "address", s.manageAt.Addr().String())
	return nil
}

func managedApart(cfg config.Config) bool {
	return (cfg.Manage.Enabled || cfg.Console.Enabled) && cfg.Manage.Address != ""
}

// manage serves a request to the listener of those who manage.
func (s *server) manage(w http.ResponseWriter, r *http.Request) {
	g := s.held()
	defer g.release()
	if g.management == nil { // disabled since
		http.NotFound(w, r)
		return
	}
	g.management.ServeHTTP(w, r)
}

// manageURL returns where programs on this machine reach the management API, or
// "" if it is not enabled.
func (s *server) manageURL() string {
	if !s.now().cfg.Manage.Enabled {
		return ""
	}
	return s.managedAt()
}

// managedAt returns where those who manage reach the server.
func (s *server) managedAt() string {
	if s.management == nil {
		return s.url()
	}
	return urlOf(s.manageAt, s.management.TLSConfig != nil)
}
