package main

import (
	"runtime"
	"runtime/debug"
	"time"

	"rekey/adapters"
	"rekey/adapters/metrics"
	"rekey/core"
	"rekey/core/passhash"
)

// measure begins to measure the installation and those that follow it: they derive on
// the same workers, over the same connections.
func (i *installation) measure() {
	i.metrics = metrics.New(metrics.Sources{Now: time.Now, Derivations: i.derivations, Pools: i.pools, Build: build()})
	i.pool.Measure(passhash.Meter{Now: time.Now, Waited: i.metrics.Waited, Derived: i.metrics.Derived})
}

// observe returns who is told of the core's steps.
func (i *installation) observe() core.Observer { return metrics.Steps{Metrics: i.metrics} }

// observers are told of requests.
func (i *installation) observers() []adapters.Observer {
	return []adapters.Observer{metrics.Requests{Metrics: i.metrics}}
}

func (i *installation) derivations() metrics.Derivations {
	s := i.pool.Stats()
	return metrics.Derivations{Workers: s.Workers, Running: s.Running, Waiting: s.Waiting, Derived: s.Derived, Refused: s.Refused}
}

func (i *installation) pools() map[string]metrics.Pool {
	all := map[string]metrics.Pool{}
	for name, s := range i.db.Pools() {
		all[name] = metrics.Pool{Most: s.MaxOpenConnections, InUse: s.InUse, Idle: s.Idle, Waits: s.WaitCount, Waited: s.WaitDuration}
	}
	return all
}

// build tells which program this is, as the Go command noted it.
func build() metrics.Build {
	b := metrics.Build{Version: "unknown", Revision: "unknown", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Version = info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Revision = s.Value
		}
	}
	return b
}
