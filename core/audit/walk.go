package audit

import (
	"context"
	"math"
)

const (
	sealPage = 100
	rowPage  = 1000
	// excess bounds how many rows of a batch are kept in memory beyond those
	// that it should have.
	excess = 1000
)

// Walk reads a trail up to the head, batch after batch, in pages.
type Walk struct {
	Trail Trail
	Head  Anchor

	// Batch is told of every seal with the rows of its batch; more counts further
	// rows, of a batch that has many more than its seal says.
	Batch func(s Seal, rows []Row, more int64) error
	// Stray is told of every row whose batch has no seal.
	Stray func(r Row) error

	rows reader
}

// Run walks the trail. A batch that is pruned meanwhile is told of as pruned, and
// what is sealed meanwhile is left out.
func (w *Walk) Run(ctx context.Context) error {
	w.rows = reader{trail: w.Trail, at: Place{Batch: math.MinInt64}}
	for after, more := int64(math.MinInt64), true; more; {
		seals, err := w.Trail.Seals(ctx, after, sealPage)
		if err != nil {
			return err
		}
		more = len(seals) == sealPage
		for _, s := range seals {
			if s.Seq > w.Head.Seq {
				more = false
				break
			}
			if err := w.batch(ctx, s); err != nil {
				return err
			}
			after = s.Seq
		}
	}
	return w.rest(ctx)
}

func (w *Walk) batch(ctx context.Context, s Seal) error {
	var own []Row
	var more int64
	for {
		r, err := w.rows.peek(ctx)
		if err != nil {
			return err
		}
		if r == nil || r.Batch > s.Seq {
			break
		}
		switch {
		case r.Batch < s.Seq:
			if err := w.Stray(*r); err != nil {
				return err
			}
		case int64(len(own)) >= min(max(s.Rows, 0), rowPage)+excess:
			more++
		default:
			own = append(own, *r)
		}
		w.rows.next()
	}
	if s.Pruned == "" && int64(len(own)) < s.Rows { // it may have been pruned since the seal was read
		again, err := w.Trail.Seals(ctx, s.Seq-1, 1)
		if err != nil {
			return err
		}
		if len(again) == 1 && again[0].Seq == s.Seq && again[0].Pruned != "" {
			return w.Batch(again[0], nil, 0)
		}
	}
	return w.Batch(s, own, more)
}

// rest tells of rows beyond the head, but for those that were sealed meanwhile.
func (w *Walk) rest(ctx context.Context) error {
	for {
		r, err := w.rows.peek(ctx)
		if err != nil || r == nil {
			return err
		}
		if r.Batch > w.Head.Seq {
			now, err := w.Trail.Head(ctx)
			if err != nil || r.Batch <= now.Seq {
				return err
			}
		}
		if err := w.Stray(*r); err != nil {
			return err
		}
		w.rows.next()
	}
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
