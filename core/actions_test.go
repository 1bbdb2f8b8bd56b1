package core_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rekey/core"
)

func TestActionsAreAllThereAre(t *testing.T) {
	var declared []core.Action
	for _, action := range constants(t, "event.go", "Action") {
		declared = append(declared, core.Action(action))
	}
	if diff := cmp.Diff(declared, core.Actions()); diff != "" {
		t.Errorf("declared, but not listed (-), or listed, but not declared (+):\n%s", diff)
	}
}
