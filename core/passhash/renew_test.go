package passhash_test

import (
	"testing"
	"testing/synctest"

	"rekey/core/passhash"
)

// renewed returns a desk whose pool shares the workers of d's.
func (d *desk) renewed(t *testing.T, workers, queue int) *desk {
	t.Helper()
	config := passhash.ForTests()
	config.Workers, config.Queue = workers, queue
	pool, err := d.pool.Renew(config, d.gate, passhash.Pepper{})
	if err != nil {
		t.Fatal(err)
	}
	return &desk{gate: d.gate, pool: pool, errs: map[int]error{}}
}

func TestARenewedPoolSharesTheWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := newDesk(t, 2, 2)
		fresh := old.renewed(t, 2, 2)
		old.arrive(t.Context(), 0)
		fresh.arrive(t.Context(), 1)
		old.arrive(t.Context(), 2)
		fresh.arrive(t.Context(), 3)
		fresh.want(t, 2, 2, 0)
		old.arrive(t.Context(), 4)
		fresh.arrive(t.Context(), 5)
		fresh.want(t, 2, 2, 2)
		for range 4 {
			old.release()
		}
		old.want(t, 0, 0, 2)
		if old.most != 2 {
			t.Errorf("%d derivations ran at once, want 2", old.most)
		}
	})
}

func TestAPoolThatIsResizedSendsNobodyAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := newDesk(t, 1, 3)
		for caller := range 4 {
			old.arrive(t.Context(), caller)
		}
		larger := old.renewed(t, 3, 1)
		old.want(t, 1, 3, 0) // not yet
		larger.pool.Resize()
		synctest.Wait()
		old.want(t, 3, 1, 0)
		smaller := old.renewed(t, 1, 0)
		smaller.pool.Resize()
		smaller.arrive(t.Context(), 0)
		smaller.want(t, 3, 1, 1) // what runs is not cut short, and what waits waits on
		old.release()
		old.want(t, 2, 1, 1)
		old.release()
		old.want(t, 1, 1, 1)
		smaller.arrive(t.Context(), 1)
		smaller.want(t, 1, 1, 2)
		old.release()
		old.want(t, 1, 0, 2)
		old.release()
		smaller.arrive(t.Context(), 2)
		smaller.want(t, 1, 0, 2)
		smaller.release()
		for caller, err := range old.errs {
			if err != nil {
				t.Errorf("caller %d: %v", caller, err)
			}
		}
	})
}

func TestARenewedPoolHashesByItsOwnConfiguration(t *testing.T) {
	pool := newPool(t, passhash.ForTests())
	stored, err := pool.Hash(t.Context(), ada)
	if err != nil {
		t.Fatal(err)
	}
	config := under(passhash.Bcrypt)
	renewed, err := pool.Renew(config, zeros{}, passhash.Pepper{})
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := renewed.Hash(t.Context(), ada)
	if err != nil || fresh[:4] != "$2a$" {
		t.Errorf("got %s, %v; want a bcrypt hash", fresh, err)
	}
	if ok, err := renewed.Verify(t.Context(), ada, stored); !ok || err != nil {
		t.Errorf("what was hashed before verifies %v, %v", ok, err)
	}
	if again, err := pool.Hash(t.Context(), ada); err != nil || again[:4] == "$2a$" {
		t.Errorf("the old pool makes %s, %v", again, err)
	}
	config.Workers = -1
	if _, err := pool.Renew(config, zeros{}, passhash.Pepper{}); err == nil {
		t.Error("a pool of -1 workers was made")
	}
}

// A reload would keep the old pool's memory beside the new one's otherwise, until the
// collector comes by.
func TestARenewedPoolSharesTheMemoryOfItsSize(t *testing.T) {
	same := passhash.ForTests()
	same.Workers = 2
	old := newPool(t, same)
	for _, c := range []struct {
		workers, memory int
		want            bool
	}{{0, 0, true}, {1, 0, false}, {0, 8, false}} {
		config := same
		config.Workers += c.workers
		config.Argon2id.Memory += c.memory
		renewed, err := old.Renew(config, zeros{}, passhash.Pepper{})
		if err != nil {
			t.Fatal(err)
		}
		if got := renewed.SharesMemory(old); got != c.want {
			t.Errorf("%d workers and %d KiB more: shared %t, want %t", c.workers, c.memory, got, c.want)
		}
	}
}
