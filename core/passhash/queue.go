package passhash

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"rekey/core"
)

// queue runs work for at most workers callers at once, while at most length others
// wait: see [line] for who goes first.
type queue struct {
	places  places       // one for each caller inside
	workers *line        // to those that run
	count   atomic.Int64 // of workers
	meter   *Meter       // nil if nobody measures

	running, waiting atomic.Int64
	refused, derived atomic.Uint64
}

var (
	workerSpan = span{"workers", 0, 1024}
	queueSpan  = span{"queue", 0, 65536}
)

func newQueue(workers, length int) *queue {
	q := &queue{workers: newLine(workers)}
	q.places.most.Store(int64(workers) + int64(length))
	q.count.Store(int64(workers))
	return q
}

// resize sets how many workers there are and how many may wait. Nobody is sent
// away: where there are fewer now, those inside leave first.
func (q *queue) resize(workers, length int) {
	q.places.most.Store(int64(workers) + int64(length))
	q.workers.add(workers - int(q.count.Swap(int64(workers))))
}

// places are those inside a queue: at work or waiting.
type places struct{ taken, most atomic.Int64 }

// take takes a place if there is one.
func (p *places) take() bool {
	for {
		n := p.taken.Load()
		if n >= p.most.Load() {
			return false
		}
		if p.taken.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (p *places) leave() { p.taken.Add(-1) }

// run runs work, or returns Unavailable if the queue is full or ctx ends
// before work begins. Work that began is waited for.
func (q *queue) run(ctx context.Context, work func() error) error {
	s, ok := q.admit(ctx)
	if !ok {
		return q.full()
	}
	defer s.rise()
	if err := q.enter(ctx, s.rank); err != nil {
		return fmt.Errorf("wait for a worker: %w", err)
	}
	defer q.workers.leave()
	s.rank = begun
	return q.work(work)
}

// work runs work on a worker that the caller has.
func (q *queue) work(work func() error) error {
	q.running.Add(1)
	defer q.running.Add(-1)
	defer q.meter.derived()()
	if err := work(); err != nil {
		return err
	}
	q.derived.Add(1)
	return nil
}

// spare takes a worker if there is one more idle than that, and reports whether
// it did. leave gives it back.
func (q *queue) spare() bool {
	if !q.places.take() {
		return false
	}
	if !q.workers.tryEnter(2) {
		q.places.leave()
		return false
	}
	q.workers.leave()
	return true
}

func (q *queue) leave() {
	q.workers.leave()
	q.places.leave()
}

// seat is a place that several derivations use, one after another.
type seat struct {
	*queue
	rank  rank
	taken bool
	kept  bool // until leave is called, and not for one derivation only
}

type seatKey struct{}

// sit returns a context whose callers share one place, until leave is called:
// from now on, or from when the first of them gets it.
func (q *queue) sit(ctx context.Context, now bool) (seated context.Context, leave func(), err error) {
	s := &seat{queue: q, rank: fresh, kept: true, taken: now && q.places.take()}
	if now && !s.taken {
		return ctx, nil, q.full()
	}
	return context.WithValue(ctx, seatKey{}, s), s.stand, nil
}

// admit returns the caller's seat with a place, if there is one.
func (q *queue) admit(ctx context.Context) (*seat, bool) {
	s, _ := ctx.Value(seatKey{}).(*seat)
	if s == nil || s.queue != q {
		s = &seat{queue: q, rank: fresh}
	}
	s.taken = s.taken || q.places.take()
	return s, s.taken
}

// rise gives the place back after a derivation, if it was for that one only.
func (s *seat) rise() {
	if !s.kept {
		s.stand()
	}
}

func (s *seat) stand() {
	if s.taken {
		s.taken = false
		s.places.leave()
	}
}

// full counts a refusal, and returns it.
func (q *queue) full() error {
	q.refused.Add(1)
	return &core.Error{Code: core.Unavailable, RetryAfter: q.drained(), Err: errors.New("the queue of derivations is full")}
}

// enter waits for a worker.
func (q *queue) enter(ctx context.Context, r rank) error {
	q.waiting.Add(1)
	defer q.waiting.Add(-1)
	defer q.meter.waited()()
	return q.workers.enter(ctx, r)
}

// drained returns when the callers that wait now have probably been served,
// in whole seconds. It takes a derivation for 100 ms, between the defaults of
// argon2id and bcrypt: an advice needs no clock.
func (q *queue) drained() time.Duration {
	const derivation = 100 * time.Millisecond
	rounds := q.waiting.Load()/q.count.Load() + 1
	return (time.Duration(rounds)*derivation + time.Second - 1).Truncate(time.Second)
}

// Stats is what a pool does now and has done so far.
type Stats struct {
	Workers int    // how many derivations may run at once
	Running int    // derivations
	Waiting int    // callers
	Derived uint64 // derivations that ended
	Refused uint64 // callers, because the queue was full
}

// Stats returns the pool's numbers. Each is exact, but not all are of one
// instant. It costs four atomic loads.
func (p *Pool) Stats() Stats {
	q := p.queue
	return Stats{int(q.count.Load()), int(q.running.Load()), int(q.waiting.Load()), q.derived.Load(), q.refused.Load()}
}
