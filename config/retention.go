package config

import (
	"time"

	"rekey/core"
)

// Retention is the section of how long is kept what has served. It is dropped in
// the background, a little at a time.
type Retention struct {
	// Events is how long the audit trail is kept. 0: for ever.
	Events time.Duration `key:"events"`
	// Tokens is how long reset tokens and mailed codes are kept once they expired. 0: for ever.
	Tokens time.Duration `key:"tokens"`
	// Messages is how long messages are kept that could not be delivered. 0: for ever.
	Messages time.Duration `key:"messages"`
}

func defaultRetention() Retention {
	const month = 30 * 24 * time.Hour
	return Retention{Tokens: month, Messages: month}
}

// maxSkew is how far the clocks of replicas may lie apart, for a limit that one of
// them takes for unused.
const maxSkew = time.Hour

// Keep returns the section as the core takes it. Where the audit trail is sealed, no
// event goes before it is.
func (r Retention) Keep(sealed bool) map[core.Remnant]time.Duration {
	unsealed := r.Events
	if sealed {
		unsealed = 0
	}
	return map[core.Remnant]time.Duration{
		core.PastEvents: unsealed, core.SealedEvents: r.Events,
		core.DeadTokens: r.Tokens, core.DeadCodes: r.Tokens, core.BuriedMessages: r.Messages,
		core.IdleLimits: maxSkew, core.IdleAttempts: maxKnown,
		core.PastDeliveries: r.deliveries(), core.PastReplays: maxSkew, core.PastSamples: core.SamplesKept,
		core.PastSessions: maxSkew,
	}
}

// deliveries returns for how long deliveries are kept: they are tried for a day or
// two before they are given up.
func (r Retention) deliveries() time.Duration {
	if r.Messages == 0 {
		return 0
	}
	return r.Messages + 48*time.Hour
}

func (r Retention) validate(report func(key, problem string)) {
	for key, keep := range map[string]time.Duration{"events": r.Events, "tokens": r.Tokens, "messages": r.Messages} {
		if keep != 0 && keep < 24*time.Hour {
			report(key, "set 24h or more, or 0s for ever")
		}
	}
}
