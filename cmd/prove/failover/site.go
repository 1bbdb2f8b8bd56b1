package failover

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"rekey/cmd/prove/rig"
)

// site is everything that runs.
type site struct {
	options
	rig          *rig.Rig
	pair         *pair
	installation *rig.Installation
	fleet        *fleet
	balancer     *balancer
	load         *load
	begun        time.Time
}

// settings are what many machines need.
var settings = map[string]any{
	"server.trusted_proxies": []string{"127.0.0.1/32"},
	"server.drain_delay":     "2s", // two cores for everything: checks come late
	"store.max_connections":  8,
}

func newSite(ctx context.Context, o options) (s *site, err error) {
	s = &site{options: o, load: &load{}, begun: time.Now()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if _, err = haproxy(); err != nil {
		return s, err
	}
	if s.rig, err = rig.New(ctx); err != nil {
		return s, err
	}
	if s.pair, err = newPair(ctx); err != nil {
		return s, err
	}
	if s.installation, err = s.rig.Install(ctx, rig.Options{DSN: s.pair.DSN(), Settings: settings}); err != nil {
		return s, err
	}
	if err = s.enrol(ctx); err != nil {
		return s, err
	}
	return s, s.serve(ctx)
}

// enrol adds the accounts, to a ledger for each core that inspects.
func (s *site) enrol(ctx context.Context) error {
	const cores = 2
	d, err := s.installation.Open(ctx)
	if err != nil {
		return err
	}
	for n := range cores {
		ledger, err := d.Add(ctx, rig.Acme, (s.Accounts+n)/cores)
		if err != nil {
			return errors.Join(err, d.Close())
		}
		s.load.ledgers = append(s.load.ledgers, ledger)
	}
	return d.Close()
}

// serve starts the balancer and the replicas.
func (s *site) serve(ctx context.Context) (err error) {
	at := make([]endpoint, len(names))
	for n := range at {
		if at[n], err = newEndpoint(); err != nil {
			return err
		}
	}
	if s.balancer, err = newBalancer(ctx, s.rig.Dir, at); err != nil {
		return err
	}
	s.fleet = newFleet(s.installation, at)
	if err = s.fleet.start(ctx); err != nil {
		return err
	}
	return s.balancer.awaitServers(ctx, len(names))
}

// Close ends everything, in the order in which it depends on each other.
func (s *site) Close() (err error) {
	if s.balancer != nil {
		err = errors.Join(err, s.balancer.Close())
	}
	if s.fleet != nil {
		err = errors.Join(err, s.fleet.Close())
	}
	if s.installation != nil {
		err = errors.Join(err, s.installation.Close())
	}
	if s.pair != nil {
		err = errors.Join(err, s.pair.Close())
	}
	if s.rig != nil {
		err = errors.Join(err, s.rig.Close())
	}
	return err
}

// say tells what happens.
func (s *site) say(format string, args ...any) {
	_, _ = fmt.Fprintf(s.Progress, "%7.1fs  "+format+"\n", append([]any{time.Since(s.begun).Seconds()}, args...)...)
}

// inspect holds the primary's database to the ledgers, with the clients paused
// and nothing of theirs under way.
func (s *site) inspect(ctx context.Context, f *figures, look func(*rig.Inspection, *rig.Ledger) (rig.Finding, error)) error {
	s.load.pause()
	defer s.load.resume()
	begun := time.Now()
	if err := s.settle(ctx); err != nil {
		return err
	}
	d, err := s.installation.Open(ctx)
	if err != nil {
		return err
	}
	findings := make([]rig.Finding, len(s.load.ledgers))
	var group errgroup.Group
	for n, ledger := range s.load.ledgers {
		group.Go(func() (err error) {
			findings[n], err = look(&rig.Inspection{Directory: d}, ledger)
			return err
		})
	}
	if err := errors.Join(group.Wait(), d.Close()); err != nil {
		return err
	}
	var all rig.Finding
	for _, found := range findings {
		f.enter(found.Violations...)
		all.Inspected += found.Inspected
		all.Made += found.Made
		all.Unmade += found.Unmade
	}
	f.Inspections++
	f.Made += all.Made
	f.Unmade += all.Unmade
	s.say("inspected %d accounts in %v: of the changes without an answer %d were made wholly and %d not; broken so far: %d",
		all.Inspected, time.Since(begun).Round(time.Millisecond), all.Made, all.Unmade, len(f.What))
	return nil
}

// settle waits until nothing is under way in the database that was begun
// before now: a transaction outlives the replica that sent it.
func (s *site) settle(ctx context.Context) error {
	const still = `SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'client backend'
		AND pid <> pg_backend_pid() AND state <> 'idle' AND COALESCE(xact_start, query_start) < $1`
	if err := await(ctx, s.pair.primary.URL(database, nil), still, time.Now()); err != nil {
		return fmt.Errorf("something goes on in the database: %w", err)
	}
	return nil
}
