package main

import (
	"github.com/spf13/cobra"

	"rekey/config"
	"rekey/config/load"
)

func newCheck() *cobra.Command {
	command := &cobra.Command{
		Use:   "check",
		Short: "Print the effective configuration, or every problem it has",
		Long: `Print the effective configuration as YAML, with every secret masked, or say
every problem that it has and what to do about it, and exit with 1. Neither the
database nor the network is touched.`,
		Args: cobra.NoArgs,
	}
	return configured(command, func(cfg config.Config, _ []string) error {
		return load.Print(command.OutOrStdout(), &cfg)
	})
}
