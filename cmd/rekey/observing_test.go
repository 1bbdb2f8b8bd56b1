package main

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"rekey/adapters"
	"rekey/adapters/metrics"
	"rekey/adapters/traces"
	"rekey/adapters/traces/tracestest"
	"rekey/core"
	"rekey/store/memory"
)

// BenchmarkWatching measures a change through the core with hashes that cost
// nothing, on a store in memory, watched in no way, by metrics, and by traces as well. What watching
// costs is the difference; a change at the default cost takes 25 ms and more for
// each derivation, so 250 µs are 1 % of the least.
func BenchmarkWatching(b *testing.B) {
	for _, c := range []struct {
		name              string
		measured, tracing bool
		ratio             float64
	}{{"not", false, false, 0}, {"metrics", true, false, 0}, {"metrics and a tenth of traces", true, true, 0.1}, {"metrics and all traces", true, true, 1}} {
		b.Run(c.name, func(b *testing.B) {
			w := newWatched(b, c.measured, c.tracing, c.ratio)
			passwords := []core.Password{core.NewPassword("a sample staple 1"), core.NewPassword("a sample staple 2")}
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				w.change(b, passwords[n%2], passwords[(n+1)%2])
			}
		})
	}
}

// watched is a core on a store in memory, whose requests are watched.
type watched struct {
	service *core.Service
	observe []adapters.Observer
}

func newWatched(b *testing.B, measured, tracing bool, ratio float64) watched {
	hasher := &gratis{}
	kept := memory.New()
	parts := core.Parts{Store: kept, Hasher: hasher, TokenTTL: time.Hour, Now: time.Now, Random: rand.Reader, Attempts: kept, Rules: core.AttemptRules{Stop: core.MaxStop}}
	var w watched
	var all core.Observers
	if measured {
		m := metrics.New(metrics.Sources{Now: time.Now, Derivations: func() metrics.Derivations { return metrics.Derivations{} }, Pools: func() map[string]metrics.Pool { return nil }})
		hasher.measure = func() { m.Waited(time.Since(time.Now())); m.Derived(time.Since(time.Now())) }
		all, w.observe = append(all, metrics.Steps{Metrics: m}), append(w.observe, metrics.Requests{Metrics: m})
	}
	if tracing {
		t, err := traces.New(b.Context(), traces.Parts{Config: traces.Config{Endpoint: tracestest.Start(b).Endpoint, SampleRatio: ratio}, Report: func(string, int) {}})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = t.Close(context.WithoutCancel(b.Context())) })
		all, w.observe = append(all, traces.Steps{Traces: t}), append(w.observe, traces.Requests{Traces: t})
	}
	if len(all) > 0 {
		parts.Observer = all
	}
	w.service = core.New(parts)
	first := core.NewPassword("a sample staple 1")
	if _, err := w.service.CreateAccount(b.Context(), core.NewAccount{Tenant: "acme", Username: "ada", Password: &first}, core.Origin{}); err != nil {
		b.Fatal(err)
	}
	return w
}

// change is a request, as the server's frame tells observers of it.
func (w watched) change(b *testing.B, current, fresh core.Password) {
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/v1/changePassword", http.NoBody)
	var ends []func(adapters.Answered)
	for _, o := range w.observe {
		ctx, end := o.Begin(r)
		r, ends = r.WithContext(ctx), append(ends, end)
	}
	_, err := w.service.Change(r.Context(), core.Change{
		Tenant: "acme", Proof: core.Knowledge{Account: core.Locator{Login: "ada"}, Current: current}, New: fresh,
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, end := range ends {
		end(adapters.Answered{Dialect: "zap", Method: http.MethodPost, Route: "/v1/changePassword", Status: http.StatusOK, Took: time.Millisecond})
	}
}

// gratis is a hasher whose hashes cost nothing, measured as a pool's are.
type gratis struct{ measure func() }

func (h *gratis) derive() {
	if h.measure != nil {
		h.measure()
	}
}

func (h *gratis) Hash(_ context.Context, p core.Password) (string, error) {
	h.derive()
	return "hash of " + p.Reveal(), nil
}

func (h *gratis) Verify(_ context.Context, p core.Password, stored string) (bool, error) {
	h.derive()
	return stored == "hash of "+p.Reveal(), nil
}

func (h *gratis) Derive(_ context.Context, p core.Password, setting string) (string, error) {
	h.derive()
	return setting + "$" + p.Reveal(), nil
}

func (*gratis) HashAhead(context.Context, core.Password) func() (string, error) { return nil }
func (*gratis) Setting([]byte) string                                           { return "$instant" }
func (*gratis) Seat(ctx context.Context, _ bool) (context.Context, func(), error) {
	return ctx, func() {}, nil
}

func (*gratis) Recognise(s core.Secret) (string, error) { return s.Reveal(), nil }
func (*gratis) Outdated(core.Password, string) bool     { return false }
