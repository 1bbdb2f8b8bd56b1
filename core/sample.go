package core

import (
	"context"
	"time"
)

// Sample is what one replica has seen of one minute, by its own clock; or what
// all of them have, see [Service.LastMinutes].
type Sample struct {
	Replica     string // "" if it is of all
	At          time.Time
	Changes     map[string]Changes // by the dialect that asked, of those that did
	Took        Durations          // of all changes
	Derivations Derivations
	Outbox      Pending // mail
	Deliveries  Pending // of events, to all endpoints
}

// Changes are calls of [Service.Change].
type Changes struct {
	Changed int
	Refused int // for what the caller did, and for what others did to the account
	Failed  int // for a failure of ours
}

// Count counts one that ended with the code.
func (c *Changes) Count(code Code) {
	switch code {
	case "":
		c.Changed++
	case Unavailable, Internal:
		c.Failed++
	default:
		c.Refused++
	}
}

// Derivations are how busy those are who derive.
type Derivations struct {
	Workers          int
	Running, Waiting int // the most that were seen
	Refused          int // for lack of a place
}

// Pending is the most that was seen to wait in the database. All replicas see the
// same.
type Pending struct {
	Waiting, Dead int
	Lag           time.Duration // of the oldest
}

// most returns the greater of each.
func (p Pending) most(q Pending) Pending {
	return Pending{max(p.Waiting, q.Waiting), max(p.Dead, q.Dead), max(p.Lag, q.Lag)}
}

// See notes what waits now.
func (p *Pending) See(now Pending) { *p = p.most(now) }

// SamplesKept is how long samples are kept.
const SamplesKept = 24 * time.Hour

// Samples remembers samples. Errors are classified as a [Store]'s are.
type Samples interface {
	// PutSamples stores samples, each in place of what was stored of its replica
	// and minute. No two of them are of one replica and minute.
	PutSamples(ctx context.Context, all []Sample) error

	// Samples returns the samples of all replicas whose minutes began since the
	// instant and before until, in the order of minutes and then of replicas.
	Samples(ctx context.Context, since, until time.Time) ([]Sample, error)
}
