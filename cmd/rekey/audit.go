package main

import (
	"io"
	"text/tabwriter"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"rekey/cmd/rekey/trail"
	"rekey/config"
	"rekey/core/audit"
)

func newAudit() *cobra.Command {
	command := &cobra.Command{
		Use:   "audit",
		Short: "Look at the audit trail, export it, and verify that nobody altered it",
		Args:  cobra.NoArgs, RunE: help,
	}
	command.AddCommand(newAuditList(), newAuditTail(), newAuditExport(), newAuditVerify(), newAuditSeal())
	return command
}

// auditCommand finishes a command on the audit trail.
func auditCommand(command *cobra.Command, work func(*installation) error) *cobra.Command {
	return configured(command, func(cfg config.Config, _ []string) error {
		i, err := install(command.Context(), cfg, command.ErrOrStderr())
		if err != nil {
			return err
		}
		defer func() { _ = i.Close() }()
		return work(i)
	})
}

func newAuditList() *cobra.Command {
	command := &cobra.Command{
		Use:   "list",
		Short: "List the latest events: who changed whose password, and who tried",
		Long: `List the latest events, the oldest first: what was done or refused, to whose
account, by whom (if not by its owner), with which proof, through which dialect and
from where. All filters have to hold.`,
		Example: `  rekey audit list --since 24h --outcome refused
  rekey audit list -t acme --account ada@acme.example
  rekey audit list -t acme --account zap=43af9a8989ffb63cc9cdd053 --json
  rekey audit list --action password.changed --since 2026-11-01 --until 2026-12-01 --limit 10000`,
		Args: cobra.NoArgs,
	}
	filter := filterFlags(command)
	limit := command.Flags().Int("limit", 100, "list at most this `many`")
	asJSON := command.Flags().Bool("json", false, "print JSON, one event a line, with the account's id")
	return auditCommand(command, func(i *installation) error {
		f, err := filter.read(command.Context(), i)
		if err != nil {
			return err
		}
		rows, err := i.db.Latest(command.Context(), f, *limit)
		if err != nil {
			return err
		}
		if *asJSON {
			return printLines(command.OutOrStdout(), rows)
		}
		names := i.names()
		table := tabwriter.NewWriter(command.OutOrStdout(), 0, 0, 2, ' ', 0)
		say(table, "TIME\tTENANT\tACTION\tOUTCOME\tACCOUNT\tBY\tPROOF\tDIALECT\tFROM\tREQUEST")
		for _, r := range rows {
			c := names.cells(command.Context(), r)
			say(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", c...)
		}
		return table.Flush()
	})
}

func printLines(w io.Writer, rows []audit.Row) error {
	for _, r := range rows {
		text, err := json.Marshal(trail.LineOf(r))
		if err != nil {
			return err
		}
		say(w, "%s", text)
	}
	return nil
}

func newAuditSeal() *cobra.Command {
	command := &cobra.Command{
		Use:   "seal",
		Short: "Seal now what was recorded",
		Long: `Seal now what was recorded and is not sealed yet. A server does so by itself, every
audit.seal_every; this is for commands that run while none does.`,
		Example: "  rekey audit seal --config rekey.yaml",
		Args:    cobra.NoArgs,
	}
	return auditCommand(command, func(i *installation) error {
		s := i.sealing()
		s.Report = func(audit.Seal, error) {} // told below
		rows, err := s.All(command.Context())
		if err != nil {
			return err
		}
		head, err := i.db.Head(command.Context())
		if err != nil {
			return err
		}
		say(command.OutOrStdout(), "%d events sealed; the last batch is %d", rows, head.Seq)
		return nil
	})
}
