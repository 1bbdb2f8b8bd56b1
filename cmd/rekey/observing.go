package main

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"runtime/debug"
	"time"

	"rekey/adapters"
	"rekey/adapters/metrics"
	"rekey/adapters/traces"
	"rekey/config"
	"rekey/core"
	"rekey/core/passhash"
	"rekey/store"
)

// measure begins to measure the installation and those that follow it: they derive on
// the same workers, over the same connections.
func (i *installation) measure() {
	i.metrics = metrics.New(metrics.Sources{Now: time.Now, Derivations: i.derivations, Pools: i.pools, Build: build()})
	i.pool.Measure(passhash.Meter{Now: time.Now, Waited: i.metrics.Waited, Derived: i.metrics.Derived})
}

// observe returns who is told of the core's steps.
func (i *installation) observe() core.Observer {
	all := core.Observers{metrics.Steps{Metrics: i.metrics}}
	if i.traces != nil {
		all = append(all, traces.Steps{Traces: i.traces})
	}
	return all
}

// observers are told of requests.
func (i *installation) observers() []adapters.Observer {
	all := []adapters.Observer{metrics.Requests{Metrics: i.metrics}}
	if i.traces != nil {
		all = append(all, traces.Requests{Traces: i.traces})
	}
	return all
}

// newTraces returns nil if nothing is to be traced.
func newTraces(ctx context.Context, cfg config.Config, log *slog.Logger) (*traces.Traces, error) {
	if cfg.Telemetry.Traces.Endpoint == "" {
		return nil, nil //nolint:nilnil // there is nothing to do, and nothing wrong
	}
	return traces.New(ctx, traces.Parts{
		Config: cfg.Telemetry.Traces, Version: build().Version, Trusted: cfg.Server.TrustedProxies,
		Report: func(why string, spans int) { log.Warn("spans are lost", "why", why, "spans", spans) },
	})
}

// flushPatience bounds the sending of what is left of traces.
const flushPatience = 5 * time.Second

func closeTraces(ctx context.Context, t *traces.Traces) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushPatience)
	defer cancel()
	if err := t.Close(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) { // what is not sent by then is lost
		return err
	}
	return nil
}

func storeOptions(cfg config.Config, t *traces.Traces) store.Options {
	o := store.Options{DSN: cfg.Store.DSN.Reveal(), MaxConns: cfg.Store.MaxConnections}
	if t != nil {
		o.OpenDB, o.Sending = t.OpenDB, t.Sending
	}
	return o
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
