package main

import (
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"rekey/config"
)

func newServe() *cobra.Command {
	command := &cobra.Command{
		Use:   "serve",
		Short: "Serve the dialects that the configuration enables",
		Long: `Serve the dialects that the configuration enables, until SIGINT or SIGTERM.

A SQLite database is brought up to date at the start; for PostgreSQL run
"rekey migrate" first.

At SIGHUP, and when "rekey reload" asks, it reads its configuration again and serves
by it from the next request on, or refuses it whole and serves on by the old one.`,
		Args: cobra.NoArgs,
	}
	file := configFlag(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		hangups := hangups() // before anything takes time: it would end the process
		return runServe(command, hangups, source{
			file:  *file,
			read:  func() (config.Config, error) { return loadConfig(config.Default(), *file) },
			cores: runtime.GOMAXPROCS(0),
		})
	}
	return command
}

func runServe(command *cobra.Command, hangups chan os.Signal, from source) error {
	var err error
	if from.given, err = from.read(); err == nil {
		err = servable(from.given)
	}
	if err != nil {
		return err
	}
	i, err := install(command.Context(), tune(from.given, from.cores), command.ErrOrStderr())
	if err != nil {
		return err
	}
	defer func() { _ = i.Close() }()
	i.source = from
	s, err := newServer(command.Context(), i)
	if err != nil {
		return err
	}
	s.hangups = hangups
	return s.run(command.Context())
}
