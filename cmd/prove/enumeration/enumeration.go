// Package enumeration asks a running rekey the same question about accounts
// that exist, that do not and that may not, many times in random order, and
// tells whether the answers or the time they take can be told apart.
package enumeration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/spf13/cobra"

	"rekey/cmd/prove/rig"
)

// Options say how much is asked.
type Options struct {
	Samples  int // of each situation
	Seed     uint64
	Progress io.Writer
}

// New returns the command.
func New() *cobra.Command {
	o := Options{}
	var asJSON bool
	command := &cobra.Command{
		Use:   "enumeration",
		Short: "Compare how long rekey takes for accounts that exist and that do not",
		Long: `Ask every dialect about accounts that exist, that do not, that are disabled and
that belong to another tenant, one request at a time in random order, and compare
bodies and times. It wants a quiet machine: noise hides what it looks for, and
the report says how small a difference it would have seen.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			o.Progress = command.ErrOrStderr()
			report, err := Run(command.Context(), o)
			if err != nil {
				return err
			}
			if err := report.Print(command.OutOrStdout(), asJSON); err != nil {
				return err
			}
			if told := report.Told(); len(told) > 0 {
				return fmt.Errorf("%d situations can be told apart: %v", len(told), told)
			}
			return nil
		},
	}
	command.Flags().IntVar(&o.Samples, "samples", 300, "ask so often about each situation")
	command.Flags().Uint64Var(&o.Seed, "seed", 1, "of the random order")
	command.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	return command
}

// Run asks, and reports what it saw.
func Run(ctx context.Context, o Options) (report Report, err error) {
	r, err := rig.New(ctx)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	// What a client or a key may fail in all is off: one client asks it all.
	i, err := r.Install(ctx, rig.Options{Settings: map[string]any{
		"attempts.client_every": "0s", "attempts.caller_every": "0s",
		"mail.limits.address_every": "0s", "mail.limits.client_every": "0s",
	}})
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, i.Close()) }()
	w := &world{o: o, dice: rand.New(rand.NewPCG(o.Seed, 0))} //nolint:gosec // an order, no secret
	if err := w.people(ctx, i); err != nil {
		return report, err
	}
	server, err := i.Start(ctx)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, server.Kill()) }()
	client := server.Client(rig.Acme)
	defer client.Close()
	for _, question := range w.questions(client) {
		compared, err := w.ask(ctx, question)
		if err != nil {
			return report, err
		}
		report.Questions = append(report.Questions, compared)
	}
	return report, nil
}

// sample is one answer, and how long it took.
type sample struct {
	answer rig.Answer
	took   time.Duration
}

// ask asks one question about every situation, in random order.
func (w *world) ask(ctx context.Context, q question) (Comparison, error) {
	type turn struct{ situation, n int }
	var order []turn
	for s := range q.situations {
		for n := range w.o.Samples {
			order = append(order, turn{s, n})
		}
	}
	w.dice.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	samples := make([][]sample, len(q.situations))
	for range 3 { // connections, caches, and the collector's first rounds
		q.situations[0].ask(ctx, w.o.Samples)
	}
	shown := time.Now()
	for k, t := range order {
		if err := ctx.Err(); err != nil {
			return Comparison{}, err
		}
		begun := time.Now()
		answer := q.situations[t.situation].ask(ctx, t.n)
		samples[t.situation] = append(samples[t.situation], sample{answer, time.Since(begun)})
		if time.Since(shown) > 5*time.Second {
			shown = time.Now()
			_, _ = fmt.Fprintf(w.o.Progress, "%s: %d of %d\n", q.name, k+1, len(order))
		}
	}
	return compare(q, samples), nil
}
