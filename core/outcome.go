package core

import (
	"context"
	"errors"
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

// Outcome is what became of one try of a message.
type Outcome struct {
	Message Message // zero if none could be claimed
	Fate    Fate
	Err     error     // why it is not done; nil if it is
	Due     time.Time // with Postponed: when it is tried again
}

// Fate says what became of a message.
type Fate string

// The closed set of fates.
const (
	Finished  Fate = "finished"  // it is done
	Postponed Fate = "postponed" // it will be tried again
	Buried    Fate = "buried"    // it is set aside for good
	Unsettled Fate = "unsettled" // the outbox failed; what was claimed comes due again by itself
)

// Retry says when a message that failed is tried again: after First, then
// after twice as long each time, up to Most, each shortened by up to a half,
// so that messages that failed together do not come back together.
type Retry struct {
	First, Most time.Duration
	Tries       int           // how often a message is tried before it is buried
	Age         time.Duration // and for how long at least, of deliveries; 0: that does not matter
}

// over reports whether so many tries were enough.
func (r Retry) over(m Message, tries int, now time.Time) bool {
	return tries >= r.Tries && (r.Age == 0 || now.Sub(m.Since) >= r.Age)
}

// after returns how long to wait after the message's latest try. The message
// itself is the dice.
func (r Retry) after(m Message) time.Duration {
	delay := min(r.First, r.Most)
	for n := 1; n < m.Attempts && delay < r.Most; n++ {
		delay = min(2*delay, r.Most)
	}
	dice := fnv.New32a()
	_, _ = dice.Write([]byte{byte(m.Attempts)}) //nolint:gosec // the lowest byte is meant
	_, _ = dice.Write([]byte(m.ID))
	return delay - delay/2*time.Duration(dice.Sum32()%1024)/1024
}

// settle stores what became of the message after a try that ended with err.
func (d *Dispatcher) settle(ctx context.Context, m Message, err error) Outcome {
	o := Outcome{Message: m, Err: err}
	var stored error
	switch {
	case err == nil:
		o.Fate, stored = Finished, d.Outbox.Finish(ctx, m.ID)
	case !passes(err) || d.Retry.over(m, m.Attempts, d.Now()):
		o.Fate, stored = Buried, d.Outbox.Bury(ctx, m.ID, d.Now(), why(err))
	default:
		o.Due = d.Now().Add(max(d.Retry.after(m), AsError(err).RetryAfter))
		if d.Pauses && AsError(err).RetryAfter > 0 {
			d.paused.Store(&o.Due)
		}
		o.Fate, stored = Postponed, d.Outbox.Postpone(ctx, m.ID, o.Due, why(err))
	}
	if stored != nil {
		o = Outcome{Message: m, Fate: Unsettled, Err: errors.Join(err, stored)}
	}
	return o
}

// passes reports whether time may heal the failure.
func passes(err error) bool {
	return slices.Contains([]Code{Unavailable, Throttled, Conflict, Internal}, CodeOf(err))
}

// maxWhy bounds what is kept of an error, in bytes.
const maxWhy = 500

func why(err error) string {
	text := strings.ToValidUTF8(err.Error(), "?")
	return strings.ToValidUTF8(text[:min(len(text), maxWhy)], "")
}
