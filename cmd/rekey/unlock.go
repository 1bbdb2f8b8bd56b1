package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"rekey/core"
)

func newAccountUnlock() *cobra.Command {
	command := &cobra.Command{
		Use:   "unlock ACCOUNT",
		Short: "Forget the failed attempts for an account",
		Long: `Forget the failed attempts for an account, so that nothing delays or stops the
next one. A redeemed reset token does the same. Make sure first that whoever asks
owns the account.`,
		Args: cobra.ExactArgs(1),
	}
	return directoryCommand(command, func(i *installation, tenant core.TenantID, args []string) error {
		a, err := i.passwords.Unlock(command.Context(), tenant, named(args[0]), "operator", byOperator)
		if err != nil {
			return err
		}
		return i.show(command, a)
	})
}

// failures says how many attempts in a row failed, and what follows from it.
func (i *installation) failures(command *cobra.Command, a core.Account) (string, error) {
	n, locked, err := i.passwords.Failures(command.Context(), a)
	switch {
	case err != nil:
		return "", err
	case locked:
		return fmt.Sprintf("%d in a row: locked but for known addresses; see rekey account unlock", n), nil
	case n > 0:
		return fmt.Sprintf("%d in a row", n), nil
	}
	return "none", nil
}
