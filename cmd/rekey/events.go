package main

import (
	"encoding/json"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rekey/config"
	"rekey/core"
)

func newEvents() *cobra.Command {
	command := &cobra.Command{
		Use: "events", Short: "Show what webhooks are still to be told, and try it again", Args: cobra.NoArgs, RunE: help,
	}
	command.AddCommand(newEventsList(), newEventsRetry())
	return command
}

// fates are what --state may say.
var fates = []string{"all", "pending", "dead"}

// selectionFlags are the flags that choose deliveries.
type selectionFlags struct{ endpoint, tenant, state string }

func (f *selectionFlags) add(command *cobra.Command, state string) {
	flags := command.Flags()
	flags.StringVarP(&f.endpoint, "endpoint", "e", "", "only those to the endpoint of this `name`")
	flags.StringVarP(&f.tenant, "tenant", "t", "", "only those about accounts of this `tenant`")
	flags.StringVar(&f.state, "state", state, "all, pending or dead `ones`")
	_ = command.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(fates, cobra.ShellCompDirectiveNoFileComp))
}

func (f *selectionFlags) selection() (core.Selection, error) {
	s := core.Selection{Endpoint: f.endpoint, Tenant: core.TenantID(f.tenant)}
	dead := f.state == "dead"
	switch f.state {
	case "all":
	case "pending", "dead":
		s.Buried = &dead
	default:
		return s, problemf("--state: write all, pending or dead")
	}
	return s, nil
}

func newEventsList() *cobra.Command {
	var which selectionFlags
	var after int64
	var limit int
	var asJSON bool
	command := &cobra.Command{
		Use:   "list",
		Short: "List deliveries that are pending or dead, with the reason",
		Long: `List the deliveries to webhooks that are not done, in the order in which they
were stored. A pending one is tried again when it is due; one that failed for a
day, or was answered 410, is dead, and stays until it is retried or has served
retention.messages. What was delivered is not listed: the audit trail has it.

With --json each is one line of JSON.`,
		Example: `  rekey events list -c rekey.yaml --state dead
  rekey events list -c rekey.yaml --endpoint siem --json`,
		Args: cobra.NoArgs,
	}
	which.add(command, "all")
	command.Flags().Int64Var(&after, "after", 0, "begin after the delivery at this `place`")
	command.Flags().IntVar(&limit, "limit", 100, "list at most this `many`")
	command.Flags().BoolVar(&asJSON, "json", false, "write a line of JSON for each")
	return configured(command, func(cfg config.Config, _ []string) error {
		s, err := which.selection()
		if err != nil {
			return err
		}
		i, err := install(command.Context(), cfg, command.ErrOrStderr())
		if err != nil {
			return err
		}
		defer func() { _ = i.Close() }()
		found, err := i.db.Deliveries(command.Context(), s, after, limit)
		if err != nil {
			return err
		}
		if len(found) == limit && limit > 0 {
			defer say(command.ErrOrStderr(), "there may be more: --after %d", found[limit-1].Place)
		}
		if asJSON {
			return listJSON(command.OutOrStdout(), found)
		}
		return listTable(command.OutOrStdout(), found)
	})
}

func listTable(w io.Writer, found []core.Delivery) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	say(table, "ID\tENDPOINT\tEVENT\tTENANT\tACCOUNT\tSTATE\tTRIES\tDUE\tREASON")
	for _, d := range found {
		l := listedOf(d)
		due := when(d.Due)
		if !d.BuriedAt.IsZero() {
			due = "-"
		}
		say(table, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s", l.ID, l.Endpoint, dash(l.Event), l.Tenant, dash(l.Account), l.State, l.Tries, due, dash(l.Reason))
	}
	return table.Flush()
}

// listed is a delivery as it is written in JSON.
type listed struct {
	Place    int64      `json:"place"`
	ID       string     `json:"id"`
	Endpoint string     `json:"endpoint"`
	Event    string     `json:"event,omitempty"`
	EventID  string     `json:"event_id,omitempty"`
	Tenant   string     `json:"tenant"`
	Account  string     `json:"account_id,omitempty"`
	State    string     `json:"state"`
	Tries    int        `json:"tries"`
	Since    time.Time  `json:"since"`
	Due      *time.Time `json:"due,omitempty"`
	DeadAt   *time.Time `json:"dead_at,omitempty"`
	Reason   string     `json:"reason,omitempty"`
}

func listedOf(d core.Delivery) listed {
	l := listed{
		Place: d.Place, ID: string(d.ID), Endpoint: d.Endpoint, Event: d.Facts[core.FactAction], EventID: d.Facts[core.FactEvent],
		Tenant: string(d.Tenant), Account: string(d.Account), State: "pending", Tries: d.Attempts, Since: d.Since, Due: &d.Due, Reason: d.Why,
	}
	if !d.BuriedAt.IsZero() {
		l.State, l.Due, l.DeadAt = "dead", nil, &d.BuriedAt
	}
	return l
}

func listJSON(w io.Writer, found []core.Delivery) error {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for _, d := range found {
		if err := lines.Encode(listedOf(d)); err != nil {
			return err
		}
	}
	return nil
}
