// Package failover proves what many machines promise together: three replicas
// of rekey behind HAProxy, over a PostgreSQL primary with a synchronous
// standby. Replicas are killed and restarted, primaries killed and standbys
// promoted, while clients change passwords in all three dialects through the
// balancer.
package failover

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/spf13/cobra"
)

// options say how long and how hard.
type options struct {
	For      time.Duration // at least one round is run to its end
	Clients  int
	Accounts int
	Seed     uint64
	Progress io.Writer
}

// New returns the command.
func New() *cobra.Command {
	var o options
	var asJSON bool
	command := &cobra.Command{
		Use:   "failover",
		Short: "Kill replicas and primaries behind a load balancer",
		Long: `Kill replicas and primaries behind a load balancer.

Three replicas of rekey serve all dialects behind HAProxy, over a PostgreSQL
primary with a synchronous standby. Round after round, in random order, a
replica is killed, all are restarted one after the other, a primary is killed
and its standby promoted, and both at once. After each round the database is
held to what was acknowledged. It needs haproxy and PostgreSQL's programs.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			o.Progress = command.ErrOrStderr()
			if o.Seed == 0 {
				o.Seed = rand.Uint64() //nolint:gosec // it need not surprise
			}
			f, err := run(command.Context(), o)
			if f != nil {
				err = errors.Join(f.write(command.OutOrStdout(), asJSON), err)
			}
			return err
		},
	}
	flags := command.Flags()
	flags.DurationVar(&o.For, "for", 2*time.Minute, "how long rounds are begun")
	flags.IntVar(&o.Clients, "clients", 12, "clients at once")
	flags.IntVar(&o.Accounts, "accounts", 96, "accounts whose passwords they change")
	flags.Uint64Var(&o.Seed, "seed", 0, "what the order of events is made of; 0 for a random one")
	flags.BoolVar(&asJSON, "json", false, "print the figures as JSON")
	return command
}

// errBroken says that a promise was seen broken; the figures say which.
var errBroken = errors.New("a promise was broken")

// run does the whole proof.
func run(ctx context.Context, o options) (*figures, error) {
	begun := time.Now()
	s, err := newSite(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("set up: %w", err)
	}
	s.say("set up in %v: three replicas behind HAProxy, a primary with a synchronous standby, %d accounts, seed %d",
		time.Since(begun).Round(time.Millisecond), o.Accounts, o.Seed)
	f, err := s.prove(ctx)
	return f, errors.Join(err, s.Close())
}

// write prints the figures, for people or for programs.
func (f *figures) write(w io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(f)
	}
	_, err := io.WriteString(w, f.text())
	return err
}
