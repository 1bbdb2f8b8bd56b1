package faults

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rekey/cmd/prove/rig"
	"rekey/store/pgtest/cluster"
)

// New returns the command.
func New() *cobra.Command {
	scale := Scale{Accounts: 96, Clients: 4}
	var only string
	var asJSON bool
	command := &cobra.Command{
		Use:   "faults",
		Short: "Break the database and the disk under load, and heal them again",
		Long: `Break the database and the disk under load in all three dialects, one fault at a
time, and heal them again: full and read-only disks, a database that is moved,
locked, stopped, killed, demoted, slow or silent, and connections that are cut in
the middle of a commit. Small disks and immutable files need root, on Linux.`,
		Args: cobra.NoArgs,
	}
	command.Flags().DurationVar(&scale.Hold, "for", 5*time.Second, "how long each fault lasts")
	command.Flags().StringVar(&only, "only", "", "only faults whose names contain this `text`")
	command.Flags().BoolVar(&asJSON, "json", false, "print a line of JSON for each fault")
	command.RunE = func(*cobra.Command, []string) error {
		return run(command.Context(), command.OutOrStdout(), scale, only, asJSON)
	}
	return command
}

func run(ctx context.Context, out io.Writer, scale Scale, only string, asJSON bool) (err error) {
	r, err := rig.New(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	tried, total := 0, Result{Fault: "total"}
	var broken []string
	for _, f := range All() {
		if !strings.Contains(f.Name, only) {
			continue
		}
		result, err := attempt(ctx, r, f, scale)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		if asJSON {
			err = result.printJSON(out)
		} else {
			result.print(out)
		}
		if err != nil {
			return err
		}
		if len(result.Problems()) > 0 {
			broken = append(broken, f.Name)
		}
		if result.LeftOut == "" {
			tried++
		}
		total.add(result)
	}
	if !asJSON {
		_, _ = fmt.Fprintf(out, "%d faults: %d changes acknowledged, %d answered 503, lost %d, half done %d, doubled %d, malformed %d, unanswered %d; longest until served again %v\n",
			tried, total.Acknowledged, total.RefusedDuring, total.Lost, total.HalfDone, total.Doubled, total.Malformed, total.Unanswered, ms(total.ServesAfter))
	}
	switch {
	case len(broken) > 0:
		return errors.New("promises were broken under: " + strings.Join(broken, ", "))
	case tried == 0:
		return errors.New("no fault was tried")
	}
	return nil
}

// attempt tries a fault, or says what the machine lacks for it.
func attempt(ctx context.Context, r *rig.Rig, f Fault, scale Scale) (Result, error) {
	result, err := Try(ctx, r, f, scale)
	if errors.Is(err, ErrPrivilege) || errors.Is(err, cluster.ErrMissing) {
		return Result{Fault: f.Name, LeftOut: err.Error()}, nil
	}
	return result, err
}

func (r *Result) add(o Result) {
	r.Acknowledged += o.Acknowledged
	r.RefusedDuring += o.RefusedDuring
	r.Lost += o.Lost
	r.HalfDone += o.HalfDone
	r.Doubled += o.Doubled
	r.Malformed += o.Malformed
	r.Unanswered += o.Unanswered
	r.ServesAfter = max(r.ServesAfter, o.ServesAfter)
}
