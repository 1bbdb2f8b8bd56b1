package main

import (
	"os"
	"runtime"
	"runtime/debug"

	"rekey/config"
)

// aside is the memory for everything but derivations: the program's own, and
// some thousands of connections.
const aside = 64 << 20

// tune fits the process to its derivations, and returns the configuration with the
// number of workers that was meant.
func tune(cfg config.Config, cores int) config.Config {
	cfg = withWorkers(cfg, cores)
	fit(cfg, cores)
	return cfg
}

// withWorkers returns the configuration with one worker for each core, unless it
// says how many.
func withWorkers(cfg config.Config, cores int) config.Config {
	if cfg.Passwords.Hash.Workers == 0 {
		cfg.Passwords.Hash.Workers = cores
	}
	return cfg
}

// fit fits the process to the derivations of a configuration that says how many
// workers there are.
func fit(cfg config.Config, cores int) {
	limitMemory(cfg)
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(max(cores, cfg.Passwords.Hash.Workers+beside))
	}
}

// beside is how many threads there are beside those that derive. A derivation
// keeps its thread for 10 ms at a time, and all that is short would wait for that:
// with a thread to spare, the kernel lets it go first (the median of a health check
// under load fell from 9 ms to 0.4 ms).
const beside = 1

// limitMemory makes the collector keep the process to server.memory_limit.
// GOMEMLIMIT and GOGC, where they are set, are obeyed instead. The limit is soft: what
// is in use is never refused.
func limitMemory(cfg config.Config) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapLimit(cfg))
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
}

// heapGrowth is by how many percent the heap may grow between two collections. It is
// small, for derivations lie outside of it, so that collecting it twice as often as Go
// would costs next to nothing, and saved 8 MiB of 104 with 512 clients at 50, and one
// or two more at 40.
const heapGrowth = 40

// heapLimit returns the limit of what the collector sees, in bytes: not of what
// derivations take outside of it. The workers are counted.
func heapLimit(cfg config.Config) int64 {
	hash := cfg.Passwords.Hash
	limit := int64(hash.Workers)*int64(hash.Argon2id.Memory)<<10 + aside
	if cfg.Server.MemoryLimit > 0 {
		limit = int64(cfg.Server.MemoryLimit) << 20
	}
	return max(limit-hash.OutsideHeap(), leastHeap)
}

// leastHeap is what the collector is left with, whatever the limit: with less it
// would run all the time.
const leastHeap = 32 << 20
