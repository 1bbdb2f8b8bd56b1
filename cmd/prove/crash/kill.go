package crash

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"rekey/cmd/prove/rig"
)

// The moments of a kill, after the load began.
const (
	earliest = 50 * time.Millisecond
	middle   = 500 * time.Millisecond
	latest   = 4 * time.Second
)

// moment returns when to kill: every other time while the first changes are
// under way.
func (r *run) moment() time.Duration {
	span := middle
	if r.random.IntN(2) == 0 {
		span = latest
	}
	return earliest + time.Duration(r.random.Int64N(int64(span-earliest)))
}

// disturb waits for a random moment and kills the server, the database or both.
// All that was killed runs again when it returns.
func (r *run) disturb(ctx context.Context, l *load) error {
	if err := rig.Rest(ctx, r.moment()); err != nil {
		return err
	}
	if r.random.IntN(2) == 0 {
		r.lurk(ctx)
	}
	switch turn := r.rounds % 5; {
	case turn == 2 && r.database.mortal():
		return r.killDatabase(ctx)
	case turn == 0 && r.database.mortal():
		return r.killBoth(ctx, l)
	}
	return r.killServer(ctx, l)
}

// lurk waits until the database writes, for a second at most, and then some
// hundreds of microseconds, so that the kill comes in a commit or between a
// commit and its answer.
func (r *run) lurk(ctx context.Context) {
	before := r.database.written(r.installation)
	for end := time.Now().Add(time.Second); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(100 * time.Microsecond) {
		if r.database.written(r.installation).After(before) {
			time.Sleep(time.Duration(r.random.Int64N(int64(2 * time.Millisecond))))
			return
		}
	}
}

func (r *run) killServer(ctx context.Context, l *load) error {
	if err := r.fell(l); err != nil {
		return err
	}
	return r.raise(ctx)
}

// fell kills the server, and lets its clients go home.
func (r *run) fell(l *load) error {
	r.database.felled = time.Now()
	select {
	case <-r.server.Ended():
		return fmt.Errorf("the server ended by itself: %s", r.server.Tail())
	default:
	}
	r.kills.Add(1)
	err := r.server.Kill()
	l.stop()
	return errors.Join(err, os.Remove(r.server.Log))
}

// raise starts the server, now and then only to kill it while it starts, and
// then again.
func (r *run) raise(ctx context.Context) error {
	for r.random.IntN(4) == 0 {
		server, err := r.installation.Launch()
		if err != nil {
			return err
		}
		if err := rig.Rest(ctx, time.Duration(r.random.Int64N(int64(earliest)))); err != nil {
			return errors.Join(err, server.Kill())
		}
		r.kills.Add(1)
		if err := errors.Join(server.Kill(), os.Remove(server.Log)); err != nil {
			return err
		}
	}
	server, err := r.installation.Start(ctx)
	if err != nil {
		return err
	}
	r.server = server
	r.ready(server.ReadyAfter)
	return nil
}

// killDatabase kills the database under a server that stays.
func (r *run) killDatabase(ctx context.Context) error {
	if err := r.fellDatabase(); err != nil {
		return err
	}
	if err := rig.Rest(ctx, time.Duration(r.random.Int64N(int64(time.Second)))); err != nil {
		return err
	}
	begun := time.Now()
	if err := r.database.cluster.Start(); err != nil {
		return err
	}
	if err := r.server.Await(ctx, 30*time.Second); err != nil {
		return err
	}
	r.back(time.Since(begun))
	return rig.Rest(ctx, time.Duration(r.random.Int64N(int64(time.Second)))) // it goes on
}

// fellDatabase ends all of the database's processes at once, or makes its
// first one end the others without tidying up.
func (r *run) fellDatabase() error {
	r.databaseKills.Add(1)
	if r.random.IntN(2) == 0 {
		return r.database.cluster.Stop(syscall.SIGQUIT)
	}
	return r.database.cluster.Kill()
}

func (r *run) killBoth(ctx context.Context, l *load) error {
	if err := errors.Join(r.fellDatabase(), r.fell(l), r.database.cluster.Start()); err != nil {
		return err
	}
	return r.raise(ctx)
}
