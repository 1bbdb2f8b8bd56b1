package faults

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rekey/cmd/prove/rig"
)

const (
	maxConnections = 8
	requestTimeout = 3 * time.Second
	readyPatience  = 60 * time.Second
)

// trial is one fault, tried.
type trial struct {
	rig   *rig.Rig
	fault Fault
	scale Scale

	*stage
	installation *rig.Installation
	server       *rig.Server
	ledger       *rig.Ledger
	load         *load
	watch        *rig.Watch
	result       Result
}

// Scale says how large a trial is.
type Scale struct {
	Accounts int
	Clients  int           // of each dialect
	Hold     time.Duration // how long the fault lasts
}

// Try tries one fault. An error says that the harness could not.
func Try(ctx context.Context, r *rig.Rig, f Fault, scale Scale) (result Result, err error) {
	t := &trial{rig: r, fault: f, scale: scale, result: Result{Fault: f.Name}}
	t.stage, err = newStage(f, scale.Accounts)
	defer func() { err = errors.Join(err, t.strike()) }()
	for _, act := range []func(context.Context) error{t.prepare, t.suffer, t.examine} {
		if err != nil {
			return t.result, err
		}
		err = act(ctx)
	}
	return t.result, err
}

// prepare makes an installation on the stage, with accounts and a server.
func (t *trial) prepare(ctx context.Context) (err error) {
	t.installation, err = t.rig.Install(ctx, rig.Options{DSN: t.dsn, Settings: map[string]any{
		"server.request_timeout": requestTimeout.String(), "store.max_connections": maxConnections,
	}})
	if err != nil {
		return err
	}
	t.atEnd(t.installation.Close)
	directory, err := t.installation.Open(ctx)
	if err != nil {
		return err
	}
	t.ledger, err = directory.Add(ctx, rig.Acme, t.scale.Accounts)
	if err = errors.Join(err, directory.Close()); err != nil {
		return err
	}
	if t.server, err = t.installation.Start(ctx); err == nil {
		t.atEnd(t.server.Kill)
	}
	return err
}

// suffer breaks the database under load and heals it, and waits for what must
// follow. The server is killed in the end: what it had not stored is gone.
func (t *trial) suffer(ctx context.Context) (err error) {
	t.watch = rig.NewWatch(ctx, t.server.Operations)
	defer t.watch.End()
	t.load = newLoad(ctx, t.server.Client(rig.Acme), t.ledger, t.scale.Clients)
	defer t.load.end()
	if !t.load.serves(ctx, time.Now(), readyPatience) {
		return fmt.Errorf("nothing is served before the fault: %s", t.server.Tail())
	}
	if err := t.broken(ctx); err != nil {
		return err
	}
	t.healed(ctx)
	if t.behind != nil {
		if err := t.behind(); err != nil {
			t.complain("afterwards: %v", err)
		}
	}
	t.load.end()
	t.watch.End()
	if t.result.PeakMemory, err = t.server.PeakMemory(); err != nil {
		return err
	}
	return t.server.Kill()
}

// broken is the time of the fault.
func (t *trial) broken(ctx context.Context) error {
	before := t.load.tally()
	begun := time.Now()
	if err := t.harm(); err != nil {
		return fmt.Errorf("break the database: %w", err)
	}
	if t.unready {
		took, ok := t.watch.Await(ctx, false, begun)
		if t.result.UnreadyAfter = took; !ok {
			t.complain("readiness does not tell of the fault")
		}
	}
	_ = rig.Rest(ctx, t.scale.Hold-time.Since(begun))
	for !t.seen(before) && time.Since(begun) < readyPatience && ctx.Err() == nil {
		_ = rig.Rest(ctx, 10*time.Millisecond)
	}
	if t.result.Broken = time.Since(begun); !t.seen(before) {
		t.complain("got %d changes acknowledged and %d refused during the fault", t.result.AcknowledgedDuring, t.result.RefusedDuring)
	}
	return ctx.Err()
}

// seen counts what was answered during the fault, and reports whether it is
// what must be seen.
func (t *trial) seen(before tally) bool {
	now := t.load.tally()
	t.result.AcknowledgedDuring = now.acknowledged - before.acknowledged
	t.result.RefusedDuring = now.unavailable - before.unavailable
	return (t.felt == nil || t.felt()) && (!t.refuses || t.result.RefusedDuring > 0) && (!t.serves || t.result.AcknowledgedDuring > 0)
}

// healed waits until the server is ready again and every dialect serves.
func (t *trial) healed(ctx context.Context) {
	begun := time.Now()
	if err := t.heal(); err != nil {
		t.complain("heal the database: %v", err)
		return
	}
	t.result.HealingTook = time.Since(begun)
	healed := time.Now()
	ready, ok := t.watch.Await(ctx, true, healed)
	if t.result.ReadyAfter = ready; !ok {
		t.complain("it does not get ready again")
	}
	if !t.load.serves(ctx, healed, readyPatience) {
		t.complain("not every dialect serves again")
	}
	t.result.ServesAfter = time.Since(healed)
	_ = rig.Rest(ctx, t.scale.Hold/2)
}

// examine holds the database to the ledger.
func (t *trial) examine(ctx context.Context) error {
	directory, err := t.installation.Open(ctx)
	if err != nil {
		return err
	}
	var finding rig.Finding
	if err = directory.Settled(ctx, time.Now()); err == nil {
		finding, err = rig.Inspection{Directory: directory}.All(ctx, t.ledger)
	}
	if err = errors.Join(err, directory.Close()); err != nil {
		return err
	}
	t.load.report(&t.result)
	t.result.watched(t.watch.Alive())
	t.result.Late = finding.Made
	if t.made != nil {
		if least, most := t.made(t.load.tally().unavailable); finding.Made < least || finding.Made > most {
			t.complain("%d changes that were answered 503 were made, want %d to %d", finding.Made, least, most)
		}
	}
	for _, v := range finding.Violations {
		t.result.violate(v)
	}
	for _, v := range t.load.inconsistent() {
		t.result.violate(v)
	}
	return nil
}

func (t *trial) complain(format string, args ...any) {
	t.result.Complaints = append(t.result.Complaints, fmt.Sprintf(format, args...))
}
