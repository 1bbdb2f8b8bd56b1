package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"rekey/core"
	"rekey/core/passhash"
)

func newHashCalibrate() *cobra.Command {
	var target time.Duration
	var memory string
	var workers int
	command := &cobra.Command{
		Use:   "calibrate",
		Short: "Measure this machine and print what its hashes may cost",
		Long: `Measure this machine and print the parameters of argon2id that take the target
at most, with all workers at work, within the memory of all workers together: as
much memory as there is, and then as many iterations. OWASP's least parameters are
never undercut; if they take longer, it says so.

Run it on the machine that serves, while it serves nothing else.`,
		Example: "  rekey hash calibrate --target 250ms --memory 256MiB",
		Args:    cobra.NoArgs,
	}
	command.Flags().DurationVar(&target, "target", 100*time.Millisecond, "the `longest` that one derivation may take")
	command.Flags().StringVar(&memory, "memory", "64MiB", "the `most` memory of all derivations together, in MiB or GiB")
	command.Flags().IntVar(&workers, "workers", 0, "how `many` derivations run at once; one for each core if not given")
	command.RunE = func(command *cobra.Command, _ []string) error {
		kib, err := parseMemory(memory)
		if err != nil {
			return err
		}
		if workers == 0 {
			workers = runtime.GOMAXPROCS(0)
		}
		if target <= 0 || workers < 1 {
			return problemf("--target and --workers must be above 0")
		}
		c := calibration{target: target, memory: kib / workers, workers: workers, measure: measureDerivation}
		return c.print(command.Context(), command.OutOrStdout())
	}
	return command
}

// parseMemory reads an amount of memory, and returns it in KiB.
func parseMemory(text string) (int, error) {
	for unit, kib := range map[string]int{"MiB": 1 << 10, "GiB": 1 << 20} {
		if digits, ok := strings.CutSuffix(text, unit); ok {
			if n, err := strconv.Atoi(strings.TrimSpace(digits)); err == nil && n > 0 && n <= 1<<20 {
				return n * kib, nil
			}
		}
	}
	return 0, problemf("--memory: write an amount such as 256MiB or 2GiB")
}

// calibration looks for parameters.
type calibration struct {
	target  time.Duration
	memory  int // of one derivation at most, in KiB
	workers int
	// measure returns how long a derivation takes while all workers derive.
	measure func(ctx context.Context, cost passhash.Argon2Cost, workers int) (time.Duration, error)
}

// chosen is what was found.
type chosen struct {
	passhash.Argon2Cost
	took time.Duration
	note string // what could not be had; "" if nothing
}

// choose takes as much memory as is allowed, and then as many iterations. The
// fewer iterations there are, the more memory there is time for.
func (c calibration) choose(ctx context.Context) (chosen, error) {
	for t, floor := range passhash.Argon2Floors() {
		best, ok, err := c.most(ctx, t+1, floor)
		switch {
		case err != nil:
			return best, err
		case ok:
			return c.more(ctx, best)
		}
	}
	return c.least(ctx)
}

// most looks for the most memory that so many iterations have time for.
func (c calibration) most(ctx context.Context, iterations, floor int) (chosen, bool, error) {
	cost := passhash.Argon2Cost{Memory: min(c.memory, passhash.MaxArgon2Memory), Iterations: iterations, Parallelism: 1}
	for cost.Memory >= floor {
		took, err := c.measure(ctx, cost, c.workers)
		if err != nil || took <= c.target {
			return chosen{Argon2Cost: cost, took: took}, err == nil, err
		}
		if cost.Memory == floor {
			break
		}
		// Time is in proportion to memory; a little less than that is tried.
		cost.Memory = max(floor, int(float64(cost.Memory)*float64(c.target)/float64(took)*0.95))
	}
	return chosen{}, false, nil
}

// more adds iterations while there is time: first as many as should fit, since
// time is in proportion to them.
func (c calibration) more(ctx context.Context, best chosen) (chosen, error) {
	most := min(passhash.MaxArgon2Iterations, passhash.MaxArgon2Work/best.Memory)
	for best.Iterations < most {
		cost := best.Argon2Cost
		cost.Iterations = min(most, max(best.Iterations+1, int(float64(best.Iterations)*float64(c.target)/float64(best.took)*0.95)))
		took, err := c.measure(ctx, cost, c.workers)
		if err != nil || took > c.target {
			return best, err
		}
		best = chosen{Argon2Cost: cost, took: took}
	}
	return best, nil
}

// least takes the least that is ever allowed, where that is too much.
func (c calibration) least(ctx context.Context) (chosen, error) {
	floors := passhash.Argon2Floors()
	best := chosen{Argon2Cost: passhash.Argon2Cost{Memory: floors[len(floors)-1], Iterations: len(floors), Parallelism: 1}}
	for t, floor := range floors {
		if floor <= c.memory {
			best.Memory, best.Iterations = floor, t+1
			break
		}
	}
	took, err := c.measure(ctx, best.Argon2Cost, c.workers)
	best.took = took
	switch {
	case best.Memory > c.memory:
		best.note = fmt.Sprintf("OWASP's least memory is %d KiB for each of %d workers: allow more memory, or fewer workers", best.Memory, c.workers)
	case took > c.target:
		best.note = "OWASP's least takes longer than the target here: a longer one, or a faster machine, is needed"
	}
	return best, err
}

func (c calibration) print(ctx context.Context, w io.Writer) error {
	best, err := c.choose(ctx)
	if err != nil {
		return err
	}
	perSecond := float64(c.workers) / best.took.Seconds()
	say(w, "passwords:\n  hash:\n    workers: %d\n    argon2id:\n      memory: %d\n      iterations: %d\n      parallelism: %d",
		c.workers, best.Memory, best.Iterations, best.Parallelism)
	say(w, "# One derivation takes %s while all %d workers derive, and all take %d MiB at most.",
		best.took.Round(time.Millisecond/10), c.workers, (best.Memory*c.workers+1023)/1024)
	say(w, "# At most %.1f changes a second by an old password and %.1f by a reset token;", perSecond/3, perSecond/2)
	say(w, "# %.1f and %.1f without a history.", perSecond/2, perSecond)
	if best.note != "" {
		say(w, "# %s.", best.note)
	}
	return nil
}

// measureDerivation takes the mean of a second's derivations, of three for each
// worker at least.
func measureDerivation(ctx context.Context, cost passhash.Argon2Cost, workers int) (time.Duration, error) {
	config := passhash.Default()
	config.Argon2id, config.Workers = cost, workers
	pool, err := passhash.New(config, rand.Reader)
	if err != nil {
		return 0, err
	}
	password := core.NewPassword("as long as most are")
	begun, least := time.Now(), 3
	counts := make([]int, workers)
	group, ctx := errgroup.WithContext(ctx)
	for k := range workers {
		group.Go(func() error {
			for counts[k] < least || time.Since(begun) < time.Second {
				if _, err := pool.Hash(ctx, password); err != nil {
					return err
				}
				counts[k]++
			}
			return nil
		})
	}
	err = group.Wait()
	n := 0
	for _, count := range counts {
		n += count
	}
	return time.Since(begun) * time.Duration(workers) / time.Duration(max(1, n)), err
}
