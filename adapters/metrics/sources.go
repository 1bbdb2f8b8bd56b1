package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Derivations is what the pool of derivations does now and has done.
type Derivations struct {
	Workers, Running, Waiting int
	Derived, Refused          uint64
}

// derivations tells of the pool.
type derivations struct{ read func() Derivations }

var (
	workersDesc = description("derivation_workers", "How many derivations may run at once.")
	runningDesc = description("derivations_running", "Derivations that run.")
	waitingDesc = description("derivations_waiting", "Callers that wait for a worker.")
	derivedDesc = description("derivations_total", "Derivations that ended.")
	refusedDesc = description("derivations_refused_total", "Callers that were refused because the queue was full.")
)

// Describe implements [prometheus.Collector].
func (d derivations) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(d, to) }

// Collect implements [prometheus.Collector].
func (d derivations) Collect(to chan<- prometheus.Metric) {
	now := d.read()
	to <- gauge(workersDesc, float64(now.Workers))
	to <- gauge(runningDesc, float64(now.Running))
	to <- gauge(waitingDesc, float64(now.Waiting))
	to <- counter(derivedDesc, float64(now.Derived))
	to <- counter(refusedDesc, float64(now.Refused))
}

// Pool is what a pool of connections to the database does now and has done.
type Pool struct {
	Most, InUse, Idle int
	Waits             int64
	Waited            time.Duration
}

// pools tells of the database's pools.
type pools struct{ read func() map[string]Pool }

var (
	mostDesc        = description("database_connections_max", "How many connections a pool may have.", "pool")
	connectionsDesc = description("database_connections", "Connections that a pool has.", "pool", "state")
	waitsDesc       = description("database_waits_total", "How often somebody waited for a connection.", "pool")
	waitedDesc      = description("database_wait_seconds_total", "How long anybody waited for a connection, together.", "pool")
)

// Describe implements [prometheus.Collector].
func (p pools) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{mostDesc, connectionsDesc, waitsDesc, waitedDesc} {
		to <- d
	}
}

// Collect implements [prometheus.Collector].
func (p pools) Collect(to chan<- prometheus.Metric) {
	for name, now := range p.read() {
		to <- gauge(mostDesc, float64(now.Most), name)
		to <- gauge(connectionsDesc, float64(now.InUse), name, "in_use")
		to <- gauge(connectionsDesc, float64(now.Idle), name, "idle")
		to <- counter(waitsDesc, float64(now.Waits), name)
		to <- counter(waitedDesc, now.Waited.Seconds(), name)
	}
}

func gauge(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func counter(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.CounterValue, value, labels...)
}
