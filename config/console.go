package config

import (
	"time"

	"rekey/core"
)

// Console is the section of the operators' pages, /console.
type Console struct {
	// Enabled switches them on.
	Enabled bool `key:"enabled"`
	// Idle is how long a session lasts without being used.
	Idle time.Duration `key:"idle"`
	// Lifetime is how long a session lasts, however much it is used.
	Lifetime time.Duration `key:"lifetime"`
	// Confirmed is how long a session may write after the access key was given again.
	Confirmed time.Duration `key:"confirmed"`
}

func defaultConsole() Console {
	return Console{Idle: 15 * time.Minute, Lifetime: 4 * time.Hour, Confirmed: 5 * time.Minute}
}

// Limits returns the section as the core takes it.
func (c Console) Limits() core.SessionLimits {
	return core.SessionLimits{Idle: c.Idle, Lifetime: c.Lifetime, Confirmed: c.Confirmed}
}

func (c Console) validate(report func(key, problem string)) {
	if c.Lifetime < time.Minute || c.Lifetime > 12*time.Hour {
		report("lifetime", "set 1m to 12h")
	}
	if c.Idle < time.Minute || c.Idle > c.Lifetime {
		report("idle", "set 1m or more, up to lifetime")
	}
	if c.Confirmed < 10*time.Second || c.Confirmed > c.Idle {
		report("confirmed", "set 10s or more, up to idle")
	}
}
