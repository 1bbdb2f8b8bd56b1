package core

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Handler does what a message asks for. It may be called more than once for
// one message. Its error decides what follows: Unavailable, Throttled,
// Conflict and Internal may pass, so the message is tried again; every other
// code will not, so the message is buried. The error's text is kept for
// operators and holds no secret.
type Handler func(ctx context.Context, m Message) error

// DispatcherParts is what a [Dispatcher] is made of. All are required.
type DispatcherParts struct {
	Outbox   Queue
	Handlers map[Topic]Handler // Void needs none
	Now      func() time.Time
	Report   func(Outcome) // is told of every try; called by several goroutines at once

	Workers int           // how many messages are worked on at once
	Poll    time.Duration // how often the outbox is asked for work
	Lease   time.Duration // how long a claim holds; a handler has half of it
	Retry   Retry

	// Ordered says that messages wait for others of their account: who has
	// done one looks for the next at once.
	Ordered bool
	// Pauses says that a RetryAfter is about the whole queue.
	Pauses bool
}

// Dispatcher does the messages of an outbox. Any number of dispatchers, in any
// number of processes, may share one outbox: in the normal case each message
// is done once, and more than once only if a dispatcher dies, or cannot store
// that it is done.
type Dispatcher struct {
	DispatcherParts
	woken  chan struct{}
	paused atomic.Pointer[time.Time] // until when; nil if never
}

// NewDispatcher returns a dispatcher made of the parts. It does nothing before
// [Dispatcher.Run].
func NewDispatcher(parts DispatcherParts) *Dispatcher {
	return &Dispatcher{DispatcherParts: parts, woken: make(chan struct{}, 1)}
}

// Wake makes Run ask for work now instead of at its next poll. It never waits.
// A request whose answer must not tell what it enqueued does not call it: the
// work would begin at a time that its client can guess.
func (d *Dispatcher) Wake() {
	select {
	case d.woken <- struct{}{}:
	default:
	}
}

// Run claims messages and does them until ctx ends. Then it claims no more,
// and returns once those at work are done or out of time: it takes at most one
// lease.
func (d *Dispatcher) Run(ctx context.Context) {
	var working sync.WaitGroup
	defer working.Wait()
	busy := make(chan struct{}, d.Workers)
	for d.pause(ctx) {
		free := occupy(ctx, busy)
		if free == 0 {
			return
		}
		// What was claimed is worked on, also when ctx ends meanwhile.
		held := context.WithoutCancel(ctx)
		claimed := d.claim(held, free)
		for _, m := range claimed {
			working.Go(func() {
				defer func() { <-busy }()
				d.work(held, m)
			})
		}
		for range free - len(claimed) {
			<-busy
		}
		if len(claimed) < free && !rest(ctx, d.Poll, d.woken) {
			return
		}
	}
}

// pause waits for as long as the queue is to be left alone, and reports whether
// ctx lasts.
func (d *Dispatcher) pause(ctx context.Context) bool {
	until := d.paused.Load()
	if until == nil || !until.After(d.Now()) {
		return ctx.Err() == nil
	}
	return rest(ctx, until.Sub(d.Now()), nil)
}

// occupy waits for a free worker, takes all that are free, and returns how
// many; 0 when ctx has ended.
func occupy(ctx context.Context, busy chan struct{}) int {
	if ctx.Err() != nil {
		return 0
	}
	select {
	case <-ctx.Done():
		return 0
	case busy <- struct{}{}:
	}
	for n := 1; ; n++ {
		select {
		case busy <- struct{}{}:
		default:
			return n
		}
	}
}

// rest waits for d, or until it is woken, and reports whether ctx lasts.
func rest(ctx context.Context, d time.Duration, woken <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-woken:
	case <-timer.C:
	}
	return true
}

// The shares of a lease: a claim and the storing of an outcome have a quarter
// each, and the handler has what lies between.
const (
	quarter = 4
	half    = 2
)

func (d *Dispatcher) claim(ctx context.Context, limit int) []Message {
	ctx, cancel := context.WithTimeout(ctx, d.Lease/quarter)
	defer cancel()
	now := d.Now()
	claimed, err := d.Outbox.Claim(ctx, now, now.Add(d.Lease), limit)
	if err != nil {
		d.Report(Outcome{Fate: Unsettled, Err: fmt.Errorf("claim messages: %w", err)})
	}
	return claimed
}

func (d *Dispatcher) work(ctx context.Context, m Message) {
	var err error
	if d.Retry.over(m, m.Attempts-1, d.Now()) { // whoever tried it last could not tell how that went
		err = errors.New("tried too often")
	} else {
		err = d.try(ctx, m)
	}
	ctx, cancel := context.WithTimeout(ctx, d.Lease/quarter)
	defer cancel()
	o := d.settle(ctx, m, err)
	d.Report(o)
	if d.Ordered && o.Fate == Finished {
		d.Wake()
	}
}

func (d *Dispatcher) try(ctx context.Context, m Message) (err error) {
	handle, ok := d.Handlers[m.Topic]
	switch {
	case m.Topic == Void:
		return nil
	case !ok: // it may come from a newer version, which will do it
		return fmt.Errorf("no handler for %q", m.Topic)
	}
	ctx, cancel := context.WithTimeout(ctx, d.Lease/half)
	defer cancel()
	defer func() {
		if recover() != nil { // its text may hold anything
			err = errors.New("the handler panicked")
		}
	}()
	return handle(ctx, m)
}
