package main

import (
	"crypto/tls"
	"net/http"
)

// now returns the present generation, for what takes no time.
func (s *server) now() *generation { return s.current.Load() }

// ServeHTTP serves a client's request, from its beginning to its end by the
// generation that is present now.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g := s.held()
	defer g.release()
	g.clients.ServeHTTP(w, r)
}

// held returns the present generation, held for a request.
func (s *server) held() *generation {
	g := s.now()
	for !g.hold() { // it was replaced, and left by all, since it was loaded
		g = s.now()
	}
	return g
}

// certificate returns the present generation's.
func (s *server) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return s.now().certificate, nil
}

// retire ends a generation: its work in the background now, and the rest once its
// last request is answered, or nothing is served any more.
func (s *server) retire(g *generation) {
	g.release()
	s.retiring.Go(func() {
		g.rest()
		select {
		case <-g.unused:
		case <-s.over:
		}
		g.end()
		g.log.Debug("a configuration has served its time", "generation", g.number)
	})
}

// last returns the present generation, which no other follows.
func (s *server) last() *generation {
	s.renewing.Lock()
	defer s.renewing.Unlock()
	s.leaving = true
	return s.now()
}
