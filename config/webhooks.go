package config

import (
	"slices"

	"rekey/core"
)

// validateRefusals reports endpoints that ask for what nobody counts.
func (c Config) validateRefusals(report func(key, problem string)) {
	for name, endpoint := range c.Webhooks.Endpoints {
		if !c.Attempts.Enabled && slices.Contains(endpoint.Events, core.PasswordRefused) {
			report("endpoints."+name+".events", "leave "+string(core.PasswordRefused)+" out, or set attempts.enabled: without it no failures are counted")
		}
	}
}
