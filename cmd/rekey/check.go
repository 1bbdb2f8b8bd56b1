package main

import (
	"context"
	"crypto/rand"
	"io"

	"github.com/spf13/cobra"

	"rekey/config"
	"rekey/config/load"
)

// runningServer stands for the server that is found by --config.
const runningServer = "running"

func newCheck() *cobra.Command {
	var against string
	command := &cobra.Command{
		Use:   "check",
		Short: "Print the effective configuration, or every problem it has",
		Long: `Print the effective configuration as YAML, with every secret masked, or say
every problem that it has and what to do about it, and exit with 1. Neither the
database nor the network is touched.

With --against, print how it differs from that of a server that runs: the one with
the same --config, or the one behind the socket that is named. It says of a secret
only whether it is another one, and what a reload would refuse because it needs a
restart. It exits with 1 if a reload would refuse it.`,
		Example: "  rekey check -c rekey.yaml\n  rekey check -c rekey.yaml --against running\n  rekey check -c new.yaml --against /run/rekey/d4735e3a265e16ee.sock",
		Args:    cobra.NoArgs,
	}
	command.Flags().StringVar(&against, "against", "", "compare with a server: `running`, or its socket")
	file := configFlag(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		cfg, err := loadConfig(config.Default(), *file)
		switch {
		case err != nil:
			return err
		case against == "":
			return load.Print(command.OutOrStdout(), &cfg)
		}
		sockets := []string{against}
		if against == runningServer {
			sockets = socketPaths(cfg.Operations.Socket, *file)
		}
		return printDifferences(command.Context(), command.OutOrStdout(), cfg, sockets)
	}
	return command
}

// printDifferences prints how a configuration differs from the running server's.
func printDifferences(ctx context.Context, w io.Writer, cfg config.Config, sockets []string) error {
	salt := make([]byte, 32)
	_, _ = rand.Read(salt)
	var found []load.Difference
	if err := consult(ctx, sockets, "/compare", comparison{salt, load.Snapshot(&cfg, salt)}, &found); err != nil {
		return err
	}
	for _, line := range lines(found) {
		say(w, "%s", line)
	}
	if len(found) == 0 {
		say(w, "no key differs from what runs")
	}
	return config.NeedRestart(found).Err()
}
