package main

import (
	"runtime"
	"runtime/debug"
	"testing"

	"rekey/config"
	"rekey/core/passhash"
)

func TestTheMemoryLimitFollowsTheDerivations(t *testing.T) {
	outside := func(workers int) int64 {
		return passhash.Config{Workers: workers, Argon2id: passhash.Default().Argon2id}.OutsideHeap()
	}
	for _, c := range []struct {
		workers, limit int
		want           int64
	}{
		{3, 0, 3*19456<<10 + 64<<20 - outside(3)},
		{8, 0, 8*19456<<10 + 64<<20 - outside(8)},
		{8, 300, 300<<20 - outside(8)},
		{64, 100, 32 << 20},
	} {
		cfg := config.Default()
		cfg.Passwords.Hash.Workers, cfg.Server.MemoryLimit = c.workers, c.limit
		if got := heapLimit(cfg); got != c.want {
			t.Errorf("%d workers, limit %d MiB: got %d, want %d", c.workers, c.limit, got, c.want)
		}
	}
}

func TestGOMEMLIMITAndGOGCAreObeyed(t *testing.T) {
	before, percent := debug.SetMemoryLimit(-1), debug.SetGCPercent(100)
	t.Cleanup(func() {
		debug.SetMemoryLimit(before)
		debug.SetGCPercent(percent)
	})
	cfg := config.Default()
	cfg.Server.MemoryLimit = 1000
	t.Setenv("GOMEMLIMIT", "2GiB")
	t.Setenv("GOGC", "80")
	limitMemory(cfg)
	if got := debug.SetGCPercent(100); got != 100 {
		t.Errorf("with GOGC: got %d %%, want 100 as before", got)
	}
	t.Setenv("GOGC", "")
	limitMemory(cfg)
	if got := debug.SetGCPercent(100); got != heapGrowth {
		t.Errorf("without GOGC: got %d %%, want %d", got, heapGrowth)
	}
	if got := debug.SetMemoryLimit(-1); got != before {
		t.Errorf("with GOMEMLIMIT: got %d, want %d as before", got, before)
	}
	t.Setenv("GOMEMLIMIT", "")
	limitMemory(cfg)
	if got, want := debug.SetMemoryLimit(-1), heapLimit(cfg); got != want {
		t.Errorf("without: got %d, want %d", got, want)
	}
}

func TestThereAreThreadsBesideTheDerivations(t *testing.T) {
	before, limit, percent := runtime.GOMAXPROCS(0), debug.SetMemoryLimit(-1), debug.SetGCPercent(100)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		runtime.GOMAXPROCS(before)
		debug.SetMemoryLimit(limit)
	})
	for _, c := range []struct{ workers, wantWorkers, wantThreads int }{
		{0, before, before + 1}, {1, 1, max(before, 2)}, {before + 7, before + 7, before + 8},
	} {
		runtime.GOMAXPROCS(before)
		t.Setenv("GOMAXPROCS", "")
		cfg := config.Default()
		cfg.Passwords.Hash.Workers = c.workers
		if got := tune(cfg, runtime.GOMAXPROCS(0)).Passwords.Hash.Workers; got != c.wantWorkers || runtime.GOMAXPROCS(0) != c.wantThreads {
			t.Errorf("%d workers: got %d and %d threads, want %d and %d", c.workers, got, runtime.GOMAXPROCS(0), c.wantWorkers, c.wantThreads)
		}
		runtime.GOMAXPROCS(before)
		t.Setenv("GOMAXPROCS", "5")
		if tune(cfg, runtime.GOMAXPROCS(0)); runtime.GOMAXPROCS(0) != before {
			t.Errorf("with GOMAXPROCS it is %d, want %d as before", runtime.GOMAXPROCS(0), before)
		}
	}
}
