package config

import (
	"time"

	"rekey/adapters/traces"
)

// Telemetry is the section of what is told to those who watch the service. Its
// metrics are on the operations listener.
type Telemetry struct {
	// CountHashesEvery is how often hashes are counted by scheme and cost, and at the start. 0: never.
	CountHashesEvery time.Duration `key:"count_hashes_every"`
	// Traces says where traces are sent.
	Traces traces.Config `key:"traces"`
}

func defaultTelemetry() Telemetry {
	return Telemetry{CountHashesEvery: 6 * time.Hour, Traces: traces.Default()}
}

func (t Telemetry) validate(report func(key, problem string)) {
	if t.CountHashesEvery != 0 && t.CountHashesEvery < time.Minute {
		report("count_hashes_every", "set 1m or more, or 0s for never")
	}
	t.Traces.Validate(func(key, problem string) { report("traces."+key, problem) })
}
