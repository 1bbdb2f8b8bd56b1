package audit

import (
	"context"
	"errors"
	"time"

	"rekey/core"
)

// Sealing seals what is not sealed yet. Several may work on one trail at once: of
// those that would seal the same, one does.
type Sealing struct {
	Trail  Trail
	Sealer core.Sealer // makes the MACs; nil makes none
	Now    func() time.Time
	Report func(Seal, error) // is told of every seal, and of what failed

	Every time.Duration // how often it looks
	Batch int           // how many rows a seal has at most
	Pause time.Duration // between seals, so that others have their turn
}

// lastSeal is how long the end waits for what was recorded last to be sealed.
const lastSeal = 5 * time.Second

// Run seals until ctx ends, and once more then. What fails is tried again at the
// next look.
func (s Sealing) Run(ctx context.Context) {
	for rest(ctx, s.Every) {
		_, _ = s.All(ctx) // was reported
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSeal)
	defer cancel()
	_, _ = s.All(ctx)
}

// All seals batch after batch until all is sealed, or until another is found to be
// doing so, and returns how many rows it sealed itself.
func (s Sealing) All(ctx context.Context) (rows int64, err error) {
	for {
		seal, err := s.one(ctx)
		switch {
		case errors.Is(err, core.Conflict): // another seals, and will go on
			return rows, nil
		case err != nil:
			if !errors.Is(ctx.Err(), context.Canceled) { // at the end there is another try
				s.Report(Seal{}, err)
			}
			return rows, err
		case seal.Rows > 0:
			s.Report(seal, nil)
		}
		rows += seal.Rows
		if seal.Rows < int64(s.Batch) || !rest(ctx, s.Pause) {
			return rows, nil
		}
	}
}

// one seals one batch, and returns the zero Seal if there is nothing to seal. The
// rows are read and digested before the transaction that seals them: a row does not
// change, and whether it was sealed meanwhile is the transaction's to see.
func (s Sealing) one(ctx context.Context) (Seal, error) {
	head, err := s.Trail.Head(ctx)
	if err != nil {
		return Seal{}, err
	}
	rows, err := s.Trail.Unsealed(ctx, Row{}, s.Batch)
	if err != nil || len(rows) == 0 {
		return Seal{}, err
	}
	seal := NewSeal(head, rows, s.Now(), s.Sealer)
	return seal, s.Trail.Seal(ctx, seal, rows)
}

// rest waits for d and reports whether ctx lasts.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
