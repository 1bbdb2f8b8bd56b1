package audit

import (
	"context"
	"slices"
	"time"

	"rekey/core"
)

// Trail is where rows and seals are kept. Rows are never changed but by sealing
// them, and go by [core.Pruner] only.
type Trail interface {
	// Head returns the last seal's anchor, or the zero Anchor if nothing was ever
	// sealed.
	Head(ctx context.Context) (Anchor, error)

	// Unsealed returns up to limit rows that are in no batch, the oldest first,
	// beginning after the row after, or with the first if that is zero.
	Unsealed(ctx context.Context, after Row, limit int) ([]Row, error)

	// Seal stores the seal and puts the rows into its batch. Conflict if the head is
	// not what s follows, Internal if a row is in a batch or gone; then nothing is stored.
	Seal(ctx context.Context, s Seal, rows []Row) error

	// Seals returns up to limit seals in their order, beginning after the number.
	Seals(ctx context.Context, after int64, limit int) ([]Seal, error)

	// Sealed returns up to limit rows that are in batches, in the order of these and
	// in theirs, beginning after the place.
	Sealed(ctx context.Context, after Place, limit int) ([]Row, error)

	// Rows returns up to limit rows that the filter admits, the oldest first,
	// beginning after the row after, or with the first if that is zero.
	Rows(ctx context.Context, f Filter, after Row, limit int) ([]Row, error)

	// Latest returns the latest limit rows that the filter admits, the oldest first.
	Latest(ctx context.Context, f Filter, limit int) ([]Row, error)
}

// Place is where a row stands among those that are sealed.
type Place struct {
	Batch      int64
	Tenant, ID string
}

// Place returns where the row stands.
func (r Row) Place() Place { return Place{r.Batch, r.Tenant, r.ID} }

// Filter says which rows are asked for: those for which all of it holds.
type Filter struct {
	Tenant   *core.TenantID // nil: of every tenant, and of none
	Account  core.AccountID // "": of any
	Actions  []core.Action  // none: any
	Outcomes []core.Code    // none: any; "" is what was done
	Dialect  string         // "": any
	Since    time.Time      // zero: from the beginning
	Until    time.Time      // and before; zero: to the end
}

// Everything reports whether the filter admits all there is.
func (f Filter) Everything() bool {
	return f.Tenant == nil && f.Account == "" && f.Dialect == "" && len(f.Actions) == 0 && len(f.Outcomes) == 0 && f.Since.IsZero() && f.Until.IsZero()
}

// Admits reports whether the filter admits the row.
func (f Filter) Admits(r Row) bool {
	switch {
	case f.Tenant != nil && string(*f.Tenant) != r.Tenant,
		f.Account != "" && string(f.Account) != r.Account,
		f.Dialect != "" && f.Dialect != r.Dialect,
		len(f.Actions) > 0 && !slices.Contains(f.Actions, core.Action(r.Action)),
		len(f.Outcomes) > 0 && !slices.Contains(f.Outcomes, core.Code(r.Outcome)),
		!f.Since.IsZero() && r.At < Stamp(f.Since),
		!f.Until.IsZero() && r.At >= Stamp(f.Until):
		return false
	}
	return true
}
