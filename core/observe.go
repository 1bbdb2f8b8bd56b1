package core

import "context"

// Step is a part of what is done for a request.
type Step string

// The closed set of steps.
const (
	Changing   Step = "change"   // a password change, all of it; the others are parts of it or of other requests
	Seating    Step = "seat"     // taking a place among the derivations
	Throttling Step = "throttle" // counting an attempt before it is judged; Throttled if it may not be
	Limiting   Step = "limit"    // counting a request for mail; Throttled if there were too many
	Reading    Step = "read"     // reading an account or a token
	Deriving   Step = "derive"   // one derivation, with its wait for a worker
	Committing Step = "commit"   // writing a change
	Recording  Step = "record"   // writing what became of a refusal
)

// Steps returns all steps, in the order of their declaration.
func Steps() []Step {
	return []Step{Changing, Seating, Throttling, Limiting, Reading, Deriving, Committing, Recording}
}

// Observer is told of every step, by any number of goroutines at once. It must
// not keep them waiting, and of an error only its [Code] may be told on: the
// text is for the log.
type Observer interface {
	// Begin is called when a step begins. What is done in the step has the
	// context that it returns; end is called once, with what failed, when the
	// step has ended.
	Begin(ctx context.Context, s Step) (within context.Context, end func(error))
}

// Observers tells several observers: the first one's steps are around the
// others'.
type Observers []Observer

// Begin implements [Observer].
func (all Observers) Begin(ctx context.Context, s Step) (context.Context, func(error)) {
	ends := make([]func(error), len(all))
	for i, o := range all {
		ctx, ends[i] = o.Begin(ctx, s)
	}
	return ctx, func(err error) {
		for i := len(ends) - 1; i >= 0; i-- {
			ends[i](err)
		}
	}
}
