package failover

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rekey/cmd/prove/rig"
)

// fleet is the replicas of an installation, each at its own place in all of
// its lives.
type fleet struct {
	installation *rig.Installation
	replicas     []*replica
}

type replica struct {
	at     endpoint
	server *rig.Server
}

func newFleet(i *rig.Installation, at []endpoint) *fleet {
	f := &fleet{installation: i}
	for _, e := range at {
		f.replicas = append(f.replicas, &replica{at: e})
	}
	return f
}

// start starts all replicas.
func (f *fleet) start(ctx context.Context) error {
	for _, r := range f.replicas {
		if err := f.revive(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// revive starts the replica, again and again as an operator's supervisor does:
// without a database it cannot start.
func (f *fleet) revive(ctx context.Context, r *replica) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for before := error(nil); ; {
		server, err := f.installation.Start(ctx,
			"REKEY_SERVER__ADDRESS="+loopback(r.at.port), "REKEY_OPERATIONS__ADDRESS="+loopback(r.at.operations))
		if err == nil {
			r.server = server
			return nil
		}
		if ctx.Err() != nil {
			return errors.Join(err, before) // the last try was cut short
		}
		before = err
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Close kills all replicas.
func (f *fleet) Close() (err error) {
	for _, r := range f.replicas {
		if r.server != nil {
			err = errors.Join(err, r.server.Kill())
		}
	}
	return err
}

// restart restarts one replica after the other by SIGTERM, and waits each time
// until the balancer sends requests to all of them.
func (f *fleet) restart(ctx context.Context, b *balancer) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for n, r := range f.replicas {
		status, err := r.server.Stop()
		if err != nil || status != 0 {
			return fmt.Errorf("replica %s ended with status %d: %w: %s", names[n], status, err, r.server.Tail())
		}
		if err := f.revive(ctx, r); err != nil {
			return err
		}
		if err := b.awaitServers(ctx, len(f.replicas)); err != nil {
			return err
		}
	}
	return nil
}
