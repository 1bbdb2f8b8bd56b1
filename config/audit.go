package config

import "time"

// Audit is the section of the audit trail's seals.
type Audit struct {
	// SealEvery is how often what was recorded is sealed. 0: never.
	SealEvery time.Duration `key:"seal_every"`
}

func defaultAudit() Audit { return Audit{SealEvery: 30 * time.Second} }

// Sealed reports whether the trail is sealed.
func (a Audit) Sealed() bool { return a.SealEvery > 0 }

func (a Audit) validate(report func(key, problem string)) {
	if a.SealEvery != 0 && (a.SealEvery < time.Second || a.SealEvery > 24*time.Hour) {
		report("seal_every", "set 1s to 24h, or 0s to seal nothing")
	}
}
