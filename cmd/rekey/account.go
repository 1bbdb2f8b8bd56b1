package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"rekey/config"
	"rekey/core"
	"rekey/core/seal"
)

// byOperator is the origin of what is done from the command line.
var byOperator = core.Origin{Dialect: "cli"}

func newAccount() *cobra.Command {
	command := &cobra.Command{Use: "account", Short: "Add, show and change accounts", Args: cobra.NoArgs, RunE: help}
	command.AddCommand(newAccountAdd(), newAccountList(), newAccountShow(),
		newAccountStanding("disable", "Refuse the account and end its sessions and reset tokens", true),
		newAccountStanding("enable", "Let a disabled account change its password again", false),
		newAccountUnlock(), newAccountSetID(), newAccountOTP())
	return command
}

// directoryCommand finishes a command on one tenant's accounts: its flags, and
// the installation that work runs on.
func directoryCommand(command *cobra.Command, work func(*installation, core.TenantID, []string) error) *cobra.Command {
	tenant := command.Flags().StringP("tenant", "t", "", "the `tenant` of the account")
	_ = command.MarkFlagRequired("tenant")
	return configured(command, func(cfg config.Config, args []string) error {
		i, err := install(command.Context(), cfg, command.ErrOrStderr())
		if err != nil {
			return err
		}
		defer func() { _ = i.Close() }()
		return work(i, core.TenantID(*tenant), args)
	})
}

// named returns the account that an operator means: its id, or a username or
// e-mail address.
func named(arg string) core.Locator {
	if uuid.Validate(arg) == nil {
		return core.Locator{ID: core.AccountID(arg)}
	}
	return core.Locator{Login: arg}
}

func newAccountAdd() *cobra.Command {
	var fresh core.NewAccount
	var noPassword bool
	command := &cobra.Command{
		Use:   "add",
		Short: "Add an account",
		Long: `Add an account. Its password is asked for twice on a terminal, or read from the
first line of standard input; it never stands in the arguments, where other
users of the machine could see it.`,
		Example: `  rekey account add -t acme --username ada --email ada@acme.example --id zap=43af9a8989ffb63cc9cdd053`,
		Args:    cobra.NoArgs,
	}
	flags := command.Flags()
	flags.StringVar(&fresh.Username, "username", "", "the `name` to log in with")
	flags.StringVar(&fresh.Email, "email", "", "the e-mail `address`")
	flags.StringVar(&fresh.Name, "name", "", "the `name` to display")
	flags.StringToStringVar(&fresh.ExternalIDs, "id", nil, "what a dialect calls the account, as `dialect=id`; may be repeated")
	flags.StringToStringVar(&fresh.Attributes, "attribute", nil, "what a dialect tells of the account, as `key=value`, such as unleash.role=editor; may be repeated")
	flags.BoolVar(&noPassword, "no-password", false, "set none; the first one comes by a reset token")
	command.MarkFlagsOneRequired("username", "email")
	return directoryCommand(command, func(i *installation, tenant core.TenantID, _ []string) error {
		fresh.Tenant, fresh.By = tenant, operator()
		if !noPassword {
			password, err := readPassword(command, "Password")
			if err != nil {
				return err
			}
			fresh.Password = &password
		}
		account, err := i.passwords.CreateAccount(command.Context(), fresh, byOperator)
		if err != nil {
			return err
		}
		say(command.OutOrStdout(), "%s", account.ID)
		return nil
	})
}

func newAccountList() *cobra.Command {
	var after string
	var limit int
	command := &cobra.Command{
		Use:   "list",
		Short: "List accounts, in the order they were added",
		Args:  cobra.NoArgs,
	}
	command.Flags().StringVar(&after, "after", "", "begin after the account with this `id`")
	command.Flags().IntVar(&limit, "limit", 100, "list at most this `many`")
	return directoryCommand(command, func(i *installation, tenant core.TenantID, _ []string) error {
		accounts, err := i.passwords.Accounts(command.Context(), tenant, core.AccountID(after), limit)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(command.OutOrStdout(), 0, 0, 2, ' ', 0)
		say(table, "ID\tUSERNAME\tEMAIL\tSTANDING\tPASSWORD CHANGED")
		for _, a := range accounts {
			say(table, "%s\t%s\t%s\t%s\t%s", a.ID, dash(a.Username), dash(a.Email), standing(a), changed(a))
		}
		if err := table.Flush(); err != nil {
			return err
		}
		if len(accounts) == limit && limit > 0 {
			say(command.ErrOrStderr(), "there may be more: --after %s", accounts[limit-1].ID)
		}
		return nil
	})
}

func newAccountShow() *cobra.Command {
	command := &cobra.Command{
		Use:   "show ACCOUNT",
		Short: "Show an account",
		Long:  "Show an account, which is named by its id, its username or its e-mail address.",
		Args:  cobra.ExactArgs(1),
	}
	return directoryCommand(command, func(i *installation, tenant core.TenantID, args []string) error {
		a, err := i.passwords.Account(command.Context(), tenant, named(args[0]))
		if err != nil {
			return err
		}
		return i.show(command, a)
	})
}

func newAccountStanding(use, short string, disabled bool) *cobra.Command {
	command := &cobra.Command{Use: use + " ACCOUNT", Short: short, Args: cobra.ExactArgs(1)}
	return directoryCommand(command, func(i *installation, tenant core.TenantID, args []string) error {
		a, err := i.passwords.SetDisabled(command.Context(), tenant, named(args[0]), disabled, operator(), byOperator)
		if err != nil {
			return err
		}
		return i.show(command, a)
	})
}

func newAccountSetID() *cobra.Command {
	command := &cobra.Command{
		Use:     "set-id ACCOUNT DIALECT=ID",
		Short:   "Set what a dialect calls the account",
		Long:    "Set what a dialect calls the account; with nothing after the = the id is taken away.",
		Example: "  rekey account set-id -t acme ada zap=43af9a8989ffb63cc9cdd053",
		Args:    cobra.ExactArgs(2),
	}
	return directoryCommand(command, func(i *installation, tenant core.TenantID, args []string) error {
		kind, id, ok := strings.Cut(args[1], "=")
		if !ok {
			return problemf("write DIALECT=ID, such as zap=43af9a8989ffb63cc9cdd053")
		}
		a, err := i.passwords.SetExternalID(command.Context(), tenant, named(args[0]), core.Key{Kind: kind, Value: id}, operator(), byOperator)
		if err != nil {
			return err
		}
		return i.show(command, a)
	})
}

// show prints an account, without anything of its password.
func (i *installation) show(command *cobra.Command, a core.Account) error {
	failed, err := i.failures(command, a)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(command.OutOrStdout(), 0, 0, 2, ' ', 0)
	rows := [][2]string{
		{"id", string(a.ID)}, {"tenant", string(a.Tenant)}, {"username", dash(a.Username)}, {"email", dash(a.Email)},
		{"name", dash(a.Name)}, {"standing", standing(a)}, {"password changed", changed(a)},
		{"failed attempts", failed},
		{"one-time codes", factor(a)}, {"tokens valid after", when(a.TokensValidAfter)}, {"added", when(a.CreatedAt)},
	}
	for _, key := range a.Keys() {
		if key.Kind != core.KeyLogin {
			rows = append(rows, [2]string{key.Kind + " id", key.Value})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(a.Attributes)) {
		rows = append(rows, [2]string{key, a.Attributes[key]})
	}
	for _, row := range rows {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", row[0], row[1])
	}
	return table.Flush()
}

func standing(a core.Account) string {
	switch {
	case a.Disabled:
		return "disabled"
	case a.Verifier == "":
		return "no password yet"
	}
	return "enabled"
}

// factor says whether a factor is enrolled, and which key must therefore stay.
func factor(a core.Account) string {
	if a.Factor == nil {
		return "none"
	}
	return "enrolled, sealed under the key " + seal.KeyOf(a.Factor.Sealed)
}

// changed says when the password was set, which is not known of every import.
func changed(a core.Account) string {
	if a.PasswordChangedAt.IsZero() && a.Verifier != "" {
		return "unknown"
	}
	return when(a.PasswordChangedAt)
}

func when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Format(time.RFC3339)
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
