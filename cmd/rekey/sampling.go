package main

import (
	"context"
	"log/slog"
	"time"

	"rekey/core"
	"rekey/store"
)

// How often derivations are looked at, and how often what was seen is stored: about
// 2 ms of the database's time every 10 s.
const (
	lookEvery  = time.Second
	storeEvery = 10 * time.Second
	lastStore  = 2 * time.Second // bounds the last time: somebody waits for the process to end
)

// sample begins to store what this replica sees, if a console shows it.
func (g *generation) sample(ctx context.Context) {
	if !g.cfg.Console.Enabled {
		return
	}
	g.sampler.begin()
	g.working.Go(func() { g.sampler.watch(ctx, lookEvery) })
	g.working.Go(func() {
		defer g.sampler.end()
		g.sampler.keep(ctx, storeEvery, g.log)
	})
}

// watch looks at derivations until ctx ends.
func (s *sampler) watch(ctx context.Context, often time.Duration) {
	for s.look(); pause(ctx, often); {
		s.look()
	}
}

// keep stores what is seen until ctx ends, and then once more. It tells of the first
// failure in a row.
func (s *sampler) keep(ctx context.Context, often time.Duration, log *slog.Logger) {
	failed := false
	for pause(ctx, often) {
		err := s.storeWithin(ctx, lookPatience)
		if err != nil && !failed && ctx.Err() == nil {
			log.Warn("samples are not stored; they are kept for an hour", "error", err.Error())
		}
		failed = err != nil
	}
	s.look()
	if err := s.storeWithin(context.WithoutCancel(ctx), lastStore); err != nil {
		log.Warn("the last samples are not stored", "error", err.Error())
	}
}

func (s *sampler) storeWithin(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return s.store(ctx)
}

// seeWaiting notes what a look at the database has found.
func (g *generation) seeWaiting(now time.Time, b store.Backlog, untold []store.DeliveryBacklog) {
	deliveries := core.Pending{}
	for _, of := range untold {
		deliveries.Waiting += of.Waiting
		deliveries.Dead += of.Dead
		deliveries.Lag = max(deliveries.Lag, lagOf(now, of.Oldest))
	}
	g.sampler.see(core.Pending{Waiting: b.Waiting, Dead: b.Dead, Lag: lagOf(now, b.Oldest)}, deliveries)
}

// lagOf returns for how long something has waited; since is zero if nothing does.
func lagOf(now, since time.Time) time.Duration {
	if since.IsZero() {
		return 0
	}
	return max(0, now.Sub(since))
}
