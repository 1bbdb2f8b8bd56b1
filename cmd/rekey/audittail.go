package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"rekey/core/audit"
)

// tailEvery is how often tail looks.
const tailEvery = 500 * time.Millisecond

func newAuditTail() *cobra.Command {
	command := &cobra.Command{
		Use:   "tail",
		Short: "Print events as they are recorded",
		Long: `Print the latest events, and then every one that is recorded, until it is
interrupted. The filters and the columns are those of "rekey audit list".`,
		Example: `  rekey audit tail
  rekey audit tail -t acme --outcome refused -n 0 --json`,
		Args: cobra.NoArgs,
	}
	filter := filterFlags(command)
	latest := command.Flags().IntP("lines", "n", 10, "begin with this `many` of the latest")
	asJSON := command.Flags().Bool("json", false, "print JSON, one event a line, with the account's id")
	return auditCommand(command, func(i *installation) error {
		f, err := filter.read(command.Context(), i)
		if err != nil {
			return err
		}
		out := command.OutOrStdout()
		show := i.printRows(command.Context(), out)
		if *asJSON {
			show = func(rows []audit.Row) error { return printLines(out, rows) }
		}
		// What is recorded commits some time after its own: as late as a request lasts.
		t := follower{trail: i.db, filter: f, late: i.cfg.Server.RequestTimeout + 10*time.Second, seen: map[audit.Place]string{}}
		return t.follow(command.Context(), *latest, show)
	})
}

// printRows prints events as lines of even columns, as far as they are of a usual width.
func (i *installation) printRows(ctx context.Context, w io.Writer) func([]audit.Row) error {
	const columns = "%-20s  %-12s  %-23s  %-15s  %-24s  %-12s  %-10s  %-13s  %-15s  %s"
	names := i.names()
	say(w, columns, "TIME", "TENANT", "ACTION", "OUTCOME", "ACCOUNT", "BY", "PROOF", "DIALECT", "FROM", "REQUEST")
	return func(rows []audit.Row) error {
		for _, r := range rows {
			say(w, columns, names.cells(ctx, r)...)
		}
		return nil
	}
}

// follower finds what is new. An event may commit after one that is later, so it looks
// again at all that might still come.
type follower struct {
	trail  audit.Trail
	filter audit.Filter
	late   time.Duration
	seen   map[audit.Place]string // the times of events that were printed
}

func (t *follower) follow(ctx context.Context, n int, show func([]audit.Row) error) error {
	if _, err := t.fresh(ctx); err != nil {
		return err
	}
	rows, err := t.trail.Latest(ctx, t.filter, n)
	if err != nil {
		return err
	}
	for _, r := range rows {
		t.seen[placed(r)] = r.At
	}
	for {
		if err := show(rows); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(tailEvery):
		}
		if rows, err = t.fresh(ctx); err != nil {
			if errors.Is(ctx.Err(), context.Canceled) {
				return nil
			}
			return err
		}
	}
}

// fresh returns what was not seen before.
func (t *follower) fresh(ctx context.Context) (fresh []audit.Row, err error) {
	f := t.filter
	since := time.Now().Add(-t.late).Truncate(time.Microsecond)
	if since.After(f.Since) {
		f.Since = since
	}
	const page = 1000
	for after := (audit.Row{}); ; {
		rows, err := t.trail.Rows(ctx, f, after, page)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if _, known := t.seen[placed(r)]; !known {
				t.seen[placed(r)], fresh = r.At, append(fresh, r)
			}
		}
		if len(rows) < page {
			break
		}
		after = rows[len(rows)-1]
	}
	bound := audit.Stamp(since)
	for at, when := range t.seen {
		if when < bound {
			delete(t.seen, at)
		}
	}
	return fresh, nil
}

// placed names a row, whether it is sealed or not.
func placed(r audit.Row) audit.Place { return audit.Place{Tenant: r.Tenant, ID: r.ID} }
