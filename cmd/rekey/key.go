package main

import (
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rekey/core"
)

func newKey() *cobra.Command {
	command := &cobra.Command{
		Use: "key", Short: "Add, list and revoke the keys of programs that manage a tenant",
		Long: `Add, list and revoke access keys: what programs bear that use the management
API. A key opens one tenant, and there only what its scopes allow.`,
		Args: cobra.NoArgs, RunE: help,
	}
	command.AddCommand(newKeyAdd(), newKeyList(), newKeyRevoke())
	return command
}

func newKeyAdd() *cobra.Command {
	var scopes []string
	var lifetime time.Duration
	command := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a key, and print it",
		Long: `Add a key and print it on standard output. It can't be shown again: only its
digest is kept. The audit trail calls what is done with it key:NAME, so a name is
never given twice, also when its key is revoked.

The scopes are:
  accounts:read       read, list and search accounts
  accounts:write      create, disable, enable and unlock accounts, set their
                      external ids, and end their sessions
  tokens:issue        issue and revoke reset tokens: whoever has one can take over
                      an account
  verify              ask whether a password is an account's
  audit:read          read the audit trail
  webhooks:read       list what webhooks are still to be told
  webhooks:write      try that again
  installation:read   read what all tenants share: the configuration, masked, what
                      the doctor finds, which dialects are served, and how busy
                      it is`,
		Example: `  rekey key add -t acme login-2026 --scope verify
  rekey key add -t acme helpdesk --scope accounts:read,tokens:issue --expires-in 2160h`,
		Args: cobra.ExactArgs(1),
	}
	flags := command.Flags()
	flags.StringSliceVar(&scopes, "scope", nil, "what it may do, as `scope,scope`; may be repeated")
	flags.DurationVar(&lifetime, "expires-in", 0, "how long it lives, such as 2160h; 0 for ever")
	_ = command.MarkFlagRequired("scope")
	_ = command.RegisterFlagCompletionFunc("scope", cobra.FixedCompletions(scopeNames(), cobra.ShellCompDirectiveNoFileComp))
	return directoryCommand(command, func(i *installation, tenant core.TenantID, args []string) error {
		n := core.NewAccessKey{Tenant: tenant, Name: args[0], Lifetime: lifetime}
		for _, scope := range scopes {
			n.Scopes = append(n.Scopes, core.Scope(scope))
		}
		secret, k, err := i.passwords.AddAccessKey(command.Context(), n, operator(), byOperator)
		switch code := core.CodeOf(err); {
		case code == core.Conflict:
			return problemf("a key of this tenant is or was called %s; names are not given again, for the audit trail's sake", args[0])
		case code == core.Invalid:
			return problemf("%s; see --help", keyAdvice[core.AsError(err).Fields[0]])
		case err != nil:
			return err
		}
		say(command.OutOrStdout(), "%s", secret.Reveal())
		say(command.ErrOrStderr(), "it may %s, in tenant %s; it expires: %s", scopeList(k.Scopes), tenant, when(k.ExpiresAt))
		return nil
	})
}

// keyAdvice says what to do about a field of a key that is at fault.
var keyAdvice = map[string]string{
	"tenant":   "name a tenant: lower-case letters, digits, - and _, at most 64",
	"name":     "name the key with lower-case letters, digits, '.', - and _, at most 64",
	"scopes":   "the scopes are " + strings.Join(scopeNames(), ", "),
	"lifetime": "let it live for a duration above 0, or 0 for ever",
}

func scopeNames() (names []string) {
	for _, scope := range core.Scopes() {
		names = append(names, string(scope))
	}
	return names
}

func scopeList(scopes []core.Scope) string {
	var all []string
	for _, scope := range scopes {
		all = append(all, string(scope))
	}
	return strings.Join(all, ",")
}

// keyPage is how many keys are read at once.
const keyPage = 200

func newKeyList() *cobra.Command {
	command := &cobra.Command{
		Use:     "list",
		Short:   "List the keys of a tenant, also those that are revoked",
		Long:    "List the keys of a tenant, also those that are revoked. When one was used last is told to the quarter of an hour.",
		Example: "  rekey key list -t acme",
		Args:    cobra.NoArgs,
	}
	return directoryCommand(command, func(i *installation, tenant core.TenantID, _ []string) error {
		table := tabwriter.NewWriter(command.OutOrStdout(), 0, 0, 2, ' ', 0)
		say(table, "NAME\tSCOPES\tSTANDING\tCREATED\tBY\tEXPIRES\tLAST USED")
		for after, more := "", true; more; {
			keys, err := i.db.AccessKeys(command.Context(), tenant, after, keyPage)
			if err != nil {
				return err
			}
			for _, k := range keys {
				say(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s", k.Name, scopeList(k.Scopes), keyStanding(k, time.Now()),
					when(k.CreatedAt), dash(k.CreatedBy), when(k.ExpiresAt), when(k.LastUsedAt))
				after = k.Name
			}
			more = len(keys) == keyPage
		}
		return table.Flush()
	})
}

func keyStanding(k core.AccessKey, now time.Time) string {
	switch {
	case !k.RevokedAt.IsZero():
		return "revoked " + when(k.RevokedAt)
	case !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		return "expired"
	}
	return "live"
}

func newKeyRevoke() *cobra.Command {
	command := &cobra.Command{
		Use:     "revoke NAME",
		Short:   "Revoke a key: it opens nothing from now on",
		Example: "  rekey key revoke -t acme helpdesk",
		Args:    cobra.ExactArgs(1),
	}
	return directoryCommand(command, func(i *installation, tenant core.TenantID, args []string) error {
		err := i.passwords.RevokeAccessKey(command.Context(), tenant, args[0], operator(), byOperator)
		if core.CodeOf(err) == core.NotFound {
			return problemf("there is no live key %s in this tenant; `rekey key list` shows those there are", args[0])
		}
		if err != nil {
			return err
		}
		say(command.OutOrStdout(), "revoked")
		return nil
	})
}
