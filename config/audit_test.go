package config_test

import (
	"testing"
	"time"

	"rekey/config"
	"rekey/core"
)

func TestTheTrailIsSealedOftenOrNever(t *testing.T) {
	for every, valid := range map[time.Duration]bool{
		0: true, time.Second: true, time.Minute: true, 24 * time.Hour: true,
		-time.Second: false, time.Millisecond: false, 25 * time.Hour: false,
	} {
		cfg := config.Default()
		cfg.Audit.SealEvery = every
		if problems := cfg.Validate(); (len(problems) == 0) != valid {
			t.Errorf("%v: got %v", every, problems)
		}
	}
	if !config.Default().Audit.Sealed() {
		t.Error("by default nothing is sealed")
	}
}

// An event that is not sealed must not go where seals are to prove that none went.
func TestNoEventGoesBeforeItIsSealed(t *testing.T) {
	r := config.Retention{Events: 48 * time.Hour}
	for sealed, want := range map[bool]time.Duration{true: 0, false: r.Events} {
		keep := r.Keep(sealed)
		if keep[core.PastEvents] != want || keep[core.SealedEvents] != r.Events {
			t.Errorf("sealed %v: got %v", sealed, keep)
		}
	}
}
