package crash_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rekey/cmd/prove/crash"
	"rekey/store/pgtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSQLiteLosesNothing(t *testing.T) { survives(t, crash.SQLite) }

func TestPostgresLosesNothing(t *testing.T) {
	pgtest.Binaries(t)
	survives(t, crash.Postgres)
}

// survives is the short form of the harness.
func survives(t *testing.T, store crash.Store) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	var progress bytes.Buffer
	figures, err := crash.Run(t.Context(), crash.Options{Store: store, For: 8 * time.Second, Rounds: 3, Clients: 4, Progress: &progress})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	figures.Write(&text)
	t.Log(text.String())
	if len(figures.Violations) > 0 {
		t.Error("a promise was broken")
	}
	if figures.Kills < 2 || store == crash.Postgres && figures.DatabaseKills == 0 || figures.Acknowledged == 0 || figures.Inspected == 0 || figures.Asked == 0 {
		t.Error("it proved nothing")
	}
}

func TestTheCommandPrintsAndRefuses(t *testing.T) {
	command := crash.New()
	command.SetArgs([]string{"--store", "paper"})
	command.SilenceUsage, command.SilenceErrors = true, true
	if err := command.Execute(); err == nil || !strings.Contains(err.Error(), "sqlite") {
		t.Errorf("got %v", err)
	}
	figures := crash.Figures{Store: crash.SQLite, Lost: 1, Violations: []string{"lost: an account"}}
	var text strings.Builder
	figures.Write(&text)
	if !strings.Contains(text.String(), "lost 1, half done 0") || !strings.Contains(text.String(), "lost: an account") {
		t.Errorf("got %s", text.String())
	}
	line, err := json.Marshal(figures)
	if err != nil || !strings.Contains(string(line), `"lost":1`) {
		t.Errorf("got %s, %v", line, err)
	}
}
