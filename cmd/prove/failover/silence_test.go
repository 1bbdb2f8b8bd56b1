package failover

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"rekey/cmd/prove/rig"
	"rekey/core/leftout"
	"rekey/store/pgtest/cluster"
)

// The database's machine falls silent: it neither answers nor hangs up.
// Requests end in time and in dialect, and it is found again when it is back.
func TestADatabaseThatFallsSilentCostsNoMoreThanTheRequestTimeout(t *testing.T) {
	const timeout = 8 * time.Second // two rests of a second, and what a loaded machine takes
	w := newWire(t)
	site := silent(t, w, timeout)
	site.atOnce(16, func(answer rig.Answer, _ time.Duration) { // fills the pool
		if answer.Verdict != rig.Acknowledged {
			t.Errorf("before: %v", answer)
		}
	})
	w.Silence()
	site.atOnce(6, func(answer rig.Answer, took time.Duration) {
		if answer.Status != 503 || answer.Fault != "" || took > timeout+3*time.Second {
			t.Errorf("while it is silent: got %v %s after %v, want 503 within %v", answer, answer.Fault, took, timeout)
		}
	})
	w.Speak()
	begun := time.Now()
	for _, e := range site.entries[16:] { // each may still meet a connection that died
		answer := site.change(e)
		if answer.Verdict == rig.Acknowledged {
			t.Logf("a change was made %v after it was back", time.Since(begun))
			return
		}
		if answer.Status != 503 || answer.Fault != "" {
			t.Errorf("when it is back: got %v %s", answer, answer.Fault)
		}
	}
	t.Errorf("it is not found again, in %v", time.Since(begun))
}

// newWire returns the way to a cluster of the test's own.
func newWire(t *testing.T) *cluster.Wire {
	t.Helper()
	c, err := cluster.New(cluster.Options{TCP: true})
	if errors.Is(err, cluster.ErrMissing) && os.Getenv("REKEY_TEST_REQUIRE_POSTGRES") != "1" {
		leftout.Skip(t, "PostgreSQL (Debian: apt-get install postgresql)")
	}
	if err != nil {
		t.Fatal(err)
	}
	w, err := c.Wire()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(w.Close(), c.Remove()); err != nil {
			t.Error(err)
		}
	})
	return w
}

// silentSite is one replica whose database is behind the wire.
type silentSite struct {
	client  *rig.Client
	entries []*rig.Entry
}

func silent(t *testing.T, w *cluster.Wire, timeout time.Duration) *silentSite {
	t.Helper()
	s := &site{}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	s.rig, err = rig.New(t.Context())
	must(err)
	s.installation, err = s.rig.Install(t.Context(), rig.Options{
		DSN:      "postgres://rekey@" + w.Address() + "/postgres",
		Settings: map[string]any{"server.request_timeout": timeout.String(), "store.max_connections": 8},
	})
	must(err)
	d, err := s.installation.Open(t.Context())
	must(err)
	ledger, err := d.Add(t.Context(), rig.Acme, 21)
	must(errors.Join(err, d.Close()))
	server, err := s.installation.Start(t.Context())
	must(err)
	t.Cleanup(func() { _ = server.Kill() })
	client := server.Client(rig.Acme)
	t.Cleanup(client.Close)
	return &silentSite{client, ledger.Entries()}
}

// change asks for the account's change by its password.
func (s *silentSite) change(e *rig.Entry) rig.Answer {
	attempt := rig.Attempt{Via: rig.ByPassword, Account: e.Account, Current: e.Password(), New: rig.NewPassword()}
	answer := s.client.ChangeByPassword(context.Background(), e.Account, attempt.Current, attempt.New)
	e.Settle([]rig.Attempt{attempt}, []rig.Answer{answer})
	return answer
}

// atOnce asks for n accounts' changes at once.
func (s *silentSite) atOnce(n int, judge func(rig.Answer, time.Duration)) {
	var wg sync.WaitGroup
	for _, e := range s.entries[:n] {
		wg.Go(func() {
			begun := time.Now()
			answer := s.change(e)
			judge(answer, time.Since(begun))
		})
	}
	wg.Wait()
}
