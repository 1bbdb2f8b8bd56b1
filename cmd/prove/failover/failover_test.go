package failover

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"rekey/cmd/prove/rig"
	"rekey/core/leftout"
	"rekey/store/pgtest/cluster"
)

// The short form: a killed replica, a rolling restart, a killed primary.
func TestAcknowledgedChangesSurviveKillsRestartsAndAFailover(t *testing.T) {
	f, err := run(t.Context(), options{Clients: 6, Accounts: 24, Seed: uint64(time.Now().UnixNano()), Progress: t.Output()})
	switch {
	case errors.Is(err, errNoBalancer):
		leftout.Skip(t, "HAProxy (Debian: apt-get install haproxy)")
	case errors.Is(err, cluster.ErrMissing) && os.Getenv("REKEY_TEST_REQUIRE_POSTGRES") != "1":
		leftout.Skip(t, "PostgreSQL (Debian: apt-get install postgresql)")
	case f == nil:
		t.Fatal(err)
	}
	t.Log(f.text())
	if err != nil || f.Kills != 1 || f.Rolled != 1 || len(f.Failovers) != 1 || f.Inspections != 2 {
		t.Errorf("got %v", err)
	}
	if f.Rolling.Acknowledged == 0 || f.Answers.Acknowledged <= f.Rolling.Acknowledged {
		t.Errorf("got %d changes, %d of them during the rolling restart, want some of each", f.Answers.Acknowledged, f.Rolling.Acknowledged)
	}
}

func TestAnythingBrokenFailsTheProof(t *testing.T) {
	for name, spoil := range map[string]func(*figures){
		"a lost change":          func(f *figures) { f.enter(rig.Violation{Kind: rig.Lost}) },
		"no answer":              func(f *figures) { f.Answers.Unanswered = 1 },
		"a cut while restarting": func(f *figures) { f.RollingCut = 1 },
		"a refusal meanwhile":    func(f *figures) { f.Rolling.TurnedAway = 1 },
		"another address":        func(f *figures) { f.AddressesBroken = 1 },
		"no load":                func(f *figures) { f.Answers.Acknowledged = 0 },
		"nothing":                func(*figures) {},
	} {
		f := newFigures(options{})
		f.Answers.Acknowledged = 1
		spoil(f)
		f.judge()
		var text, asJSON bytes.Buffer
		if err := errors.Join(f.write(&text, false), f.write(&asJSON, true)); err != nil {
			t.Fatal(err)
		}
		var read struct {
			What []string `json:"what_was_broken"`
		}
		if err := json.Unmarshal(asJSON.Bytes(), &read); err != nil {
			t.Fatal(err)
		}
		broken := name != "nothing"
		if got := errors.Is(f.broken(), errBroken); got != broken || len(read.What) > 0 != broken || strings.Contains(text.String(), "BROKEN") != broken {
			t.Errorf("%s: got %v, %s", name, got, text.String())
		}
	}
}
