// Package storetest says what a [core.Store] does. Every store runs this one
// suite; [Differential] walks at random where the suite does not.
package storetest

import (
	"slices"
	"testing"

	"rekey/core"
)

// check is one sentence about stores, and its proof.
type check struct {
	says  string
	prove func(w *world)
}

// Run proves every sentence on a store of its own, which open returns empty.
func Run(t *testing.T, open func(t testing.TB) core.Store) {
	for _, c := range slices.Concat(aboutAccounts(), aboutAmending(), aboutTokens(), aboutApply(), aboutEvents(), aboutWalls(), aboutRaces()) {
		t.Run(c.says, func(t *testing.T) {
			t.Parallel()
			c.prove(newWorld(t, open(t)))
		})
	}
}
