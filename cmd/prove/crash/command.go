package crash

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/spf13/cobra"
)

// New returns the command of this harness.
func New() *cobra.Command {
	o := Options{}
	var store string
	var asJSON bool
	command := &cobra.Command{
		Use:   "crash",
		Short: "Kill rekey and its database under load, and hold every acknowledgement",
		Long: `Kill rekey by SIGKILL at random moments, while clients change passwords through
all three dialects, and PostgreSQL as well; start them again on the same
database, and check after every kill that each acknowledged change holds, that
none without an answer is half done, and that no token or old password works
again. Exit with 1 and the details if a promise is broken.`,
		Args: cobra.NoArgs,
	}
	flags := command.Flags()
	flags.DurationVar(&o.For, "for", time.Minute, "how long to go on, with each store")
	flags.IntVar(&o.Clients, "clients", 8, "how many clients change passwords at once")
	flags.StringVar(&store, "store", "both", "`sqlite`, postgres or both")
	flags.Uint64Var(&o.Seed, "seed", 0, "chooses what is random; 0 for another one each time")
	flags.BoolVar(&asJSON, "json", false, "print the figures as JSON, a line for each store")
	command.RunE = func(command *cobra.Command, _ []string) error {
		o.Progress = command.ErrOrStderr()
		stores := map[string][]Store{"both": {SQLite, Postgres}, "sqlite": {SQLite}, "postgres": {Postgres}}[store]
		if len(stores) == 0 || o.Clients < 1 {
			return errors.New("choose sqlite, postgres or both, and at least one client")
		}
		for o.Seed == 0 {
			o.Seed = uint64(rand.Uint32()) //nolint:gosec // nothing here is secret
		}
		return each(command.Context(), o, stores, func(f Figures) error {
			if asJSON {
				return json.NewEncoder(command.OutOrStdout()).Encode(f)
			}
			f.Write(command.OutOrStdout())
			return nil
		})
	}
	return command
}

// errBroken says that a promise was broken; the figures say which.
var errBroken = errors.New("a promise was broken")

// each runs with each store and prints its figures.
func each(ctx context.Context, o Options, stores []Store, show func(Figures) error) error {
	for _, store := range stores {
		o.Store = store
		figures, err := Run(ctx, o)
		if err != nil {
			return fmt.Errorf("%s: %w", store, err)
		}
		if err := show(figures); err != nil {
			return err
		}
		if len(figures.Violations) > 0 {
			return errBroken
		}
	}
	return nil
}
