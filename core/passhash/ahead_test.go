package passhash_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"rekey/core"
	"rekey/core/passhash"
)

// slow returns a pool of so many workers, whose derivations take some 10 ms.
func slow(t *testing.T, workers, queue int) *passhash.Pool {
	t.Helper()
	config := passhash.ForTests()
	config.Argon2id.Memory, config.Workers, config.Queue = 16<<10, workers, queue
	return newPool(t, config)
}

func TestAHashIsMadeAheadWhereTwoWorkersAreIdle(t *testing.T) {
	pool := slow(t, 2, 0)
	wait := pool.HashAhead(t.Context(), ada)
	if wait == nil {
		t.Fatal("nothing was begun")
	}
	if pool.HashAhead(t.Context(), ada) != nil {
		t.Error("the last worker was taken")
	}
	if _, err := pool.Verify(t.Context(), ada, ""); err != nil {
		t.Errorf("the worker that is left: %v", err)
	}
	for range 2 {
		text, err := wait()
		if err != nil {
			t.Fatal(err)
		}
		if same, err := pool.Verify(t.Context(), ada, text); !same || err != nil {
			t.Errorf("its hash: %v, %v", same, err)
		}
	}
	if wait = pool.HashAhead(t.Context(), ada); wait == nil {
		t.Error("the worker was not given back")
	} else if _, err := wait(); err != nil {
		t.Error(err)
	}
	if got := pool.Stats(); got.Running != 0 || got.Derived != 5 {
		t.Errorf("got %+v", got)
	}
}

func TestNothingIsMadeAheadOnABusyPool(t *testing.T) {
	if slow(t, 1, 9).HashAhead(t.Context(), ada) != nil {
		t.Error("the only worker was taken")
	}
	pool := slow(t, 3, 9)
	first, second := pool.HashAhead(t.Context(), ada), pool.HashAhead(t.Context(), ada)
	if first == nil || second == nil || pool.HashAhead(t.Context(), ada) != nil {
		t.Error("of three workers not two were taken")
	}
	for _, wait := range []func() (string, error){first, second} {
		if _, err := wait(); err != nil {
			t.Error(err)
		}
	}
}

func TestWhatCannotBeHashedIsNotBegun(t *testing.T) {
	config := under(passhash.Bcrypt)
	config.Workers = 2
	if newPool(t, config).HashAhead(t.Context(), core.NewPassword(strings.Repeat("x", 73))) != nil {
		t.Error("a password that bcrypt would cut was begun")
	}
	config = passhash.ForTests()
	config.Workers = 2
	wait := newPoolFrom(t, config, strings.NewReader("too short")).HashAhead(t.Context(), ada)
	if _, err := wait(); !errors.Is(err, core.Internal) {
		t.Errorf("without randomness: %v", err)
	}
}

// Its caller's end does not cut it short, and takes no worker away.
func TestWhatWasBegunAheadEnds(t *testing.T) {
	pool := slow(t, 2, 0)
	ctx, cancel := context.WithCancel(t.Context())
	wait := pool.HashAhead(ctx, ada)
	cancel()
	if text, err := wait(); text == "" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
}

// bursting is randomness that panics.
type bursting struct{}

func (bursting) Read([]byte) (int, error) { panic("correct horse") }

func TestAPanicAheadIsAFailureAndNoMore(t *testing.T) {
	config := passhash.ForTests()
	config.Workers = 2
	pool := newPoolFrom(t, config, bursting{})
	text, err := pool.HashAhead(t.Context(), ada)()
	if text != "" || !errors.Is(err, core.Internal) || strings.Contains(err.Error(), "horse") {
		t.Errorf("got %q, %v", text, err)
	}
	if got := pool.Stats(); got.Running != 0 {
		t.Errorf("got %+v", got)
	}
	if _, err := pool.Verify(t.Context(), ada, ""); err != nil {
		t.Error(err)
	}
}
