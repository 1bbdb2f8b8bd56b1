package rig_test

import (
	"os"
	"strings"
	"testing"

	"rekey/cmd/prove/rig"
)

func TestEveryDialectChangesPasswords(t *testing.T) {
	stores(t, func(t *testing.T, o rig.Options) {
		w := newWorld(t, o, 4)
		for _, e := range w.ledger.Entries() {
			for _, via := range rig.Ways() {
				if answer := w.change(e, via); answer.Verdict != rig.Acknowledged {
					t.Errorf("%s: %v", via, answer)
				}
			}
			if e.Changes() != len(rig.Ways()) {
				t.Errorf("got %d changes", e.Changes())
			}
		}
		w.sound()
	})
}

func TestDeadProofsAreRefusedInEachDialect(t *testing.T) {
	w := newWorld(t, rig.Options{}, 1)
	e := w.ledger.Entries()[0]
	old := e.Password()
	if answer := w.change(e, rig.ByToken); answer.Verdict != rig.Acknowledged {
		t.Fatal(answer)
	}
	for via, code := range map[rig.Via]string{rig.ByPassword: "invalid_credentials", rig.ByToken: "InvalidTokenError", rig.ByAdmin: "invalid_credentials"} {
		answer := w.client.Do(t.Context(), rig.Attempt{Via: via, Account: e.Account, Current: old, Token: e.Spent()[0], New: rig.NewPassword()})
		if answer.Verdict != rig.Refused || answer.Code != code || answer.Fault != "" || !answer.Certain() {
			t.Errorf("%s: got %v %q, want %s", via, answer, answer.Fault, code)
		}
	}
	w.sound()
}

func TestATenantsKeysDoNotReachAnother(t *testing.T) {
	w := newWorld(t, rig.Options{}, 1)
	e := w.ledger.Entries()[0]
	stranger := w.Client(rig.Globex)
	t.Cleanup(stranger.Close)
	for _, via := range []rig.Via{rig.ByPassword, rig.ByAdmin} {
		answer := stranger.Do(t.Context(), rig.Attempt{Via: via, Account: e.Account, Current: e.Password(), New: rig.NewPassword()})
		if answer.Code != "invalid_credentials" {
			t.Errorf("%s: got %v", via, answer)
		}
	}
	w.sound()
}

func TestAServerIsKilledAndStartedAgain(t *testing.T) {
	w := newWorld(t, rig.Options{}, 1)
	e := w.ledger.Entries()[0]
	w.change(e, rig.ByPassword)
	if err := w.Kill(); err != nil {
		t.Fatal(err)
	}
	answer := w.client.ChangeByPassword(t.Context(), e.Account, e.Password(), rig.NewPassword())
	if answer.Verdict != rig.Unknown || answer.Certain() {
		t.Errorf("a killed server answers %v", answer)
	}
	w.start()
	if answer := w.change(e, rig.ByAdmin); answer.Verdict != rig.Acknowledged {
		t.Error(answer)
	}
	w.sound()
	if peak, err := w.PeakMemory(); err != nil || peak < 7<<20 || peak > 1<<30 {
		t.Errorf("got a peak of %d bytes, %v", peak, err)
	}
	if status, err := w.Stop(); err != nil || status != 0 || !strings.Contains(w.Tail(), `"stopped"`) {
		t.Errorf("stopped with %d, %v: %s", status, err, w.Tail())
	}
}

func TestAServerThatCannotStartIsAnError(t *testing.T) {
	w := newWorld(t, rig.Options{}, 0)
	if _, err := w.Start(t.Context(), "REKEY_SERVER__ADDRESS=256.0.0.1:1"); err == nil || !strings.Contains(err.Error(), "server.address") {
		t.Errorf("got %v", err)
	}
}

func TestARigLeavesNoFolder(t *testing.T) {
	r, err := rig.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(r.Binary); err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(r.Dir); !os.IsNotExist(err) {
		t.Errorf("%s: %v", r.Dir, err)
	}
}
