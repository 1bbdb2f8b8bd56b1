package main

import (
	"log/slog"
	"time"

	"rekey/core"
)

// pruning drops what has served its time. Replicas may do so at once: each drops
// what it finds.
func (g *generation) pruning() core.Pruning {
	return core.Pruning{
		Pruner: g.db, Keep: g.cfg.Retention.Keep(g.cfg.Audit.Sealed()), Now: time.Now,
		Every: 10 * time.Minute, Batch: 500, Pause: 50 * time.Millisecond,
		Report: func(what core.Remnant, dropped int, err error) {
			g.metrics.Pruned(what, dropped)
			kind := slog.String("what", string(what))
			if err != nil {
				g.log.Warn("not pruned", kind, "error", err.Error())
				return
			}
			g.log.Info("pruned", kind, "dropped", dropped)
		},
	}
}
