package trail_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rekey/cmd/rekey/trail"
	"rekey/core"
	"rekey/core/audit"
	"rekey/store/memory"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// exported writes a trail of 11 events in three batches, and one that waits.
func exported(t testing.TB, table bool, f audit.Filter) string {
	t.Helper()
	s := memory.New()
	for n, actor := range []string{"idp:root", "=cmd()", "+1", `\r`, "a\r\nb", "\ttab", "-", "@", `"quoted", with comma`, "ωμέγα\u202e", "", "late"} {
		if n == 11 {
			sealing := audit.Sealing{Trail: s, Now: func() time.Time { return noon }, Batch: 4, Report: func(audit.Seal, error) {}}
			if _, err := sealing.All(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		e := core.Event{ID: core.EventID(fmt.Sprintf("e%02d", n)), At: noon.Add(time.Duration(n) * time.Second), Action: core.PasswordChanged, Actor: actor, Account: "x"}
		e.Tenant = []core.TenantID{"acme", ""}[n%2]
		if err := s.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	export := trail.Export{Trail: s, Filter: f, CSV: table, Now: func() time.Time { return noon }, Progress: func(int64, int64) {}}
	if err := export.Write(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func verified(text string) (audit.Result, []string) {
	var found []string
	r, err := trail.Verify(strings.NewReader(text), &audit.Check{}, func(f audit.Finding) { found = append(found, f.String()) })
	if err != nil {
		found = append(found, err.Error())
	}
	return r, found
}

func forms(t *testing.T, test func(t *testing.T, table bool)) {
	t.Run("JSON", func(t *testing.T) { test(t, false) })
	t.Run("CSV", func(t *testing.T) { test(t, true) })
}

func TestAFileHoldsByItself(t *testing.T) {
	forms(t, func(t *testing.T, table bool) {
		r, found := verified(exported(t, table, audit.Filter{}))
		if len(found) > 0 || r.Seals != 3 || r.Rows != 11 || r.Unsealed != 1 || r.Omitted != 0 || r.Head.Seq != 3 {
			t.Errorf("got %+v, %v", r, found)
		}
	})
}

func TestAFilteredFileSaysWhatItLeavesOut(t *testing.T) {
	forms(t, func(t *testing.T, table bool) {
		acme := core.TenantID("acme")
		text := exported(t, table, audit.Filter{Tenant: &acme})
		if r, found := verified(text); len(found) > 0 || r.Rows != 6 || r.Omitted != 5 {
			t.Errorf("got %+v, %v", r, found)
		}
		if _, found := verified(strings.Replace(text, "e04", "e40", 1)); len(found) == 0 {
			t.Error("an altered event is not found")
		}
	})
}

// Whatever single line of a file is dropped, doubled or altered is found, but for
// what is not sealed.
func TestAnAlteredFileIsFound(t *testing.T) {
	forms(t, func(t *testing.T, table bool) {
		lines := strings.SplitAfter(strings.TrimSpace(exported(t, table, audit.Filter{})), "\n")
		sealed := len(lines) - 1
		rapid.Check(t, func(r *rapid.T) {
			altered := slices.Clone(lines)
			i := rapid.IntRange(0, sealed-1).Draw(r, "line")
			switch rapid.SampledFrom([]string{"drop", "double", "digit", "cut"}).Draw(r, "do") {
			case "drop":
				altered = slices.Delete(altered, i, i+1)
			case "double":
				altered = slices.Insert(altered, i, altered[i])
			case "digit":
				if i == 0 || table && i == 1 { // of the file itself nothing is digested but the head
					r.Skip()
				}
				digits := []int{}
				for at, c := range altered[i] {
					if c >= '0' && c <= '9' {
						digits = append(digits, at)
					}
				}
				at := rapid.SampledFrom(digits).Draw(r, "at")
				altered[i] = altered[i][:at] + string('0'+(altered[i][at]-'0'+1)%10) + altered[i][at+1:]
			case "cut":
				altered = altered[:i]
			}
			if _, found := verified(strings.Join(altered, "")); len(found) == 0 {
				r.Errorf("not found:\n%s", strings.Join(altered, ""))
			}
		})
	})
}

func TestASpreadsheetTakesNoCellForAFormula(t *testing.T) {
	for line := range strings.SplitSeq(exported(t, true, audit.Filter{}), "\n") {
		for cell := range strings.SplitSeq(line, ",") {
			if cell = strings.TrimPrefix(cell, `"`); cell != "" && strings.ContainsAny(cell[:1], "=+-@\t") {
				t.Errorf("a cell begins with %q", cell)
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(exported(f, false, audit.Filter{}))
	f.Add(exported(f, true, audit.Filter{}))
	f.Fuzz(func(_ *testing.T, text string) { _, _ = verified(text) })
}
