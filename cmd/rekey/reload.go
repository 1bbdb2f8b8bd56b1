package main

import (
	"io"

	"github.com/spf13/cobra"

	"rekey/config"
	"rekey/config/load"
)

func newReload() *cobra.Command {
	var socket string
	command := &cobra.Command{
		Use:   "reload",
		Short: "Let the running server take up its changed configuration",
		Long: `Let the server that runs with this configuration read it again, with the files
that it names, and serve by it from the next request on. Requests under way finish
by the old one. It is taken up whole, or refused whole with every reason, and then
the old one serves on and this command exits with 1.

What cannot change while it runs is refused with its key: addresses, the timeouts of
connections, TLS on or off, the database. SIGHUP does the same; then the log tells.

The environment of the server counts, not that of this command.`,
		Example: "  rekey check -c rekey.yaml --against running   # what would change\n  rekey reload -c rekey.yaml",
		Args:    cobra.NoArgs,
	}
	file := configFlag(command)
	socketFlag(command, &socket)
	command.RunE = func(command *cobra.Command, _ []string) error {
		var became renewal
		if err := consult(command.Context(), socketsOf(socket, *file), "/reload", struct{}{}, &became); err != nil {
			return err
		}
		text, err := became.report()
		_, _ = io.WriteString(command.OutOrStdout(), text)
		return err
	}
	return command
}

func socketFlag(command *cobra.Command, socket *string) {
	command.Flags().StringVar(socket, "socket", "", "the running server's `socket`, if it is not found by --config")
	_ = command.MarkFlagFilename("socket", "sock")
}

// socketsOf returns where the server's socket may be. The configuration need not be
// good for that: a bad one is for the server to refuse.
func socketsOf(socket, file string) []string {
	if socket != "" {
		return []string{socket}
	}
	cfg := config.Default()
	var sources []load.Source
	if file != "" {
		sources = append(sources, load.File(file))
	}
	_ = load.Into(&cfg, load.Options{Sources: sources, Environ: environ(), Prefix: config.EnvPrefix})
	return socketPaths(cfg.Operations.Socket, file)
}
