// Package fuzz runs every fuzz target of the module for its share of the time,
// and counts what was tried.
package fuzz

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
)

// options are the command's flags.
type options struct {
	total    time.Duration
	only     string // a regular expression of targets
	packages string
	json     bool
}

// New returns the command.
func New() *cobra.Command {
	o := options{packages: "./..."}
	command := &cobra.Command{
		Use:   "fuzz",
		Short: "Run every fuzz target, and count what was tried",
		Long: `Find all fuzz targets of the module and run each for its share of the time.
What makes one fail is saved below its package's testdata/fuzz, and fails go test
from then on. What was found to be of interest is kept in Go's build cache, so
that the next run goes on from there.`,
		Args: cobra.NoArgs,
	}
	flags := command.Flags()
	flags.DurationVar(&o.total, "for", 10*time.Minute, "fuzz for this long in total")
	flags.StringVar(&o.only, "only", "^Fuzz", "run targets that match this regular expression")
	flags.BoolVar(&o.json, "json", false, "print the figures as JSON")
	command.RunE = func(command *cobra.Command, _ []string) error {
		out, progress := command.OutOrStdout(), command.ErrOrStderr()
		r, err := run(command.Context(), o, progress)
		if err != nil {
			return err
		}
		return r.print(out, o.json)
	}
	return command
}

// errFailed says that a target failed; what failed was printed.
var errFailed = errors.New("a fuzz target failed")

// report is what was seen.
type report struct {
	Targets     int           `json:"targets"`
	Executions  int64         `json:"executions"`
	Interesting int64         `json:"new_interesting"`
	Took        time.Duration `json:"took"`
	Failures    []result      `json:"failures"`
	All         []result      `json:"all"`
}

// run fuzzes all targets, one after the other.
func run(ctx context.Context, o options, progress io.Writer) (report, error) {
	if o.total <= 0 {
		return report{}, errors.New("--for: give a duration above 0, such as 10m")
	}
	targets, err := list(ctx, o.packages, o.only)
	if err != nil {
		return report{}, err
	}
	if len(targets) == 0 {
		return report{}, errors.New("no fuzz target matches " + o.only)
	}
	begin, r := time.Now(), report{Targets: len(targets)}
	parts := 0
	for _, t := range targets {
		parts += t.weight()
	}
	for i, t := range targets {
		share := max(o.total*time.Duration(t.weight())/time.Duration(parts), time.Second)
		_, _ = fmt.Fprintf(progress, "%d of %d: %s for %v\n", i+1, len(targets), t, share.Round(time.Second))
		found, err := t.fuzz(ctx, share, progress)
		if err != nil {
			return r, err
		}
		r.add(found)
	}
	r.Took = time.Since(begin)
	return r, nil
}

func (r *report) add(found result) {
	r.Executions += found.Executions
	r.Interesting += found.Interesting
	r.All = append(r.All, found)
	if found.Failed {
		r.Failures = append(r.Failures, found)
	}
}

// print writes the figures. It fails if a target did.
func (r report) print(out io.Writer, asJSON bool) error {
	if asJSON {
		text, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(out, string(text))
	} else {
		for _, t := range r.All {
			_, _ = fmt.Fprintf(out, "%12d executions %6d new interesting  %s\n", t.Executions, t.Interesting, t.Target)
		}
		for _, t := range r.Failures {
			_, _ = fmt.Fprintf(out, "%s failed: %s\n%s\n", t.Target, t.where(), t.Said)
		}
		_, _ = fmt.Fprintf(out, "fuzz: %d targets, %d executions in %v, %d new interesting inputs, %d failures\n",
			r.Targets, r.Executions, r.Took.Round(time.Second), r.Interesting, len(r.Failures))
	}
	if len(r.Failures) > 0 {
		return errFailed
	}
	return nil
}
