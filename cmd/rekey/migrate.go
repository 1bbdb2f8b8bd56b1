package main

import (
	"github.com/spf13/cobra"

	"rekey/config"
	"rekey/store"
)

func newMigrate() *cobra.Command {
	command := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database up to date",
		Long: `Bring the database up to date. Run it before the program's new version starts;
the old one may keep running meanwhile. Several may run at once: one works, the
others wait.`,
		Args: cobra.NoArgs,
	}
	return configured(command, func(cfg config.Config, _ []string) error {
		applied := 0
		err := store.Migrate(command.Context(), store.Options{DSN: cfg.Store.DSN.Reveal()}, func(name string) {
			applied++
			say(command.ErrOrStderr(), "applied %s", name)
		})
		if err != nil {
			return err
		}
		say(command.OutOrStdout(), "the database is up to date; %d migrations applied", applied)
		return nil
	})
}
