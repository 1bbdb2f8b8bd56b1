package config

import "time"

// Telemetry is the section of what is told to those who watch the service. Its
// metrics are on the operations listener.
type Telemetry struct {
	// CountHashesEvery is how often hashes are counted by scheme and cost, and at the start. 0: never.
	CountHashesEvery time.Duration `key:"count_hashes_every"`
}

func defaultTelemetry() Telemetry { return Telemetry{CountHashesEvery: 6 * time.Hour} }

func (t Telemetry) validate(report func(key, problem string)) {
	if t.CountHashesEvery != 0 && t.CountHashesEvery < time.Minute {
		report("count_hashes_every", "set 1m or more, or 0s for never")
	}
}
