package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rekey/core"
)

// Deliveries is what one endpoint of webhooks is still to be told.
type Deliveries struct {
	Endpoint      string    // the operator's own word for it
	Waiting, Dead int       // deliveries
	Oldest        time.Time // since when the first of those that wait does; zero if none does
}

// deliveries tells of webhooks as they were looked at last.
type deliveries struct {
	now func() time.Time

	mu   sync.Mutex
	seen []Deliveries
}

var (
	undeliveredDesc = description("webhook_deliveries", "Deliveries of events that are not done, those that are tried again too.", "endpoint")
	deadEventsDesc  = description("webhook_dead_deliveries", "Deliveries of events that were set aside.", "endpoint")
	oldestDesc      = description("webhook_oldest_seconds", "For how long the oldest delivery waits that is not done.", "endpoint")
)

// Deliveries replaces what is known of webhooks.
func (m *Metrics) Deliveries(all []Deliveries) {
	m.deliveries.mu.Lock()
	defer m.deliveries.mu.Unlock()
	m.deliveries.seen = all
	for _, d := range all { // so that the first failure is an increase
		for _, fate := range []core.Fate{core.Finished, core.Postponed, core.Buried} {
			m.tries.WithLabelValues(d.Endpoint, string(fate))
		}
	}
}

// Describe implements [prometheus.Collector].
func (d *deliveries) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{undeliveredDesc, deadEventsDesc, oldestDesc} {
		to <- desc
	}
}

// Collect implements [prometheus.Collector]. The age grows between two looks.
func (d *deliveries) Collect(to chan<- prometheus.Metric) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, of := range d.seen {
		age := 0.0
		if !of.Oldest.IsZero() {
			age = max(0, d.now().Sub(of.Oldest).Seconds())
		}
		to <- gauge(undeliveredDesc, float64(of.Waiting), of.Endpoint)
		to <- gauge(deadEventsDesc, float64(of.Dead), of.Endpoint)
		to <- gauge(oldestDesc, age, of.Endpoint)
	}
}
