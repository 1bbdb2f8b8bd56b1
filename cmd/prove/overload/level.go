package overload

import (
	"fmt"
	"io"
	"slices"
	"time"

	"rekey/cmd/prove/rig"
)

// Level is what was seen with so many clients.
type Level struct {
	Clients      int           `json:"clients"`
	Idle         int           `json:"idle_connections"`
	Took         time.Duration `json:"took_ns"`
	Acknowledged int           `json:"acknowledged"`
	PerSecond    float64       `json:"acknowledged_per_second"`
	Refused      int           `json:"refused"`

	ServedP50  time.Duration `json:"served_p50_ns"`
	ServedP99  time.Duration `json:"served_p99_ns"`
	RefusedP50 time.Duration `json:"refused_p50_ns"`
	RefusedP99 time.Duration `json:"refused_p99_ns"`

	HealthChecks   int           `json:"health_checks"` // of /healthz and /readyz
	HealthFailures int           `json:"health_failures"`
	AliveP50       time.Duration `json:"healthz_p50_ns"`
	AliveP99       time.Duration `json:"healthz_p99_ns"`
	ReadyP50       time.Duration `json:"readyz_p50_ns"`
	ReadyP99       time.Duration `json:"readyz_p99_ns"`

	PeakMemory int64 `json:"peak_memory_bytes"`
	Bound      int64 `json:"bound_bytes"`

	Complaints []string `json:"complaints,omitempty"` // the first of them
	Failures   int      `json:"failures"`

	served, refused []time.Duration
}

// complain enters an answer that should not have been.
func (l *Level) complain(text string) {
	l.Failures++
	if len(l.Complaints) < 10 {
		l.Complaints = append(l.Complaints, text)
	}
}

// sum works the figures out.
func (l *Level) sum(watch *rig.Watch) {
	l.PerSecond = float64(l.Acknowledged) / l.Took.Seconds()
	l.ServedP50, l.ServedP99 = percentiles(l.served)
	l.RefusedP50, l.RefusedP99 = percentiles(l.refused)
	l.AliveP50, l.AliveP99 = l.health(watch.Alive())
	l.ReadyP50, l.ReadyP99 = l.health(watch.Ready())
}

func (l *Level) health(readings []rig.Reading) (p50, p99 time.Duration) {
	var took []time.Duration
	for _, reading := range readings {
		l.HealthChecks++
		if !reading.OK {
			l.HealthFailures++
			l.complain("a health check says " + reading.Said)
		}
		took = append(took, reading.Took)
	}
	return percentiles(took)
}

func percentiles(took []time.Duration) (p50, p99 time.Duration) {
	if len(took) == 0 {
		return 0, 0
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*99/100]
}

// Problems returns everything that breaks a promise and is no matter of how
// fast the machine is.
func (l *Level) Problems() []string {
	problems := slices.Clone(l.Complaints)
	if l.PeakMemory > l.Bound {
		problems = append(problems, fmt.Sprintf("%d clients: the server took %d MiB, want at most %d", l.Clients, l.PeakMemory>>20, l.Bound>>20))
	}
	if l.HealthFailures > 0 || l.HealthChecks == 0 {
		problems = append(problems, fmt.Sprintf("%d clients: %d of %d health checks failed", l.Clients, l.HealthFailures, l.HealthChecks))
	}
	if len(l.served) == 0 { // nor after the end
		problems = append(problems, fmt.Sprintf("%d clients: nothing was acknowledged", l.Clients))
	}
	return problems
}

func (l *Level) print(w io.Writer, most float64) {
	_, _ = fmt.Fprintf(w, "%5d clients, %d idle connections: %.1f changes/s (%.0f%% of the best), p50 %v, p99 %v; %d refused, p50 %v, p99 %v; "+
		"/healthz p50 %v, p99 %v; /readyz p50 %v, p99 %v; %d of %d checks failed; peak %d MiB of %d; other failures %d\n",
		l.Clients, l.Idle, l.PerSecond, 100*l.PerSecond/most, ms(l.ServedP50), ms(l.ServedP99), l.Refused, ms(l.RefusedP50), ms(l.RefusedP99),
		ms(l.AliveP50), ms(l.AliveP99), ms(l.ReadyP50), ms(l.ReadyP99), l.HealthFailures, l.HealthChecks, l.PeakMemory>>20, l.Bound>>20, l.Failures)
	for _, problem := range l.Problems() {
		_, _ = fmt.Fprintln(w, "  "+problem)
	}
}

func ms(d time.Duration) time.Duration { return d.Round(time.Millisecond / 10) }
