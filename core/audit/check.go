package audit

import (
	"fmt"

	"rekey/core"
)

// Finding is one thing that is wrong with the trail.
type Finding struct {
	Batch int64 // 0 if it is about none
	Row   *Row  // nil if it is about none
	What  string
}

// String returns the finding as a line.
func (f Finding) String() string {
	about := "the trail"
	if f.Batch != 0 {
		about = fmt.Sprintf("batch %d", f.Batch)
	}
	if f.Row != nil {
		about += fmt.Sprintf(": event %s of tenant %q, at %s", f.Row.ID, f.Row.Tenant, f.Row.At)
	}
	return about + ": " + f.What
}

// Check holds rows and seals to each other, one batch after another.
type Check struct {
	Sealer  core.Sealer // knows the MACs; nil leaves them unchecked
	Anchors []Anchor    // that were kept elsewhere
	Partial bool        // rows may be left out on purpose
	Kept    string      // the stamp before which rows may have been pruned; "" if none may

	Tally

	last  Seal
	keyed bool // whether a seal before had a MAC
}

// Tally counts what a [Check] has seen.
type Tally struct {
	Seals, Rows   int64
	Pruned        int64 // seals whose rows are pruned
	Omitted       int64 // rows that were left out of a partial trail
	Plain, Hidden int64 // seals without a MAC, and such whose MAC was not checked
}

// Batch returns what is wrong with the next batch: the seal and the rows that are
// said to be in it, in their order. more counts further ones, which are in no seal.
func (c *Check) Batch(s Seal, rows []Row, more int64) (found []Finding) {
	say := func(r *Row, format string, args ...any) {
		found = append(found, Finding{s.Seq, r, fmt.Sprintf(format, args...)})
	}
	c.link(s, say)
	c.mac(s, say)
	c.anchored(s, say)
	c.Seals, c.Rows = c.Seals+1, c.Rows+int64(len(rows))+more
	if more > 0 {
		say(nil, "%d more rows were added", more)
	}
	if s.Pruned != "" {
		c.Pruned++
		c.gone(s, rows, say)
	} else {
		c.compare(s, rows, say)
	}
	c.last = s
	return found
}

type saying func(r *Row, format string, args ...any)

// link holds the seal to the one before, and to itself.
func (c *Check) link(s Seal, say saying) {
	switch next := c.last.Seq + 1; {
	case s.Seq == next+1:
		say(nil, "the seal before, %d, is missing", next)
	case s.Seq > next:
		say(nil, "the seals before, %d to %d, are missing", next, s.Seq-1)
	case s.Seq < next:
		say(nil, "the seal is out of order")
	case s.Prev != c.last.Digest:
		say(nil, "the seal does not follow the one before")
	}
	if s.Digest != s.digest() {
		say(nil, "the seal was altered")
	}
}

func (c *Check) mac(s Seal, say saying) {
	switch {
	case s.MAC == "" && c.keyed:
		say(nil, "the seal has no MAC, though one before has")
	case s.MAC == "":
		c.Plain++
	case c.Sealer == nil:
		c.Hidden++
	case !c.Sealer.Matches(s.MAC, s.Digest.String(), macContext):
		say(nil, "the seal's MAC does not hold: the seal was forged, or the key that it names is not configured")
	}
	c.keyed = c.keyed || s.MAC != ""
}

func (c *Check) anchored(s Seal, say saying) {
	for _, a := range c.Anchors {
		if a.Seq == s.Seq && a.Digest != s.Digest {
			say(nil, "the seal is not the one that was anchored: it or what is before it was replaced")
		}
	}
}

// gone judges a batch whose rows are said to be pruned.
func (c *Check) gone(s Seal, rows []Row, say saying) {
	if s.Last >= s.Pruned || s.Last >= c.Kept {
		say(nil, "its rows are gone before their time: the last is of %s", s.Last)
	}
	for i := range rows {
		say(&rows[i], "was added: the batch was pruned")
	}
}

// compare holds the rows to the leaves, and these to the root.
func (c *Check) compare(s Seal, rows []Row, say saying) {
	leaves := s.Leaves
	if rootOf(leaves) != s.Root || int64(len(leaves)) != s.Rows {
		say(nil, "the list of its leaves was altered")
		if leaves = leavesOf(rows); rootOf(leaves) == s.Root { // the rows are whole
			return
		}
		say(nil, "its rows were altered: there are %d, of %d", len(rows), s.Rows)
		return
	}
	unmatched := map[Digest]int{}
	for _, leaf := range leaves {
		unmatched[leaf]++
	}
	var odd []int
	for i, leaf := range leavesOf(rows) {
		if unmatched[leaf] == 0 {
			odd = append(odd, i)
			continue
		}
		unmatched[leaf]--
	}
	c.name(leaves, rows, odd, unmatched, say)
}

// Stray returns the finding that the row's batch has no seal.
func Stray(r Row) Finding { return Finding{r.Batch, &r, "the batch has no seal"} }

// End returns what is wrong with where the trail ends, which is to be at the head.
func (c *Check) End(head Anchor) (found []Finding) {
	if last := c.last.Anchor(); head != last {
		found = append(found, Finding{What: fmt.Sprintf("it ends with seal %d, and its head is %d: seals were removed at the end, or replaced", last.Seq, head.Seq)})
	}
	for _, a := range c.Anchors {
		if a.Seq > c.last.Seq {
			found = append(found, Finding{Batch: a.Seq, What: "it was anchored and is missing: the end of the trail was cut off"})
		}
	}
	return found
}

// Last returns the anchor of the last seal that was checked.
func (c *Check) Last() Anchor { return c.last.Anchor() }
