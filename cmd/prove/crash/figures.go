package crash

import (
	"fmt"
	"io"
)

// Figures are what a run saw.
type Figures struct {
	Store   Store   `json:"store"`
	Seed    uint64  `json:"seed"`
	Seconds float64 `json:"seconds"`

	Kills         int64 `json:"kills"`
	DatabaseKills int64 `json:"database_kills"`

	Acknowledged int64 `json:"acknowledged"`
	Refused      int64 `json:"refused"`     // of two at once with one proof, and such
	NoAnswer     int64 `json:"no_answer"`   // the connection broke
	Unavailable  int64 `json:"unavailable"` // answered 503
	TookEffect   int64 `json:"took_effect"` // of those without an answer, and of the unavailable
	Asked        int64 `json:"asked"`       // dead proofs and held passwords, after restarts
	Inspected    int64 `json:"inspected"`   // accounts, each time they were

	ReadyMedian    float64 `json:"ready_median_seconds"`
	ReadyMost      float64 `json:"ready_most_seconds"`
	DatabaseMedian float64 `json:"database_back_median_seconds"`
	DatabaseMost   float64 `json:"database_back_most_seconds"`

	Lost       int      `json:"lost"`
	HalfDone   int      `json:"half_done"`
	Doubled    int      `json:"doubled"`
	Denied     int      `json:"denied"`
	Malformed  int      `json:"malformed"`
	Violations []string `json:"violations,omitempty"`
}

// Write writes the figures for people.
func (f Figures) Write(w io.Writer) {
	_, _ = fmt.Fprintf(w, `%s, seed %d, %.0f s
  kills survived         %d of rekey, %d of the database
  changes acknowledged   %d; refused %d of those sent twice at once
  outcome unknown        %d without an answer, %d answered 503; %d of them took effect
  asked after restarts   %d times with dead proofs and held passwords; %d accounts inspected
  ready again            median %.0f ms, at most %.0f ms; after the database's restart %.0f and %.0f ms
  lost %d, half done %d, doubled %d, denied %d, malformed %d
`, f.Store, f.Seed, f.Seconds, f.Kills, f.DatabaseKills, f.Acknowledged, f.Refused,
		f.NoAnswer, f.Unavailable, f.TookEffect, f.Asked, f.Inspected,
		1000*f.ReadyMedian, 1000*f.ReadyMost, 1000*f.DatabaseMedian, 1000*f.DatabaseMost,
		f.Lost, f.HalfDone, f.Doubled, f.Denied, f.Malformed)
	for _, violation := range f.Violations {
		_, _ = fmt.Fprintln(w, "  "+violation)
	}
}
