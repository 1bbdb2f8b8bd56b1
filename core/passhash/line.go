package passhash

import (
	"container/list"
	"context"
	"sync"
)

// line gives workers to callers: those first that have begun, so that what was
// begun is done before more is, and within each rank those first that came first.
type line struct {
	mu      sync.Mutex
	free    int              // below 0 while more have a worker than there are now
	waiting [ranks]list.List // of chan struct{}, closed when it is the caller's turn
}

// rank is when a caller has its turn.
type rank int

const (
	begun rank = iota // a derivation of its own is done, and would be lost
	fresh
	ranks
)

func newLine(workers int) *line { return &line{free: workers} }

// enter waits for a worker. It fails if ctx ends before there is one.
func (l *line) enter(ctx context.Context, r rank) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if l.tryEnter(1) {
		return nil
	}
	turn := make(chan struct{})
	l.mu.Lock()
	place := l.waiting[r].PushBack(turn)
	l.next()
	l.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-turn: // it came at the same moment, and is somebody else's
		l.free++
		l.next()
	default:
		l.waiting[r].Remove(place)
	}
	return ctx.Err()
}

// tryEnter takes n workers if they are free and nobody waits.
func (l *line) tryEnter(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for r := range ranks {
		if l.waiting[r].Len() > 0 {
			return false
		}
	}
	if l.free < n {
		return false
	}
	l.free -= n
	return true
}

// leave gives a worker back.
func (l *line) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free++
	l.next()
}

// add makes n workers more, or fewer: then those that are at work finish first.
func (l *line) add(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free += n
	l.next()
}

// next gives free workers to those who wait. The caller holds the lock.
func (l *line) next() {
	for r := range ranks {
		for l.free > 0 && l.waiting[r].Len() > 0 {
			turn := l.waiting[r].Remove(l.waiting[r].Front()).(chan struct{})
			l.free--
			close(turn)
		}
	}
}
