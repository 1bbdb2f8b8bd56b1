package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rekey/adapters"
	"rekey/config"
	"rekey/core"
)

func newExample() *cobra.Command {
	x := adapters.Example{Token: core.NewToken("RESET_TOKEN")}
	var tenant string
	var ids map[string]string
	command := &cobra.Command{
		Use:   "example DIALECT",
		Short: "Print a curl command that changes a password",
		Long: `Print a curl command that changes a password through a dialect of this
installation, freshly signed with the keys of its configuration: it works for
minutes, not for ever, and whoever sees it can use it.

The passwords in it are placeholders: put the real ones in where it runs.`,
		Args:      cobra.ExactArgs(1),
		ValidArgs: builtinNames(),
	}
	flags := command.Flags()
	flags.StringVarP(&tenant, "tenant", "t", "", "the `tenant` whose credentials sign; any if not given")
	flags.StringVar(&x.BaseURL, "url", "http://127.0.0.1:8080", "where clients reach the server")
	flags.StringVar(&x.Account.Email, "email", "ada@acme.example", "the account's e-mail `address`")
	flags.StringToStringVar(&ids, "id", map[string]string{"zap": "ZAP_USER_ID"}, "what a dialect calls the account, as `dialect=id`")
	return configured(command, func(cfg config.Config, args []string) error {
		x.Now, x.Tenant, x.Account.ExternalIDs = time.Now(), core.TenantID(tenant), ids
		x.BaseURL = strings.TrimSuffix(x.BaseURL, "/")
		x.Current, x.New = core.NewPassword("CURRENT_PASSWORD"), core.NewPassword("NEW_PASSWORD")
		text, err := cfg.Adapters.Example(args[0], x)
		if err != nil {
			return problemf("%v", err)
		}
		say(command.OutOrStdout(), "%s", text)
		return nil
	})
}

// builtinNames returns the names of all dialects.
func builtinNames() []string { return config.Default().Adapters.Names() }
