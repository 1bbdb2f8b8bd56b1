package audit

import (
	"context"
	"fmt"
	"math"
	"time"

	"rekey/core"
)

// Verification checks a whole trail.
type Verification struct {
	Trail Trail
	Check *Check

	Found    func(Finding)         // is told of each
	Progress func(done, all int64) // is told of seals, now and then; may be nil

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

const (
	sealPage = 100
	rowPage  = 1000
	// excess bounds how many rows of a batch are kept in memory beyond those
	// that it should have.
	excess = 1000
)

// Run reads the trail once. What is sealed meanwhile may be left to the next run.
// Its error says that it could not be read, not that something was found.
func (v Verification) Run(ctx context.Context) (Result, error) {
	var r Result
	found := v.Found
	v.Found = func(f Finding) { r.Findings++; found(f) }
	head, err := v.Trail.Head(ctx)
	if err != nil {
		return r, err
	}
	rows := reader{trail: v.Trail, at: Place{Batch: math.MinInt64}}
	if err := v.batches(ctx, head, &rows); err != nil {
		return r, err
	}
	if err := v.strays(ctx, head, &rows); err != nil {
		return r, err
	}
	if err := v.beyond(ctx, head); err != nil {
		return r, err
	}
	for _, f := range v.Check.End(head) {
		v.Found(f)
	}
	r.Unsealed, err = v.unsealed(ctx)
	r.Tally, r.Head = v.Check.Tally, head
	return r, err
}

// batches checks every seal up to the head, each with the rows of its batch.
func (v Verification) batches(ctx context.Context, head Anchor, rows *reader) error {
	for after := int64(math.MinInt64); ; {
		seals, err := v.Trail.Seals(ctx, after, sealPage)
		if err != nil {
			return err
		}
		for _, s := range seals {
			if s.Seq > head.Seq {
				return nil
			}
			if err := v.batch(ctx, s, rows); err != nil {
				return err
			}
			after = s.Seq
		}
		if len(seals) < sealPage {
			return nil
		}
		if v.Progress != nil {
			v.Progress(after, head.Seq)
		}
	}
}

func (v Verification) batch(ctx context.Context, s Seal, rows *reader) error {
	var own []Row
	var more int64
	for {
		r, err := rows.peek(ctx)
		if err != nil {
			return err
		}
		if r == nil || r.Batch > s.Seq {
			break
		}
		switch {
		case r.Batch < s.Seq:
			v.Found(v.Check.Stray(*r))
		case int64(len(own)) >= min(max(s.Rows, 0), rowPage)+excess:
			more++
		default:
			own = append(own, *r)
		}
		rows.next()
	}
	now := *v.Check
	found := v.Check.Batch(s, own, more)
	if len(found) > 0 && s.Pruned == "" { // it may have been pruned since the seal was read
		again, err := v.Trail.Seals(ctx, s.Seq-1, 1)
		if err != nil {
			return err
		}
		if len(again) == 1 && again[0].Seq == s.Seq && again[0].Pruned != "" {
			*v.Check = now
			found = v.Check.Batch(again[0], nil, 0)
		}
	}
	for _, f := range found {
		v.Found(f)
	}
	return nil
}

// strays reports rows beyond the last seal, but for those that were sealed
// meanwhile.
func (v Verification) strays(ctx context.Context, head Anchor, rows *reader) error {
	for {
		r, err := rows.peek(ctx)
		if err != nil || r == nil {
			return err
		}
		if r.Batch > head.Seq {
			now, err := v.Trail.Head(ctx)
			if err != nil || r.Batch <= now.Seq {
				return err
			}
		}
		v.Found(v.Check.Stray(*r))
		rows.next()
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
		v.Found(Finding{Row: &rows[0], What: fmt.Sprintf("this and what followed, %s events, should have been sealed; until they are nobody can tell whether they were altered", count)})
	}
	return int64(len(rows)), nil
}

// reader reads sealed rows, page by page.
type reader struct {
	trail Trail
	at    Place
	page  []Row
	ended bool
}

// peek returns the next row, or nil at the end.
func (r *reader) peek(ctx context.Context) (*Row, error) {
	if len(r.page) == 0 && !r.ended {
		page, err := r.trail.Sealed(ctx, r.at, rowPage)
		if err != nil {
			return nil, err
		}
		r.page, r.ended = page, len(page) < rowPage
		if len(page) > 0 {
			r.at = page[len(page)-1].Place()
		}
	}
	if len(r.page) == 0 {
		return nil, nil //nolint:nilnil // the end
	}
	return &r.page[0], nil
}

func (r *reader) next() { r.page = r.page[1:] }

// NewCheck returns a check by what is configured: keep is how long rows are kept, 0
// for ever.
func NewCheck(sealer core.Sealer, keep time.Duration, now time.Time, anchors ...Anchor) *Check {
	c := &Check{Sealer: sealer, Anchors: anchors}
	if keep > 0 {
		c.Kept = Stamp(now.Add(-keep).Truncate(time.Microsecond))
	}
	return c
}
