// Package crash kills rekey at random moments under load, and its database,
// starts them again, and holds every account to what its clients were told.
package crash

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"rekey/cmd/prove/rig"
)

// Options say how a run goes.
type Options struct {
	Store    Store
	For      time.Duration // how long to go on killing
	Clients  int           // how many change passwords at once
	Seed     uint64        // chooses what is chosen at random, but no clock obeys it
	Rounds   int           // how often to kill somebody at least
	Progress io.Writer     // told how it goes, every few seconds
}

// accountsEach is how many accounts there are for each client: one that is in
// doubt rests until it is inspected.
const accountsEach = 4

// idle is how long a run goes on beyond its time to have anything to show.
const idle = 5 * time.Minute

// run is a run in progress.
type run struct {
	Options
	*tally
	random       *rand.Rand
	rig          *rig.Rig
	database     *database
	installation *rig.Installation
	ledger       *rig.Ledger
	server       *rig.Server
	rounds       int
}

// enough reports whether the run has anything to show.
func (r *run) enough() bool { return r.rounds >= r.Rounds && r.acknowledged.Load() > 0 }

// Run runs until the time is over or a promise is seen broken, which the
// figures tell. Its error is the harness's own failure.
func Run(ctx context.Context, o Options) (f Figures, err error) {
	r := &run{Options: o, tally: newTally(o), random: rand.New(rand.NewPCG(o.Seed, 0))} //nolint:gosec // nothing here is secret
	defer func() { err = errors.Join(err, r.close()) }()
	if err := r.prepare(ctx); err != nil {
		return f, fmt.Errorf("prepare: %w", err)
	}
	stop := r.start(o.Progress)
	defer stop()
	for end := time.Now().Add(o.For); r.sound() && (time.Now().Before(end) || !r.enough()); {
		if time.Since(end) > idle {
			return r.figures(), errors.New("nothing is acknowledged")
		}
		if err := r.round(ctx); err != nil {
			return r.figures(), fmt.Errorf("round %d: %w", r.rounds, err)
		}
	}
	if r.sound() {
		err = r.final(ctx)
	}
	return r.figures(), err
}

// settings let dead proofs be sent again and again from one address.
var settings = map[string]any{"attempts.enabled": false}

// prepare makes a database, an installation and its accounts.
func (r *run) prepare(ctx context.Context) (err error) {
	if r.rig, err = rig.New(ctx); err != nil {
		return err
	}
	if r.database, err = r.Store.open(); err != nil {
		return err
	}
	if r.installation, err = r.rig.Install(ctx, rig.Options{DSN: r.database.dsn, Settings: settings}); err != nil {
		return err
	}
	directory, err := r.installation.Open(ctx)
	if err != nil {
		return err
	}
	if r.ledger, err = directory.Add(ctx, rig.Acme, accountsEach*r.Clients); err != nil {
		return errors.Join(err, directory.Close())
	}
	if err := directory.Close(); err != nil {
		return err
	}
	r.server, err = r.installation.Start(ctx)
	return err
}

// close ends and removes everything.
func (r *run) close() (err error) {
	if r.server != nil {
		err = r.server.Kill()
	}
	if r.database != nil {
		err = errors.Join(err, r.database.close())
	}
	if r.installation != nil {
		err = errors.Join(err, r.installation.Close())
	}
	if r.rig != nil {
		err = errors.Join(err, r.rig.Close())
	}
	return err
}

// round lets clients work, kills somebody under them, and looks what is left.
func (r *run) round(ctx context.Context) error {
	r.rounds++
	load := r.begin(ctx)
	err := r.disturb(ctx, load)
	load.end()
	if err != nil {
		return err
	}
	return r.check(ctx, rig.Inspection.Touched, sampled)
}

// final looks at every account, and asks for each in every way.
func (r *run) final(ctx context.Context) error {
	return r.check(ctx, rig.Inspection.All, everyone)
}
