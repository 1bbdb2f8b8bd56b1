package overload_test

import (
	"testing"
	"time"

	"rekey/cmd/prove/overload"
	"rekey/cmd/prove/rig"
)

// TestACrowdIsRefusedPolitely is the short form of go run ./cmd/prove overload.
// It limits no time: the machine may be busy.
func TestACrowdIsRefusedPolitely(t *testing.T) {
	r, err := rig.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	level, err := overload.Press(t.Context(), r, 240, 300, 6*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range level.Problems() {
		t.Error(problem)
	}
	if level.Refused == 0 {
		t.Error("nothing was refused: it was no overload")
	}
	t.Logf("%+v", level)
}
