package bars

import (
	"io"
	"strings"
	"testing"
	"time"

	"rekey/cmd/prove/rig"
	"rekey/cmd/rekey/bench"
)

// The figures are printed and not held: a test's machine is busy.
func TestASituationIsMeasured(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes too long under the race detector")
	}
	r, err := rig.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	one := situation{"1 client", 1, "licensespring", noHistory, []bar{share(0), work(99)}}
	reports, err := one.measure(t.Context(), r, io.Discard, []string{"sqlite"}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if got := reports[0]; got.Changes == 0 || got.Derivations != 2 || got.Clients != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestAFigureThatMissesItsBarIsMarkedAndCounted(t *testing.T) {
	var out strings.Builder
	s := situation{name: "a situation", bars: []bar{share(0.95), work(2.06)}}
	missed := s.print(&out, []bench.Report{{Share: 0.95, ChangeCPU: 2.06}, {Share: 0.94, Ceiling: 0.96, ChangeCPU: 2.07}})
	want := "| a situation | share of raw derivations (what was left for them) | ≥ 0.95 | 0.95 | 0.94 (0.96) ✗ |\n|  | CPU, in derivations | ≤ 2.06 | 2.06 | 2.07 ✗ |\n"
	if out.String() != want || missed != 2 {
		t.Errorf("got %d missed,\n%swant 2,\n%s", missed, out.String(), want)
	}
}

func TestEverySituationHasABar(t *testing.T) {
	for _, s := range situations() {
		if len(s.bars) == 0 {
			t.Errorf("%s has none", s.name)
		}
	}
}
