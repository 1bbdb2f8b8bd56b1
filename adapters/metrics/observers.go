package metrics

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"rekey/adapters"
	"rekey/core"
)

var (
	_ adapters.Observer = Requests{}
	_ core.Observer     = Steps{}
)

// Requests counts requests; it is an [adapters.Observer].
type Requests struct{ *Metrics }

// Begin implements [adapters.Observer].
func (m Requests) Begin(r *http.Request) (context.Context, func(adapters.Answered)) {
	m.inFlight.Inc()
	return r.Context(), func(a adapters.Answered) {
		defer m.inFlight.Dec()
		dialect, route := named(a.Dialect), named(a.Route)
		m.requests.WithLabelValues(dialect, a.Method, route, strconv.Itoa(a.Status), outcome(a.Code)).Inc()
		m.took.WithLabelValues(dialect, route).Observe(a.Took.Seconds())
	}
}

// Steps counts steps; it is a [core.Observer].
type Steps struct{ *Metrics }

// What may come too often.
const (
	attempts = "attempts"
	mail     = "mail"
)

// Begin implements [core.Observer].
func (m Steps) Begin(ctx context.Context, s core.Step) (context.Context, func(error)) {
	begun := m.now()
	return ctx, func(err error) {
		m.steps.WithLabelValues(string(s)).Observe(m.now().Sub(begun).Seconds())
		code := core.CodeOf(err)
		switch {
		case s == core.Changing:
			m.changes.WithLabelValues(outcome(string(code))).Inc()
		case s == core.Throttling && code == core.Throttled:
			m.throttled.WithLabelValues(attempts).Inc()
		case s == core.Limiting && code == core.Throttled:
			m.throttled.WithLabelValues(mail).Inc()
		}
	}
}

// named returns what a label says where there is no name.
func named(name string) string {
	if name == "" {
		return "none"
	}
	return name
}

// outcome returns what a label says of a failure's code.
func outcome(code string) string {
	if code == "" {
		return "ok"
	}
	return code
}

// Waited counts a wait for a worker.
func (m *Metrics) Waited(d time.Duration) { m.waited.Observe(d.Seconds()) }

// Derived counts a derivation.
func (m *Metrics) Derived(d time.Duration) { m.derived.Observe(d.Seconds()) }

// Message counts a try of a message.
func (m *Metrics) Message(o core.Outcome) {
	m.messages.WithLabelValues(named(string(o.Message.Topic)), string(o.Fate)).Inc()
	if o.Message.Endpoint != "" {
		m.tries.WithLabelValues(o.Message.Endpoint, string(o.Fate)).Inc()
	}
}

// Pruned counts rows that were dropped.
func (m *Metrics) Pruned(what core.Remnant, rows int) {
	m.pruned.WithLabelValues(string(what)).Add(float64(rows))
}
