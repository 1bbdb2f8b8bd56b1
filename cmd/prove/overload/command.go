package overload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"rekey/cmd/prove/rig"
)

// New returns the command.
func New() *cobra.Command {
	var clients []int
	var idle int
	var howLong time.Duration
	var asJSON bool
	command := &cobra.Command{
		Use:   "overload",
		Short: "Send more changes than can be made",
		Long: `Send more changes than can be made, by more and more clients at once in all three
dialects, to a server with default costs and a SQLite file, on the same machine.
Each number of clients presses a server of its own. Clients that are refused wait
as long as Retry-After says.`,
		Args: cobra.NoArgs,
	}
	command.Flags().IntSliceVar(&clients, "clients", []int{8, 64, 256, 1000}, "`numbers` of clients, one after another")
	command.Flags().IntVar(&idle, "idle", 500, "how many `connections` begin a request and do not go on")
	command.Flags().DurationVar(&howLong, "for", 20*time.Second, "how long each of them presses")
	command.Flags().BoolVar(&asJSON, "json", false, "print a line of JSON for each number")
	command.RunE = func(*cobra.Command, []string) error {
		return run(command.Context(), command.OutOrStdout(), clients, idle, howLong, asJSON)
	}
	return command
}

func run(ctx context.Context, out io.Writer, clients []int, idle int, howLong time.Duration, asJSON bool) (err error) {
	r, err := rig.New(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var most, last float64
	var broken int
	for _, n := range clients {
		level, err := Press(ctx, r, n, idle, howLong)
		if err != nil {
			return fmt.Errorf("%d clients: %w", n, err)
		}
		last = level.PerSecond
		most = max(most, last)
		broken += len(level.Problems())
		if !asJSON {
			level.print(out, most)
		} else if err := json.NewEncoder(out).Encode(level); err != nil {
			return err
		}
	}
	if !asJSON && most > 0 {
		_, _ = fmt.Fprintf(out, "the largest crowd is served at %.0f%% of the best rate; promises broken: %d\n", 100*last/most, broken)
	}
	if broken > 0 {
		return fmt.Errorf("%d promises were broken", broken)
	}
	return ctx.Err()
}
