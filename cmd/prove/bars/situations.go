package bars

import (
	"fmt"

	"rekey/cmd/rekey/bench"
)

// situation is what is measured, and what it is held to.
type situation struct {
	name     string
	clients  int
	dialect  string
	settings map[string]string // of the environment
	bars     []bar
}

// bar is what a figure may be.
type bar struct {
	name   string
	figure func(bench.Report) float64
	limit  float64
	least  bool // whether the figure may not be below it; else it may not be above
	format string
	most   func(bench.Report) float64 // that the figure could be, given what else ran; nil if nothing is told of it
}

func (b bar) holds(r bench.Report) bool {
	if b.least {
		return b.figure(r) >= b.limit
	}
	return b.figure(r) <= b.limit
}

func (b bar) String() string {
	sign := "≤"
	if b.least {
		sign = "≥"
	}
	return sign + " " + fmt.Sprintf(b.format, b.limit)
}

var (
	noHistory   = map[string]string{"REKEY_PASSWORDS__HISTORY": "0"}
	withHistory = map[string]string{"REKEY_PASSWORDS__HISTORY": "5"}
	underBcrypt = map[string]string{
		"REKEY_PASSWORDS__HISTORY": "0", "REKEY_PASSWORDS__HASH__SCHEME": "bcrypt", "REKEY_PASSWORDS__HASH__BCRYPT__COST": "10",
	}
)

// situations are those with a bar. Figures of the memory are for two workers.
func situations() []situation {
	return []situation{
		{"64 clients, old → new", 64, "licensespring", noHistory, []bar{
			share(0.95), work(2.06), memory(), probes("health p50, ms", func(r bench.Report) float64 { return r.HealthP50 }, 1),
			probes("health p99, ms", func(r bench.Report) float64 { return r.HealthP99 }, 20),
			probes("another endpoint p50, ms", func(r bench.Report) float64 { return r.OtherwiseP50 }, 1),
			probes("another endpoint p99, ms", func(r bench.Report) float64 { return r.OtherwiseP99 }, 20),
		}},
		{"64 clients, reset", 64, "unleash", noHistory, []bar{share(0.95), work(1.06)}},
		{"64 clients, old → new, history of 5", 64, "licensespring", withHistory, []bar{share(0.95), work(3.10)}},
		{"64 clients, reset, history of 5", 64, "unleash", withHistory, []bar{share(0.95), work(2.10)}},
		{"1 client, old → new", 1, "licensespring", noHistory, []bar{
			{"median, in derivations", func(r bench.Report) float64 { return r.P50Derivations }, 1.25, false, "%.2f", nil},
		}},
		{"512 clients, old → new, history of 5", 512, "licensespring", withHistory, []bar{
			memory(),
			{"served p99, ms", func(r bench.Report) float64 { return r.P99 }, 20_000, false, "%.0f", nil}, // server.request_timeout
			{"refused p99, ms", func(r bench.Report) float64 { return r.RefusedP99 }, 50, false, "%.0f", nil},
		}},
		{"64 clients, old → new, bcrypt of cost 10", 64, "licensespring", underBcrypt, []bar{share(0.97)}},
	}
}

func share(least float64) bar {
	ceiling := func(r bench.Report) float64 { return r.Ceiling }
	return bar{"share of raw derivations (what was left for them)", func(r bench.Report) float64 { return r.Share }, least, true, "%.2f", ceiling}
}

func work(most float64) bar {
	return bar{"CPU, in derivations", func(r bench.Report) float64 { return r.ChangeCPU }, most, false, "%.2f", nil}
}

// memory is 19 MiB for each of two workers, and 64.
func memory() bar {
	return bar{"peak memory, MiB", func(r bench.Report) float64 { return r.PeakMemory }, 2*19 + 64, false, "%.0f", nil}
}

func probes(name string, figure func(bench.Report) float64, most float64) bar {
	return bar{name, figure, most, false, "%.1f", nil}
}
