package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rekey/config"
	"rekey/store"
)

func newHash() *cobra.Command {
	command := &cobra.Command{Use: "hash", Short: "Count the password hashes, and choose what they cost", Args: cobra.NoArgs, RunE: help}
	command.AddCommand(newHashList(), newHashCalibrate())
	return command
}

func newHashList() *cobra.Command {
	command := &cobra.Command{
		Use:   "list",
		Short: "Count the password hashes by scheme and pepper key",
		Long: `Count the password hashes of all tenants, by scheme and by the pepper key that
they are under: those that verify passwords, and those of the history. A key of
passwords.pepper may be taken away when nothing is counted under it.

It exits with 1 if there are hashes under a key that is not configured: whose
they are can neither sign in nor change their passwords.`,
		Args: cobra.NoArgs,
	}
	return configured(command, func(cfg config.Config, _ []string) error {
		i, err := install(command.Context(), cfg, command.ErrOrStderr())
		if err != nil {
			return err
		}
		defer func() { _ = i.Close() }()
		counts, err := i.db.Hashes(command.Context())
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(command.OutOrStdout(), 0, 0, 2, ' ', 0)
		say(table, "SCHEME\tKEY\tVERIFIERS\tHISTORY")
		for _, c := range counts {
			say(table, "%s\t%s\t%d\t%d", c.Scheme, dash(c.Key), c.Verifiers, c.History)
		}
		if err := table.Flush(); err != nil {
			return err
		}
		if lost := i.lostKeys(counts); len(lost) > 0 {
			return problemf("there are hashes under keys that are not configured; add them to passwords.pepper.keys: %s", strings.Join(lost, ", "))
		}
		return nil
	})
}

// lostKeys returns the ids of keys that hashes are under and nobody configured.
func (i *installation) lostKeys(counts []store.HashCount) []string {
	lost := map[string]bool{}
	for _, c := range counts {
		if _, known := i.cfg.Passwords.Pepper.Keys[c.Key]; c.Key != "" && !known {
			lost[c.Key] = true
		}
	}
	return slices.Sorted(maps.Keys(lost))
}

// countPatience bounds the count at the start, which reads every account.
const countPatience = time.Minute

// warnOfLostKeys says in the log what will fail, before it does.
func (i *installation) warnOfLostKeys(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, countPatience)
	defer cancel()
	counts, err := i.db.Hashes(ctx)
	if err != nil {
		i.log.DebugContext(ctx, "hashes are not counted", "error", err.Error())
		return
	}
	if lost := i.lostKeys(counts); len(lost) > 0 {
		i.log.ErrorContext(ctx, "there are hashes under keys that are not configured: add them to passwords.pepper.keys", "keys", lost)
	}
}
