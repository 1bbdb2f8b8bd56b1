package main

import (
	"context"
	"net/http"
	"time"
)

// probePatience bounds a readiness check, below the usual probe's timeout.
const probePatience = 2 * time.Second

// health serves the operations listener: /healthz is 200 while the process
// lives, /readyz while it takes requests and the database takes writes, /metrics
// is for Prometheus, and /openapi.json describes the dialects that are enabled. Every answer has the
// headers that the clients' have, those of the router too.
func (s *server) health() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { tell(w, "ok", http.StatusOK) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), probePatience)
		defer cancel()
		if s.now().watch.Leaving.Load() {
			tell(w, "draining", http.StatusServiceUnavailable)
			return
		}
		if err := s.now().db.Writable(ctx); err != nil {
			s.now().log.WarnContext(ctx, "not ready", "error", err.Error())
			tell(w, "database cannot be written", http.StatusServiceUnavailable)
			return
		}
		tell(w, "ok", http.StatusOK)
	})
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, "application/json; charset=utf-8", http.StatusOK, s.now().contract)
	})
	mux.Handle("GET /metrics", s.now().metrics.Handler()) // every generation's
	return safe(mux)
}

// safe gives every answer the headers that the clients' have.
func safe(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		h.ServeHTTP(w, r)
	})
}

func tell(w http.ResponseWriter, text string, status int) {
	reply(w, "text/plain; charset=utf-8", status, []byte(text+"\n"))
}

func reply(w http.ResponseWriter, mediaType string, status int, body []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
