package faults_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"rekey/cmd/prove/faults"
	"rekey/cmd/prove/rig"
	"rekey/core/leftout"
	"rekey/store/pgtest/cluster"
)

// TestFaultsLoseNothing is the short form of go run ./cmd/prove faults.
func TestFaultsLoseNothing(t *testing.T) {
	r, err := rig.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, f := range faults.All() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			result, err := faults.Try(t.Context(), r, f, faults.Scale{Accounts: 18, Clients: 1, Hold: 500 * time.Millisecond})
			switch {
			case errors.Is(err, faults.ErrPrivilege):
				leftout.Excuse(t, "a privilege: "+err.Error())
			case errors.Is(err, cluster.ErrMissing) && os.Getenv("REKEY_TEST_REQUIRE_POSTGRES") != "1":
				leftout.Skip(t, "PostgreSQL (Debian: apt-get install postgresql)")
			case err != nil:
				t.Fatal(err)
			}
			for _, problem := range result.Problems() {
				t.Error(problem)
			}
			if result.Acknowledged == 0 {
				t.Error("nothing was acknowledged")
			}
			t.Logf("%+v", result)
		})
	}
}
