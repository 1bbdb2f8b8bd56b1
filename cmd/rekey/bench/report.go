package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"
)

// Report is what was measured. Times are in milliseconds.
type Report struct {
	Dialect     string  `json:"dialect"`
	Clients     int     `json:"clients"`
	Seconds     float64 `json:"seconds"`
	Workers     int     `json:"workers"`
	Derivations float64 `json:"derivations_per_change"` // the least that a change takes

	Accounts int     `json:"accounts"`
	RestP50  float64 `json:"rest_p50_ms"` // of a change that derives nothing, by a process beside the server
	RestP99  float64 `json:"rest_p99_ms"`
	RestMean float64 `json:"rest_mean_ms"`
	RestCPU  float64 `json:"rest_cpu_ms"` // without the database's own, where that is a process

	Raw           []float64 `json:"raw_derivations_per_second"` // before, between and after the rounds
	DerivationCPU float64   `json:"cpu_ms_per_derivation"`
	Single        float64   `json:"single_derivation_ms"` // one at a time, on an idle machine

	Changes    int       `json:"changes"`
	PerSecond  float64   `json:"changes_per_second"`
	Share      float64   `json:"share_of_raw"`  // changes × derivations ÷ raw derivations of the same minutes
	Shares     []float64 `json:"shares_of_raw"` // of each round
	Ceiling    float64   `json:"ceiling"`       // of the share, given what else took processor time; 0 if it is not known
	Parts      *Parts    `json:"cores"`         // where the machine's were meanwhile; nil if it is not known
	ChangeCPU  float64   `json:"cpu_derivations_per_change"`
	LoadCPU    float64   `json:"load_cpu_derivations_per_change"` // of the clients, on the same machine
	PeakMemory float64   `json:"peak_memory_mib"`

	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
	Max float64 `json:"max_ms"`
	// P50Derivations is the median in single derivations.
	P50Derivations float64 `json:"p50_in_derivations"`

	Refused      int            `json:"refused"`
	RefusedP99   float64        `json:"refused_p99_ms"`
	RefusedMax   float64        `json:"refused_max_ms"`
	Failures     map[string]int `json:"failures"`
	HealthP50    float64        `json:"health_p50_ms"`
	HealthP99    float64        `json:"health_p99_ms"`
	OtherwiseP50 float64        `json:"other_endpoint_p50_ms"`
	OtherwiseP99 float64        `json:"other_endpoint_p99_ms"`
	Unhealthy    int            `json:"unhealthy"`
}

// judge fills in what follows from what was seen in the rounds, each between two
// of the raws. A machine is not as fast at all times, so each round is held to what
// was derived around it.
func (r *Report) judge(single rate, raws []rate, rounds []seen) {
	s := seen{failures: map[string]int{}}
	var possible, cpu, load float64 // how many derivations there was time for, and how many the processor time would have made
	var derived time.Duration       // what the derivations of the changes take alone
	var cores float64               // that raw derivations had, in seconds
	for i, round := range rounds {
		before, after := raws[i], raws[i+1]
		room := (before.perSecond + after.perSecond) / 2 * round.took.Seconds()
		possible += room
		each := (before.cpu + after.cpu).Seconds() / 2
		cpu, load = cpu+round.cpu.Seconds()/each, load+round.own.Seconds()/each
		r.Shares = append(r.Shares, float64(len(round.changes))*r.Derivations/room)
		derived += time.Duration(float64(len(round.changes)) * r.Derivations * each * float64(time.Second))
		cores += (before.cores() + after.cores()) / 2 * round.took.Seconds()
		s.add(round)
	}
	r.judgeRaw(single, raws)
	r.Changes, r.PerSecond = len(s.changes), float64(len(s.changes))/s.took.Seconds()
	r.Share = float64(len(s.changes)) * r.Derivations / possible
	r.judgeParts(s, derived, cores/s.took.Seconds())
	r.ChangeCPU, r.LoadCPU = cpu/float64(len(s.changes)), load/float64(len(s.changes))
	r.PeakMemory = float64(s.peak) / (1 << 20)
	r.P50, r.P99, r.Max = quantile(s.changes, 0.5), quantile(s.changes, 0.99), quantile(s.changes, 1)
	r.P50Derivations = r.P50 / r.Single
	r.Refused, r.RefusedP99, r.RefusedMax = len(s.refusals), quantile(s.refusals, 0.99), quantile(s.refusals, 1)
	r.Failures, r.Unhealthy = s.failures, s.unhealthy
	r.HealthP50, r.HealthP99 = quantile(s.health, 0.5), quantile(s.health, 0.99)
	r.OtherwiseP50, r.OtherwiseP99 = quantile(s.otherwise, 0.5), quantile(s.otherwise, 0.99)
}

// judgeRaw fills in what derivations take without a server.
func (r *Report) judgeRaw(single rate, raws []rate) {
	var cpu time.Duration
	for _, one := range raws {
		r.Raw = append(r.Raw, one.perSecond)
		cpu += one.cpu / time.Duration(len(raws))
	}
	r.DerivationCPU = float64(cpu.Microseconds()) / 1000
	r.Single = 1000 / single.perSecond
}

// judgeRest fills in what was seen of changes that derive nothing.
func (r *Report) judgeRest(one rest) {
	r.RestP50, r.RestP99 = quantile(one.times, 0.5), quantile(one.times, 0.99)
	r.RestMean, r.RestCPU = one.mean(), float64(one.cpu.Microseconds())/1000
}

// Print prints the report for people, or as JSON.
func (r Report) Print(w io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { _, _ = fmt.Fprintf(table, name+"\t"+format+"\n", args...) }
	row("the rest of a change", "p50 %.2f ms, p99 %.2f ms, mean %.2f ms, %.2f ms of processor, in %d accounts", r.RestP50, r.RestP99, r.RestMean, r.RestCPU, r.Accounts)
	row("raw derivations", "%.1f/s before, between and after, on %d workers; %.2f ms of processor each; %.2f ms for one alone", r.Raw, r.Workers, r.DerivationCPU, r.Single)
	row("changes", "%d in %.1f s with %d clients through %s: %.1f/s", r.Changes, r.Seconds, r.Clients, r.Dialect, r.PerSecond)
	row("share of the ceiling", "%.3f, at %g derivations a change; %.2f in the rounds", r.Share, r.Derivations, r.Shares)
	if r.Parts != nil {
		row("the most it could be", "%.3f, given what else ran", r.Ceiling)
		row("the machine's cores", "%s", r.Parts)
	}
	row("processor", "%.3f derivations a change, and %.3f of the clients", r.ChangeCPU, r.LoadCPU)
	row("latency", "p50 %.1f ms (%.2f derivations), p99 %.1f ms, max %.1f ms", r.P50, r.P50Derivations, r.P99, r.Max)
	row("peak memory", "%.1f MiB", r.PeakMemory)
	row("refused", "%d with 503; p99 %.1f ms, max %.1f ms", r.Refused, r.RefusedP99, r.RefusedMax)
	row("health", "p50 %.2f ms, p99 %.2f ms", r.HealthP50, r.HealthP99)
	row("another endpoint", "p50 %.2f ms, p99 %.2f ms", r.OtherwiseP50, r.OtherwiseP99)
	row("failures", "%d, and %d probes without their answer", sum(r.Failures), r.Unhealthy)
	for _, what := range slices.Sorted(maps.Keys(r.Failures)) {
		row("", "%d × %s", r.Failures[what], what)
	}
	return table.Flush()
}

func sum(counts map[string]int) (n int) {
	for _, count := range counts {
		n += count
	}
	return n
}
