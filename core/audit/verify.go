package audit

import (
	"context"
	"fmt"
	"time"

	"rekey/core"
)

// Verification checks a whole trail.
type Verification struct {
	Trail Trail
	Check *Check

	Found    func(Finding)         // is told of each
	Progress func(done, all int64) // is told of seals, after each; may be nil

	// Sealed is the time before which everything should have been sealed; zero if
	// nothing is.
	Sealed time.Time
}

// Result is what a [Verification] has seen.
type Result struct {
	Tally

	Head     Anchor
	Findings int64
	Unsealed int64 // rows, at most so many as are read at once
}

// Run reads the trail once. What is sealed meanwhile may be left to the next run.
// Its error says that it could not be read, not that something was found.
func (v Verification) Run(ctx context.Context) (Result, error) {
	var r Result
	tell := v.Found
	v.Found = func(f Finding) { r.Findings++; tell(f) }
	head, err := v.Trail.Head(ctx)
	if err != nil {
		return r, err
	}
	walk := Walk{Trail: v.Trail, Head: head, Batch: v.batch(head), Stray: func(r Row) error {
		v.Found(Stray(r))
		return nil
	}}
	if err := walk.Run(ctx); err != nil {
		return r, err
	}
	if err := v.beyond(ctx, head); err != nil {
		return r, err
	}
	v.tell(v.Check.End(head))
	r.Unsealed, err = v.unsealed(ctx)
	r.Tally, r.Head = v.Check.Tally, head
	return r, err
}

func (v Verification) batch(head Anchor) func(Seal, []Row, int64) error {
	return func(s Seal, rows []Row, more int64) error {
		v.tell(v.Check.Batch(s, rows, more))
		if v.Progress != nil {
			v.Progress(s.Seq, head.Seq)
		}
		return nil
	}
}

func (v Verification) tell(found []Finding) {
	for _, f := range found {
		v.Found(f)
	}
}

// beyond reports a seal that is behind the head, and was not put there meanwhile.
func (v Verification) beyond(ctx context.Context, head Anchor) error {
	seals, err := v.Trail.Seals(ctx, head.Seq, 1)
	if err != nil || len(seals) == 0 {
		return err
	}
	now, err := v.Trail.Head(ctx)
	if err == nil && now.Seq < seals[0].Seq {
		v.Found(Finding{Batch: seals[0].Seq, What: fmt.Sprintf("the seal is beyond the head, which is %d", now.Seq)})
	}
	return err
}

// unsealed counts what is not sealed, and reports that it is too old for that.
func (v Verification) unsealed(ctx context.Context) (int64, error) {
	rows, err := v.Trail.Unsealed(ctx, Row{}, rowPage)
	if err != nil {
		return 0, err
	}
	late, bound := 0, Stamp(v.Sealed)
	for _, r := range rows {
		if !v.Sealed.IsZero() && r.At < bound {
			late++
		}
	}
	if late > 0 {
		count := fmt.Sprint(late)
		if late == rowPage {
			count += " or more"
		}
		v.Found(Finding{Row: &rows[0], What: "it is the oldest of " + count + " that should have been sealed by now; until they are, nobody can tell whether they were altered"})
	}
	return int64(len(rows)), nil
}

// NewCheck returns a check by what is configured: keep is how long rows are kept, 0
// for ever.
func NewCheck(sealer core.Sealer, keep time.Duration, now time.Time, anchors ...Anchor) *Check {
	c := &Check{Sealer: sealer, Anchors: anchors}
	if keep > 0 {
		c.Kept = Stamp(now.Add(-keep).Truncate(time.Microsecond))
	}
	return c
}
