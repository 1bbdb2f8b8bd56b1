package console

import "time"

// finding is what the doctor says of one matter.
type finding struct {
	Check  shown `json:"check"`
	State  shown `json:"state"`
	Text   shown `json:"text"`
	Advice shown `json:"advice"`
}

// Amiss reports whether there is something to do.
func (f finding) Amiss() bool { return f.State != "ok" && f.State != "skipped" }

// Class returns how the state is to look.
func (f finding) Class() string {
	switch {
	case f.Amiss():
		return "bad"
	case f.State == "ok":
		return "good"
	}
	return "off"
}

// findings are what the doctor has said.
type findings struct {
	Findings  []finding `json:"findings"`
	CheckedAt time.Time `json:"checked_at"`
	Amiss     int       `json:"-"`
}

// findings shows what is amiss before what is well.
func (v *visit) findings() error {
	var got, sorted findings
	if err := v.get("/findings", nil, &got); err != nil {
		return err
	}
	sorted.CheckedAt = got.CheckedAt
	for _, amiss := range []bool{true, false} {
		for _, f := range got.Findings {
			if f.Amiss() == amiss {
				sorted.Findings = append(sorted.Findings, f)
			}
		}
		if amiss {
			sorted.Amiss = len(sorted.Findings)
		}
	}
	return v.show("findings", view{Title: "Findings", Body: sorted})
}
