package failover

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rekey/cmd/prove/rig"
)

// figures are what was seen.
type figures struct {
	Seed     uint64  `json:"seed"`
	Seconds  float64 `json:"seconds"` // from the first request to the last, inspections included
	Clients  int     `json:"clients"`
	Accounts int     `json:"accounts"`

	Answers tally `json:"answers"`
	Cut     int   `json:"cut_by_kills"` // requests that a dying replica had; the balancer answered 503

	Kills           int          `json:"replicas_killed"`
	Rolled          int          `json:"rolling_restarts"`
	Rolling         tally        `json:"during_rolling_restarts"`
	RollingCut      int          `json:"cut_by_rolling_restarts"`
	Failovers       []transition `json:"failovers"`
	LongestGap      seconds      `json:"longest_gap_seconds"` // between two acknowledgements
	Inspections     int          `json:"inspections"`
	Made            int          `json:"doubtful_made"`
	Unmade          int          `json:"doubtful_not_made"`
	AddressesBroken int          `json:"events_without_the_clients_address"`

	Violations map[rig.Kind]int `json:"violations"`
	What       []string         `json:"what_was_broken"`
}

// transition is one failover of the database.
type transition struct {
	Way      string  `json:"primary_ended_by"`
	Promoted seconds `json:"promotion_seconds"`
	Outage   seconds `json:"kill_to_first_acknowledgement_seconds"`
	Rebuilt  seconds `json:"rebuilding_the_standby_seconds"`
}

// seconds is a duration that JSON shows as a number.
type seconds time.Duration

// MarshalJSON implements [json.Marshaler].
func (s seconds) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%.3f", time.Duration(s).Seconds()), nil
}

// String tells the duration in milliseconds' precision.
func (s seconds) String() string { return time.Duration(s).Round(time.Millisecond).String() }

// kinds are all that an inspection or an answer may break.
var kinds = []rig.Kind{rig.Lost, rig.HalfDone, rig.Doubled, rig.Denied, rig.Malformed}

// enter enters violations.
func (f *figures) enter(violations ...rig.Violation) {
	for _, v := range violations {
		f.Violations[v.Kind]++
		f.What = append(f.What, v.String())
	}
}

// broken returns errBroken if any promise was.
func (f *figures) broken() error {
	if len(f.What) > 0 {
		return errBroken
	}
	return nil
}

// judge enters what the counters break.
func (f *figures) judge() {
	complain := func(wrong bool, format string, args ...any) {
		if wrong {
			f.What = append(f.What, fmt.Sprintf(format, args...))
		}
	}
	complain(f.Answers.Unanswered > 0, "%d requests had no answer", f.Answers.Unanswered)
	complain(f.RollingCut > 0, "rolling restarts cut %d requests", f.RollingCut)
	complain(f.Rolling.TurnedAway > 0, "rolling restarts turned %d requests away", f.Rolling.TurnedAway)
	complain(f.AddressesBroken > 0, "%d events have another address than the client's", f.AddressesBroken)
	complain(f.Answers.Acknowledged == 0, "nothing was acknowledged")
}

// text tells the figures to people.
func (f *figures) text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	a := f.Answers
	line("failover: %d changes acknowledged to %d clients in %.0f s (seed %d)", a.Acknowledged, f.Clients, f.Seconds, f.Seed)
	line("  losers of a race for one proof %d; 503 in dialect with Retry-After %d, of which the balancer's own %d (%d cut by kills); unanswered %d",
		a.Refused, a.TurnedAway, a.Balancers, f.Cut, a.Unanswered)
	line("  replicas killed %d", f.Kills)
	line("  rolling restarts %d, of three replicas each: %d changes acknowledged meanwhile, requests cut %d, turned away %d",
		f.Rolled, f.Rolling.Acknowledged, f.RollingCut, f.Rolling.TurnedAway)
	for n, t := range f.Failovers {
		line("  failover %d, by %s: promoted in %v, first acknowledgement %v after the kill, standby rebuilt in %v", n+1, t.Way, t.Promoted, t.Outage, t.Rebuilt)
	}
	line("  longest time between two acknowledgements %v; longest from a primary's death to the next %v", f.LongestGap, f.longestOutage())
	line("  inspections %d; changes without an answer: made wholly %d, not made %d", f.Inspections, f.Made, f.Unmade)
	line("  acknowledged and lost %d, half done %d, proofs that worked twice %d, wrongly refused %d, answers out of dialect %d",
		f.Violations[rig.Lost], f.Violations[rig.HalfDone], f.Violations[rig.Doubled], f.Violations[rig.Denied], f.Violations[rig.Malformed])
	for _, what := range f.What {
		line("  BROKEN: %s", what)
	}
	return b.String()
}

func (f *figures) longestOutage() seconds {
	if len(f.Failovers) == 0 {
		return 0
	}
	return slices.MaxFunc(f.Failovers, func(a, b transition) int { return int(a.Outage - b.Outage) }).Outage
}

// newFigures returns figures in which every kind of violation has its zero.
func newFigures(o options) *figures {
	f := &figures{Seed: o.Seed, Clients: o.Clients, Accounts: o.Accounts, Violations: map[rig.Kind]int{}, Failovers: []transition{}, What: []string{}}
	for _, kind := range kinds {
		f.Violations[kind] = 0
	}
	return f
}
