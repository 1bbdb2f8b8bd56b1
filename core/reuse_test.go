package core_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rekey/core"
	"rekey/core/passhash"
)

// password returns the nth of a row of good passwords.
func password(n int) string { return fmt.Sprintf("good passphrase number %d", n) }

// passwords returns the first n.
func passwords(n int) (row []string) {
	for i := range n {
		row = append(row, password(i+1))
	}
	return row
}

// proofs returns a proof of each kind that holds for ada now.
func (w *world) proofs(current string) map[string]core.Proof {
	return map[string]core.Proof{
		"knowledge": knows(current), "possession": core.Possession{Token: w.token()},
		"authority": core.Authority{Admin: admin, Account: ada}, "authority with the password": governs(current),
	}
}

func TestTheLastPasswordsMayNotBeChosenAgain(t *testing.T) {
	for _, c := range []struct{ history, set, refused int }{
		{5, 1, 1}, {5, 2, 2}, {5, 5, 5}, {5, 6, 5}, {5, 9, 5}, {1, 3, 1}, {2, 3, 2}, {24, 9, 9},
	} {
		w := newWorld(t)
		w.History = c.history
		w.account(passwords(c.set)...)
		for name, proof := range w.proofs(password(c.set)) {
			for n := c.set; n > c.set-c.refused; n-- {
				code(t, w.change(proof, password(n)), core.ReusedPassword, name, c, n)
			}
		}
		proof := knows(password(c.set))
		code(t, w.change(proof, strings.ToUpper(password(c.set))), "", c, "another spelling")
	}
}

func TestAnOlderPasswordIsForgotten(t *testing.T) {
	for _, kind := range []string{"knowledge", "possession", "authority", "authority with the password"} {
		w := newWorld(t)
		w.account(passwords(6)...)
		proof := w.proofs(password(6))[kind]
		code(t, w.change(proof, password(2)), core.ReusedPassword, kind, "the fifth back")
		code(t, w.change(proof, password(1)), "", kind, "the sixth back")
		if !w.has(password(1)) {
			t.Errorf("%s: the password is not changed", kind)
		}
	}
}

func TestWithoutHistoryOnlyThePresentPasswordInHandIsRefused(t *testing.T) {
	for kind, want := range map[string]core.Code{
		"knowledge": core.ReusedPassword, "authority with the password": core.ReusedPassword, "possession": "", "authority": "",
	} {
		w := newWorld(t)
		w.History = 0
		w.account(passwords(3)...)
		code(t, w.change(w.proofs(password(3))[kind], password(3)), want, kind)
		current := w.read(acme, ada)
		if len(current.History) != 0 {
			t.Errorf("%s: %d entries are kept", kind, len(current.History))
		}
		code(t, w.change(w.proofs(password(3))[kind], password(2)), "", kind)
	}
}

func TestHistoryMayBeSwitchedAndResized(t *testing.T) {
	w := newWorld(t)
	w.account(passwords(6)...)
	proof := core.Authority{Admin: admin, Account: ada}

	w.History = 2 // the store still holds five
	code(t, w.change(proof, password(5)), core.ReusedPassword, "within two")
	code(t, w.change(proof, password(4)), "", "the third back")

	w.History = 5 // two are left
	code(t, w.change(proof, password(6)), core.ReusedPassword)
	code(t, w.change(proof, password(5)), "")

	w.History = 0
	code(t, w.change(proof, password(5)), "")
	if n := len(w.read(acme, ada).History); n != 0 {
		t.Errorf("%d entries are kept after switching history off", n)
	}
	w.History = 5 // the present one is not in the history
	code(t, w.change(proof, password(5)), core.ReusedPassword, "the present one")
	code(t, w.change(proof, password(4)), "")
	code(t, w.change(proof, password(4)), core.ReusedPassword)
}

// A deployment raises the cost: older entries are still found.
func TestHistoryOutlivesAChangeOfCost(t *testing.T) {
	w := newWorld(t)
	w.account(password(1))
	proof := core.Authority{Admin: admin, Account: ada}
	for n := range 2 {
		config := passhash.ForTests()
		config.Argon2id.Memory *= n + 2
		w.hasher.Hasher = newPool(t, config, w.random)
		code(t, w.change(proof, password(n+2)), "")
	}
	for n := range 3 {
		code(t, w.change(proof, password(n+1)), core.ReusedPassword, n+1)
	}
	var settings []string
	for _, h := range w.read(acme, ada).History {
		settings = append(settings, h.Hash[:30])
	}
	slices.Sort(settings)
	if n := len(slices.Compact(settings)); n != 3 {
		t.Fatalf("the history has %d settings, want 3", n)
	}
	if n := w.hasher.count(func() { code(t, w.change(proof, fresh), "") }); n != 4 {
		t.Errorf("got %d derivations, want one for each setting and one to hash", n)
	}
}

// A pepper is added and its key rotated, while older entries are still found. Once
// they have aged out, the history costs one derivation again.
func TestHistoryOutlivesTheRotationOfAPepper(t *testing.T) {
	w := newWorld(t)
	w.History = 2
	w.account(password(1))
	keys := map[string][]byte{"first": make([]byte, passhash.PepperSize), "second": []byte(fresh + fresh)[:passhash.PepperSize]}
	proof := core.Authority{Admin: admin, Account: ada}
	for n, active := range []string{"first", "second"} {
		w.pepper(passhash.Pepper{Active: active, Keys: keys})
		code(t, w.change(proof, password(n+1)), core.ReusedPassword, active)
		code(t, w.change(proof, password(n+2)), "", active)
		code(t, w.change(proof, password(n+1)), core.ReusedPassword, active, "the one before")
	}
	for i, want := range []int{3, 2, 2} {
		if n := w.hasher.count(func() { code(t, w.change(proof, password(10+i)), "") }); n != want {
			t.Errorf("change %d: got %d derivations, want %d", i, n, want)
		}
	}
}

// Whoever has lost a key sets the history to 0 and lets owners reset.
func TestALostPepperFailsClosedUntilAResetWithoutHistory(t *testing.T) {
	w := newWorld(t)
	w.pepper(passhash.Pepper{Active: "lost", Keys: map[string][]byte{"lost": make([]byte, passhash.PepperSize)}})
	w.account(passwords(2)...)
	w.pepper(passhash.Pepper{})
	for name, proof := range w.proofs(password(2)) {
		code(t, w.change(proof, fresh), core.Internal, name)
	}
	code(t, w.change(knows(wrong), fresh), core.Internal, "a wrong password is not told from a right one")
	w.History = 0
	code(t, w.change(core.Possession{Token: w.token()}, fresh), "")
	w.History = 5
	code(t, w.change(knows(fresh), password(3)), "")
}

func (w *world) pepper(p passhash.Pepper) {
	w.t.Helper()
	pool, err := passhash.NewPeppered(passhash.ForTests(), w.random, p)
	if err != nil {
		w.t.Fatal(err)
	}
	w.hasher.Hasher = pool
}

func TestTheHistorySaltIsTheHistorysOnly(t *testing.T) {
	w := newWorld(t)
	account := w.account(passwords(3)...)
	for _, h := range account.History {
		if h.Hash == account.Verifier || h.Hash[:len(h.Hash)-44] != account.History[0].Hash[:len(h.Hash)-44] {
			t.Errorf("entry %s beside verifier %s", h.Hash, account.Verifier)
		}
	}
	if len(account.HistorySalt) != 16 || len(account.History) != 3 || !account.History[0].SetAt.Equal(account.PasswordChangedAt) {
		t.Errorf("got %d bytes of salt, %d entries", len(account.HistorySalt), len(account.History))
	}
}
