package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"rekey/core"
	"rekey/core/audit"
)

// auditFilter is what the flags say of the events that are wanted.
type auditFilter struct {
	command                  *cobra.Command
	tenant, account, dialect string
	actions, outcomes        []string
	since, until             string
}

// The outcomes that are no codes.
const (
	outcomeDone    = "done"
	outcomeRefused = "refused"
)

func filterFlags(command *cobra.Command) *auditFilter {
	f := &auditFilter{command: command}
	flags := command.Flags()
	flags.StringVarP(&f.tenant, "tenant", "t", "", "only of this `tenant`; empty: of none, as unknown reset tokens are")
	flags.StringVar(&f.account, "account", "", "only about this `account`: its id, username, e-mail address, or DIALECT=ID; all but its id need --tenant")
	flags.StringSliceVar(&f.actions, "action", nil, "only these `actions`, such as password.changed; may be repeated")
	flags.StringSliceVar(&f.outcomes, "outcome", nil, "only these `outcomes`: done, refused, or a code such as wrong_password; may be repeated")
	flags.StringVar(&f.dialect, "dialect", "", "only through this `dialect`; cli is the command line")
	flags.StringVar(&f.since, "since", "", "only since this `time`, such as 24h (ago), 2026-11-21 or 2026-11-21T12:00:00Z")
	flags.StringVar(&f.until, "until", "", "only before this `time`")
	_ = command.RegisterFlagCompletionFunc("action", cobra.FixedCompletions(textsOf(core.Actions()), cobra.ShellCompDirectiveNoFileComp))
	_ = command.RegisterFlagCompletionFunc("outcome", cobra.FixedCompletions(outcomeNames(), cobra.ShellCompDirectiveNoFileComp))
	return f
}

func textsOf[T ~string](values []T) (all []string) {
	for _, v := range values {
		all = append(all, string(v))
	}
	return all
}

func outcomeNames() []string {
	return append([]string{outcomeDone, outcomeRefused}, textsOf(core.Codes())...)
}

// read returns the filter. The account is looked for in the directory.
func (f *auditFilter) read(ctx context.Context, i *installation) (filter audit.Filter, err error) {
	filter.Dialect = f.dialect
	if f.command.Flags().Changed("tenant") {
		tenant := core.TenantID(f.tenant)
		filter.Tenant = &tenant
	}
	if filter.Since, err = moment("since", f.since); err != nil {
		return filter, err
	}
	if filter.Until, err = moment("until", f.until); err != nil {
		return filter, err
	}
	for _, name := range f.actions {
		if !slices.Contains(core.Actions(), core.Action(name)) {
			return filter, problemf("--action: there is no %q; there are %s", name, strings.Join(textsOf(core.Actions()), ", "))
		}
		filter.Actions = append(filter.Actions, core.Action(name))
	}
	for _, name := range f.outcomes {
		codes, err := outcomes(name)
		if err != nil {
			return filter, err
		}
		filter.Outcomes = append(filter.Outcomes, codes...)
	}
	if f.account != "" {
		filter.Account, err = f.find(ctx, i)
	}
	return filter, err
}

func outcomes(name string) ([]core.Code, error) {
	switch {
	case name == outcomeDone:
		return []core.Code{""}, nil
	case name == outcomeRefused:
		return core.Codes(), nil
	case slices.Contains(core.Codes(), core.Code(name)):
		return []core.Code{core.Code(name)}, nil
	}
	return nil, problemf("--outcome: there is no %q; there are %s", name, strings.Join(outcomeNames(), ", "))
}

// find returns the id of the account, which may go by any of its names.
func (f *auditFilter) find(ctx context.Context, i *installation) (core.AccountID, error) {
	if uuid.Validate(f.account) == nil {
		return core.AccountID(f.account), nil // also of an account that there is no more
	}
	if f.tenant == "" {
		return "", problemf("--account: a name is one only within a tenant; add --tenant, or give the account's id")
	}
	id, err := i.db.Find(ctx, core.TenantID(f.tenant), core.Key{Kind: core.KeyLogin, Value: core.Fold(f.account)})
	if dialect, external, ok := strings.Cut(f.account, "="); ok && core.CodeOf(err) == core.NotFound {
		id, err = i.db.Find(ctx, core.TenantID(f.tenant), core.Key{Kind: dialect, Value: external})
	}
	return id, err
}

// moment returns the time that an operator means; the zero time for nothing.
func moment(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil {
		return time.Now().Add(-ago).Truncate(time.Microsecond), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC().Truncate(time.Microsecond), nil
		}
	}
	return time.Time{}, &problem{fmt.Sprintf("--%s: write a time such as 24h (ago), 2026-11-21 or 2026-11-21T12:00:00Z", flag)}
}
