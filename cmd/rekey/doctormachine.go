package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"rekey/core"
	"rekey/core/passhash"
)

func lookAtConfiguration(_ context.Context, p *patient) []finding {
	var found []finding
	for _, problem := range p.problems {
		found = append(found, one(trouble, problem.String(), "mend it; `rekey check` shows what is read")...)
	}
	if err := servable(p.cfg); err != nil {
		found = append(found, one(trouble, advice(err), "enable a dialect, or the management API")...)
	}
	if len(found) == 0 {
		served := p.cfg.Adapters.Enabled()
		if p.cfg.Manage.Enabled {
			served = append(served, "the management API")
		}
		return ok("valid; it serves %s", strings.Join(served, ", "))
	}
	return found
}

func lookAtAttempts(_ context.Context, p *patient) []finding {
	if !p.cfg.Attempts.Enabled {
		return one(trouble, "failed attempts are not counted: anybody may guess as often as they like", "set attempts.enabled to true")
	}
	return ok("after %d failures in a row nothing is judged any more for a name", p.cfg.Attempts.Stop)
}

// lookAtHashCost measures one derivation, alone on this machine as far as it is.
func lookAtHashCost(ctx context.Context, p *patient) []finding {
	took, err := oneDerivation(ctx, p.cfg.Passwords.Hash)
	if err != nil {
		return one(trouble, "no hash can be made: "+advice(err), "mend passwords.hash")
	}
	told := fmt.Sprintf("one %s derivation takes %s here, at or above OWASP's floors", p.cfg.Passwords.Hash.Scheme, took.Round(time.Millisecond/10))
	below := false
	p.cfg.Passwords.Hash.Validate(func(string, string) { below = true })
	switch {
	case below:
		return one(trouble, "the cost is below OWASP's floors or out of bounds: stolen hashes are guessed sooner", "see `rekey hash calibrate`")
	case took > time.Second:
		return one(warning, told+": a change takes up to three", "lower the cost, or take a faster machine; see `rekey hash calibrate`")
	}
	return ok("%s", told)
}

func oneDerivation(ctx context.Context, cfg passhash.Config) (time.Duration, error) {
	cfg.Workers = 1
	pool, err := passhash.New(cfg, strings.NewReader(strings.Repeat("salt", 1024)))
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	_, err = pool.Hash(ctx, core.NewPassword("as long as most are"))
	return time.Since(begun), err
}

func lookAtWorkers(_ context.Context, p *patient) []finding {
	cores := runtime.GOMAXPROCS(0)
	workers := withWorkers(p.cfg, cores).Passwords.Hash.Workers
	told := fmt.Sprintf("%d workers on %d cores, and a queue of %d", workers, cores, p.cfg.Passwords.Hash.Queue)
	switch {
	case workers > cores:
		return one(warning, told+": more derivations at once make each slower, and all not faster", "set passwords.hash.workers to 0, which takes one for each core")
	case workers < cores:
		return one(warning, told+": some cores are never used for hashing", "set passwords.hash.workers to 0, unless others need them")
	}
	return ok("%s", told)
}

// lookAtMemory holds what derivations take at most to what there is.
func lookAtMemory(_ context.Context, p *patient) []finding {
	cfg := withWorkers(p.cfg, runtime.GOMAXPROCS(0))
	hash := cfg.Passwords.Hash
	need := int64(hash.Workers)*int64(hash.Argon2id.Memory)<<10 + aside
	limit, whose := memoryOf(os.ReadFile)
	told := fmt.Sprintf("%d workers derive in %d MiB, with %d MiB for all else", hash.Workers, need>>20, aside>>20)
	if limit > 0 {
		told += fmt.Sprintf("; %s gives %d MiB", whose, limit>>20)
	}
	soft := debug.SetMemoryLimit(-1) // GOMEMLIMIT
	if soft == math.MaxInt64 {
		soft = heapLimit(cfg)
	}
	soft += hash.OutsideHeap()
	switch {
	case limit > 0 && need > limit:
		return one(trouble, told+": under load the process is killed", "raise the limit, or lower passwords.hash.workers or argon2id.memory")
	case limit > 0 && soft > limit:
		return one(warning, fmt.Sprintf("%s; the collector keeps to %d MiB only", told, soft>>20), "set GOMEMLIMIT or server.memory_limit below what there is")
	case soft < need:
		return one(warning, fmt.Sprintf("%s; the collector is told to keep to %d MiB and will work without an end", told, soft>>20), "raise GOMEMLIMIT or server.memory_limit")
	case limit > 0 && need*5 > limit*4:
		return one(warning, told+": little is left for connections", "leave a fifth free")
	}
	return ok("%s", told)
}

// memoryOf returns how much memory this process may have, and who says so: its
// control group, or the machine. 0 if nobody tells.
func memoryOf(read func(string) ([]byte, error)) (bytes int64, whose string) {
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := read(file)
		n, wrong := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err == nil && wrong == nil && n < 1<<50 { // version 1 writes "none" as a huge number
			return n, "the control group"
		}
	}
	text, _ := read("/proc/meminfo")
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "MemTotal:" {
			kib, _ := strconv.ParseInt(fields[1], 10, 64)
			return kib << 10, "the machine"
		}
	}
	return 0, ""
}
