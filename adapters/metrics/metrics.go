// Package metrics tells a Prometheus server what rekey does. No label has a
// value that a client chose, nor the name of an account, a tenant or a key:
// all come of closed sets, or are the operator's names of endpoints, so their number is bounded and none is a secret.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"rekey/core"
)

// Metrics are those of one process. Its methods are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	now      func() time.Time

	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	inFlight prometheus.Gauge

	steps     *prometheus.HistogramVec
	changes   *prometheus.CounterVec
	throttled *prometheus.CounterVec

	waited, derived prometheus.Histogram

	messages *prometheus.CounterVec
	pruned   *prometheus.CounterVec
	hashes   *hashes
	backlog  *backlog

	tries      *prometheus.CounterVec
	deliveries *deliveries
}

// Sources are what is asked at each scrape: it is in memory, and costs nothing
// to read.
type Sources struct {
	Now         func() time.Time
	Derivations func() Derivations
	Pools       func() map[string]Pool // of connections to the database, by name
	Build       Build
}

// Build says which program this is.
type Build struct{ Version, Revision, Go string }

// New returns metrics with a registry of their own.
func New(s Sources) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), now: s.Now}
	m.requests = counters("http_requests_total", "Requests that were answered, by what was answered.", "dialect", "method", "route", "status", "code")
	m.took = histograms("http_request_seconds", "How long requests took, from their header to the end of the answer.", requestBuckets, "dialect", "route")
	m.inFlight = prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + "http_requests_in_flight", Help: "Requests that are not answered yet."})
	m.steps = histograms("step_seconds", "How long the steps of requests took.", requestBuckets, "step")
	m.changes = counters("password_changes_total", "Password changes that were tried, by the code of the refusal; done are those with none.", "code")
	m.throttled = counters("throttled_total", "Attempts and requests for mail that came too often.", "what")
	m.waited = histogram("derivation_wait_seconds", "How long callers waited for a worker to derive a hash.", requestBuckets)
	m.derived = histogram("derivation_seconds", "How long derivations took on their worker.", derivationBuckets)
	m.messages = counters("messages_total", "Messages of the outbox that were tried, by what became of them.", "topic", "fate")
	m.tries = counters("webhook_tries_total", "Deliveries of events that were tried, by what became of them.", "endpoint", "fate")
	m.pruned = counters("pruned_rows_total", "Rows that were dropped because they had been kept for long enough.", "what")
	m.hashes, m.backlog = newHashes(), newBacklog(s.Now)
	m.deliveries = &deliveries{now: s.Now}
	m.registry.MustRegister(
		m.requests, m.took, m.inFlight, m.steps, m.changes, m.throttled, m.waited, m.derived, m.messages, m.pruned, m.hashes, m.backlog, m.tries, m.deliveries,
		derivations{s.Derivations}, pools{s.Pools}, build(s.Build),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	m.zero()
	return m
}

// zero makes what has not happened yet be told as 0, so that its first time is
// an increase.
func (m *Metrics) zero() {
	for _, code := range append(core.Codes(), "") {
		m.changes.WithLabelValues(outcome(string(code)))
	}
	for _, what := range []string{attempts, mail} {
		m.throttled.WithLabelValues(what)
	}
	for _, what := range core.Remnants() {
		m.pruned.WithLabelValues(string(what))
	}
	for _, step := range core.Steps() {
		m.steps.WithLabelValues(string(step))
	}
}

// maxScrapes bounds how many are answered at once.
const maxScrapes = 4

// Handler answers a scrape.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: maxScrapes})
}

const prefix = "rekey_"

// Buckets in seconds. A request waits for derivations of about 25 ms, and for
// a queue of them; a derivation may be made to cost a second.
var (
	requestBuckets    = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20}
	derivationBuckets = []float64{.005, .01, .02, .03, .05, .075, .1, .15, .25, .5, 1, 2.5}
)

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, labels)
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + name, Help: help, Buckets: buckets}, labels)
}

func histogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Name: prefix + name, Help: help, Buckets: buckets})
}

func description(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prefix+name, help, labels, nil)
}

// build is a gauge that is always 1, and says in its labels which program it is.
func build(b Build) prometheus.Collector {
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: prefix + "build_info", Help: "Which program this is; always 1.",
		ConstLabels: prometheus.Labels{"version": b.Version, "revision": b.Revision, "goversion": b.Go},
	})
	g.Set(1)
	return g
}
