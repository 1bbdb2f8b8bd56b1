package passhash

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"rekey/core"
)

// queue runs work for at most workers callers at once, first come first
// served, while at most length others wait.
type queue struct {
	places  *semaphore.Weighted // one for each caller inside
	workers *semaphore.Weighted // one for each that runs
	count   int                 // of workers

	running, waiting atomic.Int64
	refused, derived atomic.Uint64
}

var (
	workerSpan = span{"workers", 0, 1024}
	queueSpan  = span{"queue", 0, 65536}
)

func newQueue(workers, length int) *queue {
	return &queue{
		places:  semaphore.NewWeighted(int64(workers) + int64(length)),
		workers: semaphore.NewWeighted(int64(workers)),
		count:   workers,
	}
}

// run runs work, or returns Unavailable if the queue is full or ctx ends
// before work begins. Work that began is waited for.
func (q *queue) run(ctx context.Context, work func() error) error {
	leave, ok := q.admit(ctx)
	if !ok {
		return q.full()
	}
	defer leave()
	if err := q.enter(ctx); err != nil {
		return fmt.Errorf("wait for a worker: %w", err)
	}
	defer q.workers.Release(1)
	return q.work(work)
}

// work runs work on a worker that the caller has.
func (q *queue) work(work func() error) error {
	q.running.Add(1)
	defer q.running.Add(-1)
	if err := work(); err != nil {
		return err
	}
	q.derived.Add(1)
	return nil
}

// spare takes a worker if there is one more idle than that, and reports whether
// it did. leave gives it back.
func (q *queue) spare() bool {
	if !q.places.TryAcquire(1) {
		return false
	}
	if !q.workers.TryAcquire(2) { // also if anybody waits
		q.places.Release(1)
		return false
	}
	q.workers.Release(1)
	return true
}

func (q *queue) leave() {
	q.workers.Release(1)
	q.places.Release(1)
}

// seat is a place that several derivations use, one after another.
type seat struct {
	*queue
	taken bool
}

type seatKey struct{}

// sit returns a context whose callers share one place, until leave is called:
// from now on, or from when the first of them gets it.
func (q *queue) sit(ctx context.Context, now bool) (seated context.Context, leave func(), err error) {
	s := &seat{queue: q, taken: now && q.places.TryAcquire(1)}
	if now && !s.taken {
		return ctx, nil, q.full()
	}
	return context.WithValue(ctx, seatKey{}, s), func() {
		if s.taken {
			s.taken = false
			q.places.Release(1)
		}
	}, nil
}

// admit takes a place, if there is one; who has a seat keeps it.
func (q *queue) admit(ctx context.Context) (leave func(), ok bool) {
	s, _ := ctx.Value(seatKey{}).(*seat)
	if s == nil || s.queue != q {
		return func() { q.places.Release(1) }, q.places.TryAcquire(1)
	}
	s.taken = s.taken || q.places.TryAcquire(1)
	return func() {}, s.taken
}

// full counts a refusal, and returns it.
func (q *queue) full() error {
	q.refused.Add(1)
	return &core.Error{Code: core.Unavailable, RetryAfter: q.drained(), Err: errors.New("the queue of derivations is full")}
}

// enter waits for a worker; semaphore serves in order of arrival.
func (q *queue) enter(ctx context.Context) error {
	q.waiting.Add(1)
	defer q.waiting.Add(-1)
	return q.workers.Acquire(ctx, 1)
}

// drained returns when the callers that wait now have probably been served,
// in whole seconds. It takes a derivation for 100 ms, between the defaults of
// argon2id and bcrypt: an advice needs no clock.
func (q *queue) drained() time.Duration {
	const derivation = 100 * time.Millisecond
	rounds := q.waiting.Load()/int64(q.count) + 1
	return (time.Duration(rounds)*derivation + time.Second - 1).Truncate(time.Second)
}

// Stats is what a pool does now and has done so far.
type Stats struct {
	Running int    // derivations
	Waiting int    // callers
	Derived uint64 // derivations that ended
	Refused uint64 // callers, because the queue was full
}

// Stats returns the pool's numbers. Each is exact, but not all are of one
// instant. It costs four atomic loads.
func (p *Pool) Stats() Stats {
	q := p.queue
	return Stats{int(q.running.Load()), int(q.waiting.Load()), q.derived.Load(), q.refused.Load()}
}
