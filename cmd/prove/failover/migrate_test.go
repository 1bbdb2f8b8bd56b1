package failover

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rekey/cmd/prove/rig"
	"rekey/store/pgtest"
)

// Replicas of a new release start at once: several migrate, each server starts
// or says that it must wait, and every migration is applied once.
func TestReplicasThatStartAtOnceMigrateOnceAndServe(t *testing.T) {
	r, err := rig.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	i, err := r.Install(t.Context(), rig.Options{DSN: pgtest.DSN(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = i.Close() })
	empty := *i // the same, on a database that nobody has migrated
	empty.DSN = pgtest.DSN(t)

	var wg sync.WaitGroup
	var mu sync.Mutex
	var applied []string
	for range 3 {
		wg.Go(func() {
			names := migrate(t, &empty)
			mu.Lock()
			defer mu.Unlock()
			applied = append(applied, names...)
		})
	}
	servers := make([]*rig.Server, 2)
	for n := range servers {
		wg.Go(func() { servers[n] = supervised(t, &empty) })
	}
	wg.Wait()
	if want := migrations(t); !slices.Equal(applied, want) {
		t.Errorf("applied: %v, want %v, each once", applied, want)
	}
	if t.Failed() {
		return
	}
	serves(t, &empty, servers)
}

// migrations returns the names of all there are, in order.
func migrations(t *testing.T) (names []string) {
	entries, err := os.ReadDir("../../../store/migrations/postgres")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// migrate runs rekey migrate, and returns the names of what it applied.
func migrate(t *testing.T, i *rig.Installation) (names []string) {
	command := exec.Command(i.Rig.Binary, "migrate", "--config", i.File)
	command.Env = append(os.Environ(), "REKEY_STORE__DSN="+i.DSN)
	out, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "the database is up to date") {
		t.Errorf("rekey migrate: %v: %s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "applied "); ok {
			names = append(names, name)
		}
	}
	return names
}

// supervised starts a server again and again while it says that the schema is
// too old.
func supervised(t *testing.T, i *rig.Installation) *rig.Server {
	for deadline := time.Now().Add(time.Minute); ; {
		server, err := i.Start(t.Context(), "REKEY_STORE__DSN="+i.DSN)
		if err == nil {
			t.Cleanup(func() { _ = server.Kill() })
			return server
		}
		if !strings.Contains(err.Error(), "older than this program") || time.Now().After(deadline) {
			t.Errorf("rekey serve: %v", err)
			return nil
		}
	}
}

// serves changes a password through each server.
func serves(t *testing.T, i *rig.Installation, servers []*rig.Server) {
	d, err := i.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ledger, err := d.Add(t.Context(), rig.Acme, len(servers))
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	for n, server := range servers {
		client, e := server.Client(rig.Acme), ledger.Entries()[n]
		if answer := client.ChangeByPassword(t.Context(), e.Account, e.Password(), rig.NewPassword()); answer.Verdict != rig.Acknowledged {
			t.Errorf("replica %d: %v", n, answer)
		}
		client.Close()
	}
}
