package main

import (
	"os/user"

	"github.com/spf13/cobra"

	"rekey/core"
)

func newToken() *cobra.Command {
	command := &cobra.Command{Use: "token", Short: "Issue and revoke reset tokens", Args: cobra.NoArgs, RunE: help}
	command.AddCommand(newTokenIssue(), newTokenRevoke())
	return command
}

func newTokenIssue() *cobra.Command {
	command := &cobra.Command{
		Use:   "issue ACCOUNT",
		Short: "Issue a reset token, and print it",
		Long: `Issue a reset token for the account and print it on standard output. It can't be
shown again. The account's older tokens are dead from now on.`,
		Args: cobra.ExactArgs(1),
	}
	return directoryCommand(command, func(i *installation, tenant core.TenantID, args []string) error {
		token, known, err := i.passwords.IssueToken(command.Context(), tenant, named(args[0]), operator(), byOperator)
		if err != nil {
			return err
		}
		say(command.OutOrStdout(), "%s", token.Reveal())
		say(command.ErrOrStderr(), "valid until %s", when(known.ExpiresAt))
		return nil
	})
}

func newTokenRevoke() *cobra.Command {
	command := &cobra.Command{
		Use:   "revoke ACCOUNT",
		Short: "Revoke the account's reset tokens",
		Args:  cobra.ExactArgs(1),
	}
	return directoryCommand(command, func(i *installation, tenant core.TenantID, args []string) error {
		n, err := i.passwords.RevokeTokens(command.Context(), tenant, named(args[0]), operator(), byOperator)
		if err != nil {
			return err
		}
		say(command.OutOrStdout(), "%d revoked", n)
		return nil
	})
}

// operator names who runs the command, for the audit trail.
func operator() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "operator"
}
