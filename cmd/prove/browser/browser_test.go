package browser_test

import (
	"errors"
	"testing"

	"rekey/cmd/prove/browser"
	"rekey/cmd/prove/browser/axe"
	"rekey/cmd/prove/browser/chromium"
	"rekey/core/leftout"
)

// TestPeopleCanUseThePages is the short form of go run ./cmd/prove browser. It
// limits no time: the machine may be busy.
func TestPeopleCanUseThePages(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	report, err := browser.Run(t.Context(), browser.Options{Loads: 1})
	if errors.Is(err, chromium.ErrMissing) || errors.Is(err, axe.ErrUnavailable) {
		leftout.Skip(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, outcome := range report.Outcomes {
		t.Run(outcome.Name, func(t *testing.T) {
			t.Logf("took %v", outcome.Took)
			for _, problem := range outcome.Problems {
				t.Error(problem)
			}
		})
	}
	if len(report.Outcomes) == 0 || len(report.Pages) == 0 {
		t.Error("nothing was looked at")
	}
}
