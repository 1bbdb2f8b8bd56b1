package core

import (
	"context"
	"slices"
	"time"
)

// Remnant is a kind of what is kept for a time after it has served.
type Remnant string

// The closed set of remnants, and since when each is one.
const (
	PastEvents     Remnant = "events"     // that are not sealed, since they happened
	SealedEvents   Remnant = "batches"    // of sealed events, since the last of a batch happened
	DeadTokens     Remnant = "tokens"     // reset tokens, since they expired
	DeadCodes      Remnant = "codes"      // mailed codes, since they expired
	BuriedMessages Remnant = "messages"   // since they were buried
	PastDeliveries Remnant = "deliveries" // since they were stored, or retried
	IdleLimits     Remnant = "limits"     // since they are as if they had never been used
	IdleAttempts   Remnant = "attempts"   // since the last one
	PastReplays    Remnant = "replays"    // since they expired
	PastSamples    Remnant = "samples"    // since their minute began
	PastSessions   Remnant = "sessions"   // since they expired
)

// Remnants returns all remnants, in the order of their declaration.
func Remnants() []Remnant {
	return []Remnant{PastEvents, SealedEvents, DeadTokens, DeadCodes, BuriedMessages, PastDeliveries, IdleLimits, IdleAttempts, PastReplays, PastSamples, PastSessions}
}

// Pruner drops what has been kept for long enough.
type Pruner interface {
	// Prune drops up to limit remnants of the kind that are so since before
	// the instant, the oldest first, and returns how many. It waits for
	// nobody: what others are using stays. Several may prune at once. Batches
	// go whole: of their events as many are dropped as there are in the batches
	// that it takes to reach the limit.
	Prune(ctx context.Context, what Remnant, before time.Time, limit int) (int, error)
}

// Pruning drops remnants in the background.
type Pruning struct {
	Pruner Pruner
	Keep   map[Remnant]time.Duration // how long each is kept; one that is not named, or 0, for ever
	Now    func() time.Time
	Report func(what Remnant, dropped int, err error) // is told of every kind of which anything was dropped, or could not be

	Every time.Duration // how often it looks
	Batch int           // how many are dropped by one statement
	Pause time.Duration // between batches, so that others have their turn
}

// Run drops remnants until ctx ends. What fails is tried again at the next look.
func (p Pruning) Run(ctx context.Context) {
	for rest(ctx, p.Every, nil) {
		for _, what := range Remnants() {
			if keep := p.Keep[what]; keep > 0 {
				p.prune(ctx, what, p.Now().Add(-keep))
			}
		}
	}
}

// prune drops one kind, batch after batch.
func (p Pruning) prune(ctx context.Context, what Remnant, before time.Time) {
	dropped := 0
	for {
		n, err := p.Pruner.Prune(ctx, what, before, p.Batch)
		dropped += n
		done := err != nil || n < p.Batch || !rest(ctx, p.Pause, nil)
		if done && (dropped > 0 || err != nil) && ctx.Err() == nil {
			p.Report(what, dropped, err)
		}
		if done {
			return
		}
	}
}

// Valid reports whether r is one of the remnants.
func (r Remnant) Valid() bool { return slices.Contains(Remnants(), r) }
