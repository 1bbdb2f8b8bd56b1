package config

import (
	"fmt"
	"time"

	"rekey/core"
)

// Attempts is the section of what failed attempts cost the next ones. All
// processes count together.
type Attempts struct {
	// Enabled switches the counting off where it is false: then anybody may guess as often as they like.
	Enabled bool `key:"enabled"`
	// PerClient delays an account's next attempt from the network address that the failures came from.
	PerClient Pace `key:"per_client"`
	// PerAccount delays an account's next attempt from all addresses but known ones.
	PerAccount Pace `key:"per_account"`
	// Stop is after how many failures in a row, by one name of an account, no attempt by it is judged until its password is reset or the account unlocked.
	Stop int `key:"stop"`
	// Kept is how many of them only known addresses may make, so that strangers cannot use them up.
	Kept int `key:"kept"`
	// KnownFor is how long an address is known after an attempt from it succeeded.
	KnownFor time.Duration `key:"known_for"`
	// ClientBurst is how many attempts from one address may fail at once, whatever the account,
	ClientBurst int `key:"client_burst"`
	// ClientEvery and then one in every this. 0: no limit.
	ClientEvery time.Duration `key:"client_every"`
	// CallerBurst is how many attempts with one API key, or by one administrator, may fail at once,
	CallerBurst int `key:"caller_burst"`
	// CallerEvery and then one in every this. 0: no limit.
	CallerEvery time.Duration `key:"caller_every"`
}

// Pace is the section of one delay.
type Pace struct {
	// Free is how many failures in a row delay nothing.
	Free int `key:"free"`
	// First is the delay after the next one; it doubles with each,
	First time.Duration `key:"first"`
	// Most and ends here.
	Most time.Duration `key:"most"`
}

func defaultAttempts() Attempts {
	return Attempts{
		Enabled:    true,
		PerClient:  Pace{Free: 5, First: time.Second, Most: 15 * time.Minute},
		PerAccount: Pace{Free: 10, First: time.Second, Most: 15 * time.Minute},
		Stop:       core.MaxStop, Kept: 8, KnownFor: 90 * 24 * time.Hour,
		ClientBurst: 100, ClientEvery: time.Second,
		CallerBurst: 1000, CallerEvery: 100 * time.Millisecond,
	}
}

// Rules returns the section as the core takes it.
func (a Attempts) Rules() core.AttemptRules {
	return core.AttemptRules{
		PerClient: core.Pace(a.PerClient), PerAccount: core.Pace(a.PerAccount),
		Stop: a.Stop, Kept: a.Kept, KnownFor: a.KnownFor,
		Client: core.Limit{Every: a.ClientEvery, Burst: a.ClientBurst},
		Caller: core.Limit{Every: a.CallerEvery, Burst: a.CallerBurst},
	}
}

func (a Attempts) validate(report func(key, problem string)) {
	for key, pace := range map[string]Pace{"per_client": a.PerClient, "per_account": a.PerAccount} {
		if pace.Free < 0 || pace.Free > core.MaxStop {
			report(key+".free", fmt.Sprintf("set 0 to %d", core.MaxStop))
		}
		if pace.First < 100*time.Millisecond || pace.First > pace.Most {
			report(key+".first", "set 100ms or more, up to most")
		}
		if pace.Most > 24*time.Hour {
			report(key+".most", "set at most 24h")
		}
	}
	if a.Stop < 1 || a.Stop > core.MaxStop {
		report("stop", fmt.Sprintf("set 1 to %d: an account has up to four names, and NIST allows 100 failures in a row", core.MaxStop))
	}
	if a.Kept < 0 || a.Stop > 0 && a.Kept >= a.Stop {
		report("kept", "set 0 or more, and less than stop")
	}
	if a.KnownFor < 0 || a.KnownFor > maxKnown {
		report("known_for", "set at most 4320h")
	}
	for key, every := range map[string]time.Duration{"client_every": a.ClientEvery, "caller_every": a.CallerEvery} {
		if every < 0 || every > time.Hour {
			report(key, "set at most 1h, or 0 for no limit")
		}
	}
	for key, burst := range map[string]int{"client_burst": a.ClientBurst, "caller_burst": a.CallerBurst} {
		if burst < 1 || burst > 1_000_000 {
			report(key, "set 1 to 1000000")
		}
	}
}

// maxKnown bounds how long an address is known: counts are kept as long.
const maxKnown = 180 * 24 * time.Hour
