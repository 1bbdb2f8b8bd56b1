package main

import (
	"github.com/spf13/cobra"

	"rekey/config"
)

func newServe() *cobra.Command {
	command := &cobra.Command{
		Use:   "serve",
		Short: "Serve the dialects that the configuration enables",
		Long: `Serve the dialects that the configuration enables, until SIGINT or SIGTERM.

A SQLite database is brought up to date at the start; for PostgreSQL run
"rekey migrate" first.`,
		Args: cobra.NoArgs,
	}
	return configured(command, func(cfg config.Config, _ []string) error {
		if len(cfg.Adapters.Enabled()) == 0 {
			return problemf("no dialect is enabled; set adapters.NAME.enabled to true, see config/example.yaml")
		}
		cfg = tune(cfg)
		i, err := install(command.Context(), cfg, command.ErrOrStderr())
		if err != nil {
			return err
		}
		defer func() { _ = i.Close() }()
		s, err := newServer(command.Context(), i)
		if err != nil {
			return err
		}
		return s.run(command.Context())
	})
}
