// Package bars holds rekey to what its hashes alone allow: it runs `rekey bench` in
// the situations that have a bar, over SQLite and PostgreSQL, and prints a table.
package bars

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"rekey/cmd/prove/rig"
	"rekey/cmd/rekey/bench"
	"rekey/store/pgtest/cluster"
)

// New returns the command.
func New() *cobra.Command {
	var stores []string
	var howLong time.Duration
	command := &cobra.Command{
		Use:   "bars",
		Short: "Hold changes to what the hashes alone allow",
		Long: `Run rekey bench in the situations that have a bar, and print a table. The load comes
from the same machine, and a busy one fails: leave it alone meanwhile. Of PostgreSQL
the processor time of the server itself is not counted.`,
		Args: cobra.NoArgs,
	}
	command.Flags().StringSliceVar(&stores, "store", []string{"sqlite", "postgres"}, "the `databases`")
	command.Flags().DurationVar(&howLong, "for", 12*time.Second, "how long each situation is measured")
	command.RunE = func(*cobra.Command, []string) error {
		return run(command.Context(), command.OutOrStdout(), command.ErrOrStderr(), stores, howLong)
	}
	return command
}

func run(ctx context.Context, out, progress io.Writer, stores []string, howLong time.Duration) (err error) {
	r, err := rig.New(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	_, _ = fmt.Fprintf(out, "| situation | figure | bar |")
	for _, store := range stores {
		_, _ = fmt.Fprintf(out, " %s |", store)
	}
	_, _ = fmt.Fprintf(out, "\n|---|---|---|%s\n", slices.Repeat([]byte("---|"), len(stores)))
	missed := 0
	for _, s := range situations() {
		reports, err := s.measure(ctx, r, progress, stores, howLong)
		if err != nil {
			return err
		}
		missed += s.print(out, reports)
	}
	if missed > 0 {
		return fmt.Errorf("%d figures miss their bar", missed)
	}
	return ctx.Err()
}

func (s situation) measure(ctx context.Context, r *rig.Rig, progress io.Writer, stores []string, howLong time.Duration) (reports []bench.Report, err error) {
	for _, store := range stores {
		_, _ = fmt.Fprintf(progress, "%s: %s\n", store, s.name)
		report, err := s.bench(ctx, r, store, howLong)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", store, s.name, err)
		}
		if report.Parts != nil {
			_, _ = fmt.Fprintf(progress, "\tcores: %s; %.2f ms a derivation, %.1f changes/s\n", report.Parts, report.DerivationCPU, report.PerSecond)
		}
		reports = append(reports, report)
	}
	return reports, nil
}

func (s situation) bench(ctx context.Context, r *rig.Rig, store string, howLong time.Duration) (report bench.Report, err error) {
	args := []string{
		"bench", "--json", "--clients", strconv.Itoa(s.clients), "--dialect", s.dialect, "--duration", howLong.String(),
		"--rounds", "3", "--warmup", "1500ms", "--raw", "1200ms", "--rest", "0s",
	}
	if store == "postgres" {
		c, err := cluster.New(cluster.Options{Durable: true})
		if err != nil {
			return report, err
		}
		defer func() { err = errors.Join(err, c.Remove()) }()
		if err := c.Create("bench"); err != nil {
			return report, err
		}
		args = append(args, "--dsn", c.URL("bench", nil))
	}
	command := exec.CommandContext(ctx, r.Binary, args...) //nolint:gosec // the program that was built
	command.Env = os.Environ()
	for _, key := range slices.Sorted(maps.Keys(s.settings)) {
		command.Env = append(command.Env, key+"="+s.settings[key])
	}
	command.Stderr = io.Discard
	text, err := command.Output()
	if err != nil {
		return report, err
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return report, err
	}
	if n := len(report.Failures); n > 0 || report.Unhealthy > 0 {
		return report, fmt.Errorf("failures: %v, and %d probes without an answer", report.Failures, report.Unhealthy)
	}
	return report, nil
}

// print prints the situation's rows, and returns how many figures miss their bars.
func (s situation) print(out io.Writer, reports []bench.Report) (missed int) {
	for i, b := range s.bars {
		name := s.name
		if i > 0 {
			name = ""
		}
		_, _ = fmt.Fprintf(out, "| %s | %s | %s |", name, b.name, b)
		for _, r := range reports {
			mark := ""
			if !b.holds(r) {
				mark = " ✗"
				missed++
			}
			beside := ""
			if b.most != nil && b.most(r) > 0 {
				beside = fmt.Sprintf(" ("+b.format+")", b.most(r))
			}
			_, _ = fmt.Fprintf(out, " "+b.format+"%s%s |", b.figure(r), beside, mark)
		}
		_, _ = fmt.Fprintln(out)
	}
	return missed
}
