package failover

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"rekey/cmd/prove/rig"
)

// campaign is the events of one proof.
type campaign struct {
	*site
	figures *figures
	random  *rand.Rand
}

// events are what a round consists of; each leaves the site whole.
var events = []struct {
	says string
	do   func(*campaign, context.Context) error
}{
	{"a replica is killed", (*campaign).killReplica},
	{"a rolling restart", (*campaign).rollingRestart},
	{"the primary is killed", (*campaign).failOver},
	{"the primary and a replica are killed at once", (*campaign).failOverAndKill},
}

// prove runs rounds of events under load, and returns what was seen, also with
// an error if that was far enough.
func (s *site) prove(ctx context.Context) (*figures, error) {
	c := &campaign{site: s, figures: newFigures(s.options), random: s.generator(0)}
	clients, stop := context.WithCancel(ctx)
	defer stop()
	var group errgroup.Group
	begun := time.Now()
	for n := range s.Clients {
		random := s.generator(uint64(n) + 1)
		group.Go(func() error {
			s.load.run(clients, s.balancer.URL, s.installation.Keys[rig.Acme], random)
			return nil
		})
	}
	err := c.rounds(ctx, begun)
	stop()
	_ = group.Wait() // nothing fails
	c.figures.Seconds = time.Since(begun).Seconds()
	if err != nil {
		return nil, err
	}
	return c.figures, c.conclude(ctx)
}

func (s *site) generator(n uint64) *rand.Rand { return rand.New(rand.NewPCG(s.Seed, n)) } //nolint:gosec // it need not surprise

func (c *campaign) rounds(ctx context.Context, begun time.Time) error {
	for round := 0; round == 0 || time.Since(begun) < c.For; round++ {
		order := c.random.Perm(len(events))
		if c.For == 0 {
			order = []int{0, 1, 2} // the short form
		}
		for _, n := range order {
			if err := rig.Rest(ctx, c.pauseLength()); err != nil {
				return err
			}
			if err := events[n].do(c, ctx); err != nil {
				return fmt.Errorf("%s: %w", events[n].says, err)
			}
		}
	}
	return rig.Rest(ctx, c.pauseLength())
}

func (c *campaign) pauseLength() time.Duration {
	return 300*time.Millisecond + time.Duration(c.random.Int64N(int64(1200*time.Millisecond)))
}

// killReplica kills a replica and starts it again after a moment.
func (c *campaign) killReplica(ctx context.Context) error {
	return c.kill(ctx, c.random.IntN(len(names)), time.Duration(c.random.Int64N(int64(1500*time.Millisecond))))
}

func (c *campaign) kill(ctx context.Context, n int, down time.Duration) error {
	r := c.fleet.replicas[n]
	c.say("replica %s gets SIGKILL, and starts again after %v", names[n], down.Round(time.Millisecond))
	c.figures.Kills++
	if err := errors.Join(r.server.Kill(), rig.Rest(ctx, down), c.fleet.revive(ctx, r)); err != nil {
		return err
	}
	return c.balancer.awaitServers(ctx, len(names))
}

// rollingRestart restarts all replicas, and counts the requests meanwhile.
func (c *campaign) rollingRestart(ctx context.Context) error {
	before, err := c.balancer.cut()
	if err != nil {
		return err
	}
	begun := time.Now()
	seen, err := c.load.during(func() error { return c.fleet.restart(ctx, c.balancer) })
	if err != nil {
		return err
	}
	after, err := c.balancer.cut()
	f := c.figures
	f.Rolled++
	f.RollingCut += after - before + seen.Unanswered
	f.Rolling.add(seen)
	c.say("rolling restart in %v: %d acknowledged, %d cut, %d turned away",
		time.Since(begun).Round(time.Millisecond), seen.Acknowledged, after-before+seen.Unanswered, seen.TurnedAway)
	return err
}

// failOver ends the primary, promotes the standby, and inspects when clients
// have been served by it and the other follows it.
func (c *campaign) failOver(ctx context.Context) error {
	t, err := c.changeover(ctx)
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := c.pair.rebuild(ctx); err != nil {
		return err
	}
	t.Rebuilt = seconds(time.Since(begun))
	c.figures.Failovers = append(c.figures.Failovers, t)
	c.say("failover by %s: promoted in %v, first acknowledgement after %v, standby rebuilt in %v", t.Way, t.Promoted, t.Outage, t.Rebuilt)
	if err := c.balancer.awaitServers(ctx, len(names)); err != nil {
		return err
	}
	return c.inspect(ctx, c.figures, func(i *rig.Inspection, l *rig.Ledger) (rig.Finding, error) { return i.Touched(ctx, l) })
}

// changeover returns when a change was acknowledged that was asked for after
// the primary was gone.
func (c *campaign) changeover(ctx context.Context) (t transition, err error) {
	killed := time.Now()
	if t.Way, err = c.pair.end(c.random); err != nil {
		return t, err
	}
	acknowledged, gone := c.load.await(), time.Now()
	if err := c.pair.promote(); err != nil {
		return t, err
	}
	t.Promoted = seconds(time.Since(gone))
	select {
	case first := <-acknowledged:
		t.Outage = seconds(first.Sub(killed))
		return t, nil
	case <-time.After(time.Minute):
		return t, errors.New("nothing is acknowledged in the minute after the promotion")
	case <-ctx.Done():
		return t, ctx.Err()
	}
}

// failOverAndKill does both at once.
func (c *campaign) failOverAndKill(ctx context.Context) error {
	victim, down := c.random.IntN(len(names)), time.Duration(c.random.Int64N(int64(1500*time.Millisecond)))
	killed := make(chan error, 1)
	go func() { killed <- c.kill(ctx, victim, down) }()
	return errors.Join(c.failOver(ctx), <-killed)
}
