package audit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/core/audit"
)

// chain returns so many batches of two rows.
func chain(n int) (seals []audit.Seal, batches [][]audit.Row) {
	var head audit.Anchor
	for i := range n {
		rows := []audit.Row{{Tenant: "a", ID: fmt.Sprint(2 * i), At: "t1"}, {Tenant: "a", ID: fmt.Sprint(2*i + 1), At: "t2"}}
		s := audit.NewSeal(head, rows, time.Unix(0, 0), nil)
		seals, batches, head = append(seals, s), append(batches, rows), s.Anchor()
	}
	return seals, batches
}

func found(c *audit.Check, seals []audit.Seal, batches [][]audit.Row) (all []string) {
	for i, s := range seals {
		for _, f := range c.Batch(s, batches[i], 0) {
			all = append(all, f.String())
		}
	}
	return all
}

// Who makes one seal anew, with all that is digested, has to make all that follow.
func TestAForgedSealBreaksTheChain(t *testing.T) {
	seals, batches := chain(4)
	batches[1][0].Actor = "idp:innocent"
	seals[1] = audit.NewSeal(seals[0].Anchor(), batches[1], time.Unix(0, 0), nil)
	got := found(&audit.Check{}, seals, batches)
	if want := []string{"batch 3: the seal does not follow the one before"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAMissingSealAndRowAreNamed(t *testing.T) {
	seals, batches := chain(4)
	leaf := batches[2][1].Leaf()
	batches[2] = batches[2][:1]
	got := found(&audit.Check{}, slices.Delete(seals, 1, 2), slices.Delete(batches, 1, 2))
	want := []string{
		"batch 3: the seal before, 2, is missing",
		"batch 3: row 2 of 2 is missing, or was altered: it stood after event 4 and the last; its leaf is " + leaf.String(),
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Retention may have taken what is older than it keeps, and nothing else.
func TestOnlyWhatIsOldMayBePruned(t *testing.T) {
	for name, c := range map[string]struct {
		pruned, kept string
		rows         bool
		says         string
	}{
		"in its time":          {"t3", "t4", false, ""},
		"before it was so old": {"t2", "t4", false, "before their time"},
		"though it is kept":    {"t3", "t1", false, "before their time"},
		"though all is kept":   {"t3", "", false, "before their time"},
		"and rows are back":    {"t3", "t4", true, "was added"},
	} {
		seals, batches := chain(1)
		if seals[0].Pruned = c.pruned; !c.rows {
			batches[0] = nil
		}
		seals[0].Leaves = nil
		check := &audit.Check{Kept: c.kept}
		got := strings.Join(found(check, seals, batches), "\n")
		if (got == "") != (c.says == "") || !strings.Contains(got, c.says) || check.Pruned != 1 {
			t.Errorf("%s: got %q", name, got)
		}
	}
}
