package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rekey/adapters/webhook"
	"rekey/cmd/receiver/inbox"
	"rekey/config"
	"rekey/config/secret"
)

const (
	hookSecret  = "whsec_YSBzZWNyZXQgb2YgdGhlIHRlc3RzLCBvbmU="
	laterSecret = "whsec_YSBzZWNyZXQgb2YgdGhlIHRlc3RzLCB0d28="
)

// receiving is the receiver of the examples at an address of its own, and what came.
type receiving struct {
	*httptest.Server
	mu     sync.Mutex
	status int                 // what it answers instead; 0 for nothing
	tries  map[string]int      // by webhook-id
	bodies map[string][]string // by webhook-id
	took   []inbox.Event
}

func receive(t *testing.T, secrets ...string) *receiving {
	t.Helper()
	r := &receiving{tries: map[string]int{}, bodies: map[string][]string{}}
	box, err := inbox.New(secrets, time.Hour, time.Now, func(_ string, e inbox.Event) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.took = append(r.took, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		q.Body = io.NopCloser(strings.NewReader(string(body)))
		r.mu.Lock()
		id, status := q.Header.Get("webhook-id"), r.status
		r.tries[id]++
		r.bodies[id] = append(r.bodies[id], string(body))
		r.mu.Unlock()
		if status != 0 {
			w.WriteHeader(status)
			return
		}
		box.ServeHTTP(w, q)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiving) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiving) events() []inbox.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.took)
}

func (r *receiving) count() int { return len(r.events()) }

// tried returns how often anything was tried.
func (r *receiving) tried() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, tries := range r.tries {
		n += tries
	}
	return n
}

// told makes a dev installation tell the endpoint at the URL.
func told(name, url string, secrets ...string) func(*config.Config) {
	return func(cfg *config.Config) {
		var e webhook.Endpoint
		e.SetDefaults()
		e.URL = url
		for _, s := range secrets {
			e.Secrets = append(e.Secrets, secret.New(s))
		}
		if cfg.Webhooks.Endpoints == nil {
			cfg.Webhooks.Endpoints = map[string]webhook.Endpoint{}
		}
		cfg.Webhooks.Endpoints[name] = e
	}
}
