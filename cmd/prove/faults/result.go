package faults

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"rekey/cmd/prove/rig"
)

// Result is what was seen of one fault.
type Result struct {
	Fault   string `json:"fault"`
	LeftOut string `json:"left_out,omitempty"` // why it was not tried

	Acknowledged       int `json:"acknowledged"`
	AcknowledgedDuring int `json:"acknowledged_during"`
	RefusedDuring      int `json:"refused_during"` // with 503
	Unanswered         int `json:"unanswered"`
	Late               int `json:"late"` // changes that were answered 503 and were made

	Lost      int `json:"lost"`
	HalfDone  int `json:"half_done"`
	Doubled   int `json:"doubled"`
	Denied    int `json:"denied"`
	Malformed int `json:"malformed"`

	Broken       time.Duration `json:"broken_ns"`
	UnreadyAfter time.Duration `json:"unready_after_ns"`
	HealingTook  time.Duration `json:"healing_took_ns"` // of the database, by its operator
	ReadyAfter   time.Duration `json:"ready_after_ns"`  // since it was healed
	ServesAfter  time.Duration `json:"serves_after_ns"` // in every dialect
	Slowest      time.Duration `json:"slowest_answer_ns"`

	HealthChecks   int           `json:"health_checks"`
	HealthFailures int           `json:"health_failures"`
	HealthSlowest  time.Duration `json:"health_slowest_ns"`
	PeakMemory     int64         `json:"peak_memory_bytes"`

	Complaints []string `json:"complaints,omitempty"`
}

// patienceOver is how much longer than request_timeout an answer may take: it
// waits for a derivation that runs, and for the machine.
const patienceOver = 8 * time.Second

// maxMemory is the most that a server may have resident under these loads.
const maxMemory = 192 << 20

// violate enters a broken promise.
func (r *Result) violate(v rig.Violation) {
	counter := map[rig.Kind]*int{
		rig.Lost: &r.Lost, rig.HalfDone: &r.HalfDone, rig.Doubled: &r.Doubled, rig.Denied: &r.Denied, rig.Malformed: &r.Malformed,
	}[v.Kind]
	*counter++
	r.Complaints = append(r.Complaints, v.String())
}

// report adds what the clients saw.
func (l *load) report(r *Result) {
	sums := l.tally()
	r.Acknowledged, r.Unanswered, r.Slowest = sums.acknowledged, sums.unanswered, sums.slowest
	for _, v := range l.violations {
		r.violate(v)
	}
}

// watched adds what was seen of the process's own health.
func (r *Result) watched(alive []rig.Reading) {
	for _, reading := range alive {
		r.HealthChecks++
		r.HealthSlowest = max(r.HealthSlowest, reading.Took)
		if !reading.OK {
			r.HealthFailures++
		}
	}
}

// Problems returns everything that breaks a promise.
func (r *Result) Problems() []string {
	problems := slices.Clone(r.Complaints)
	if r.HealthFailures > 0 {
		problems = append(problems, fmt.Sprintf("/healthz failed %d times of %d", r.HealthFailures, r.HealthChecks))
	}
	if r.LeftOut == "" && r.HealthChecks == 0 {
		problems = append(problems, "/healthz was never asked")
	}
	if r.PeakMemory > maxMemory {
		problems = append(problems, fmt.Sprintf("the server took %d MiB, want at most %d", r.PeakMemory>>20, maxMemory>>20))
	}
	if r.Slowest > requestTimeout+patienceOver {
		problems = append(problems, fmt.Sprintf("an answer took %v; request_timeout is %v", r.Slowest, requestTimeout))
	}
	return problems
}

// printJSON prints a result in a line.
func (r *Result) printJSON(w io.Writer) error { return json.NewEncoder(w).Encode(r) }

// print prints a result for people.
func (r *Result) print(w io.Writer) {
	if r.LeftOut != "" {
		_, _ = fmt.Fprintf(w, "%-20s LEFT OUT: %s\n", r.Fault, r.LeftOut)
		return
	}
	_, _ = fmt.Fprintf(w, "%-20s broken %v: %d acknowledged, %d answered 503 (%d of those made), slowest answer %v; not ready after %v; "+
		"healed: ready after %v, serving after %v; /healthz slowest %v; peak %d MiB; %d acknowledged: lost %d, half done %d, doubled %d\n",
		r.Fault, ms(r.Broken), r.AcknowledgedDuring, r.RefusedDuring, r.Late, ms(r.Slowest), ms(r.UnreadyAfter), ms(r.ReadyAfter), ms(r.ServesAfter),
		ms(r.HealthSlowest), r.PeakMemory>>20, r.Acknowledged, r.Lost, r.HalfDone, r.Doubled)
	for _, problem := range r.Problems() {
		_, _ = fmt.Fprintln(w, "  "+problem)
	}
}

func ms(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
