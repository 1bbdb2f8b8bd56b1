// Package storetest says what a [Store] does. Every store runs this one suite;
// [Differential] walks at random where the suite does not.
package storetest

import (
	"slices"
	"testing"

	"rekey/core"
	"rekey/core/audit"
)

// Store is all that a store keeps.
type Store interface {
	core.Store
	core.Factors
	core.Outbox
	core.Deliveries
	core.Throttle
	core.Attempts
	core.Pruner
	core.Intake
	audit.Trail
	core.AccessKeys
	core.Replays
	core.Sessions
	core.Samples
}

// check is one sentence about stores, and its proof.
type check struct {
	says  string
	prove func(w *world)
}

// Run proves every sentence on a store of its own, which open returns empty.
func Run(t *testing.T, open func(t testing.TB) Store) {
	all := slices.Concat(
		aboutAccounts(), aboutImporting(), aboutAmending(), aboutSearching(), aboutTokens(), aboutApply(), aboutFactors(), aboutCodes(), aboutSpending(), aboutEvents(), aboutOutbox(), aboutDeliveries(), aboutThrottle(), aboutAttempts(), aboutPruning(), aboutAccessKeys(), aboutReplays(), aboutSessions(), aboutSamples(), aboutWalls(), aboutRaces(), aboutSharing(), aboutSealing(), aboutTrails(),
	)
	for _, c := range all {
		t.Run(c.says, func(t *testing.T) {
			t.Parallel()
			c.prove(newWorld(t, open(t)))
		})
	}
}

// Share proves what several processes rely on that have one database open.
func Share(t *testing.T, open func(t testing.TB) []Store) {
	for _, c := range aboutSharing() {
		t.Run(c.says, func(t *testing.T) { c.prove(newWorld(t, open(t)...)) })
	}
}
