package main

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"rekey/adapters/metrics"
	"rekey/core"
	"rekey/core/passhash"
	"rekey/store"
)

// How the database is looked at for the metrics: never at a scrape, so that
// nobody who scrapes can load it, and never for long. Ten million accounts are
// counted in some minutes, of which the database works for a part.
const (
	backlogEvery = 15 * time.Second
	countBatch   = 2000
	countPause   = 20 * time.Millisecond
	countAgain   = time.Minute // after a failure
	lookPatience = 5 * time.Second
)

// lookAround keeps the metrics of what lies in the database, until ctx ends.
func (g *generation) lookAround(ctx context.Context) {
	var looking errgroup.Group
	looking.Go(func() error { return g.every(ctx, backlogEvery, "the outbox is not looked at", g.seeBacklog) })
	if often := g.cfg.Telemetry.CountHashesEvery; often > 0 {
		looking.Go(func() error { return g.every(ctx, often, "hashes are not counted", g.countHashes) })
	}
	_ = looking.Wait()
}

// every does it now and then again until ctx ends, and sooner where it failed.
func (g *generation) every(ctx context.Context, often time.Duration, failure string, do func(context.Context) error) error {
	for {
		next := often
		if err := do(ctx); err != nil {
			g.log.DebugContext(ctx, failure, "error", err.Error())
			next = min(often, countAgain)
		}
		if !pause(ctx, next) {
			return nil
		}
	}
}

// pause waits, and reports whether ctx lasts.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (g *generation) seeBacklog(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	now := time.Now()
	b, err := g.db.Backlog(ctx, now)
	if err != nil {
		return err
	}
	g.metrics.Backlog(b.Waiting, b.Dead, b.Oldest)
	untold, err := g.db.DeliveryBacklogs(ctx)
	if err == nil {
		g.metrics.Deliveries(g.deliveries(untold))
		g.seeWaiting(now, b, untold)
	}
	return err
}

// deliveries adds the endpoints that have been told everything.
func (g *generation) deliveries(untold []store.DeliveryBacklog) (all []metrics.Deliveries) {
	there := map[string]bool{}
	for _, b := range untold {
		there[b.Endpoint] = true
		all = append(all, metrics.Deliveries(b))
	}
	for name := range g.cfg.Webhooks.Endpoints {
		if !there[name] {
			all = append(all, metrics.Deliveries{Endpoint: name})
		}
	}
	return all
}

// countHashes goes through all accounts, batch by batch.
func (g *generation) countHashes(ctx context.Context) error {
	counts := map[metrics.HashCount]int{}
	for after := core.AccountID(""); ; {
		settings, next, err := g.hashKinds(ctx, after)
		if err != nil {
			return err
		}
		for setting, n := range settings {
			kind := passhash.KindOf(setting)
			counts[metrics.HashCount{Scheme: kind.Scheme, Cost: kind.Cost, Age: string(g.pool.Age(kind))}] += n
		}
		if after = next; after == "" {
			break
		}
		if !pause(ctx, countPause) {
			return ctx.Err()
		}
	}
	g.metrics.Hashes(kinds(counts), ages())
	return nil
}

func (g *generation) hashKinds(ctx context.Context, after core.AccountID) (map[string]int, core.AccountID, error) {
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	return g.db.HashKinds(ctx, after, countBatch)
}

func kinds(counts map[metrics.HashCount]int) (all []metrics.HashCount) {
	for kind, n := range counts {
		kind.Accounts = n
		all = append(all, kind)
	}
	return all
}

// ages are what hashes may differ in from new ones.
func ages() (all []string) {
	for _, age := range passhash.Ages() {
		all = append(all, string(age))
	}
	return all
}
