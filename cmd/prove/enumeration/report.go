package enumeration

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// Report is what was seen of every question.
type Report struct {
	Questions []Comparison `json:"questions"`
}

// Told returns the situations that can be told apart and should not be, and the
// controls that cannot and should: then the comparison is worth nothing.
func (r Report) Told() (told []string) {
	for _, q := range r.Questions {
		for _, s := range q.Situations {
			if s.Told() != s.Control {
				told = append(told, q.Question+": "+s.Name)
			}
		}
	}
	return told
}

// Print prints the report for people, or as JSON.
func (r Report) Print(w io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, q := range r.Questions {
		_, _ = fmt.Fprintf(table, "%s\tn\tmedian\tp95\tslower than the first\tby chance\twould be seen\t\n", q.Question)
		for _, s := range q.Situations {
			_, _ = fmt.Fprintf(table, "  %s\t%d\t%s\t%s\t%.3f\t0.5 ± %.3f\t%s\t%s\n", s.Name, s.N, short(s.Median), short(s.P95),
				s.Slower, s.Bound, short(s.Seen), s.verdict())
		}
	}
	return table.Flush()
}

func (s Situation) verdict() string {
	switch {
	case s.Differs != "":
		return "answered differently: " + s.Differs
	case s.Control && s.Told():
		return "told apart, as it should be"
	case s.Control:
		return "NOT told apart: the comparison is blind"
	case s.Told():
		return "TOLD APART"
	}
	return "not told apart"
}

func short(d time.Duration) string { return d.Round(time.Microsecond).String() }
