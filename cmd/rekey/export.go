package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"rekey/cmd/rekey/records"
	"rekey/config"
	"rekey/core"
)

func newExport() *cobra.Command {
	var tenant, format, output string
	command := &cobra.Command{
		Use:   "export",
		Short: "Write every account to a file that import understands, with its password hash",
		Long: `Write the accounts of one tenant, or of all: as one JSON object a line, with their
ids, hashes, histories and enrolled second factors, or as CSV, without the last two.
Into an empty installation "rekey import" brings it all back, and a second export is the
same to the byte. Factors need the sealing keys and peppered hashes the pepper keys
that they were made under; neither is exported, nor are reset tokens, counts of failed
attempts and events.

It is as secret as the database: the file of -o is readable by its owner only, and is
there only when it is whole. An account that changes meanwhile is in it as before or
as after.`,
		Example: `  rekey export -o accounts.jsonl
  rekey export -t acme --format csv -o acme.csv
  rekey export | age -r KEY -o accounts.jsonl.age`,
		Args: cobra.NoArgs,
	}
	command.Flags().StringVarP(&tenant, "tenant", "t", "", "export this `tenant` only")
	command.Flags().StringVar(&format, "format", "jsonl", "jsonl or csv")
	command.Flags().StringVarP(&output, "output", "o", "", "write to this new `file` instead of standard output")
	_ = command.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"jsonl", "csv"}, cobra.ShellCompDirectiveNoFileComp))
	return configured(command, func(cfg config.Config, _ []string) error {
		if format != "jsonl" && format != "csv" {
			return problemf("--format %s: choose jsonl or csv", format)
		}
		i, err := install(command.Context(), cfg, command.ErrOrStderr())
		if err != nil {
			return err
		}
		defer func() { _ = i.Close() }()
		written, err := i.export(command, core.TenantID(tenant), format, output)
		if err == nil {
			say(command.ErrOrStderr(), "%d accounts exported", written)
		}
		return err
	})
}

// export writes to a new file, which gets its name when it is whole, or to
// standard output.
func (i *installation) export(command *cobra.Command, tenant core.TenantID, format, output string) (int, error) {
	if output == "" {
		if file, ok := command.OutOrStdout().(*os.File); ok && term.IsTerminal(int(file.Fd())) {
			say(command.ErrOrStderr(), "warning: password hashes are about to be shown on this terminal; -o FILE writes them to a file")
		}
		return i.exportTo(command.Context(), command.OutOrStdout(), tenant, format)
	}
	if _, err := os.Lstat(output); err == nil {
		return 0, problemf("%s is there already; name a new file", output)
	}
	part := output + ".part"
	file, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return 0, problemf("--output: %v", err)
	}
	written, err := i.exportTo(command.Context(), file, tenant, format)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(part, output)
	}
	if err != nil {
		_ = os.Remove(part)
	}
	return written, err
}

const exportPage = 1000 // accounts that are read at once

func (i *installation) exportTo(ctx context.Context, w io.Writer, tenant core.TenantID, format string) (written int, err error) {
	buffered := bufio.NewWriterSize(w, 1<<16)
	to := records.NewWriter(buffered)
	if format == "csv" {
		if to, err = records.NewCSVWriter(buffered); err != nil {
			return 0, err
		}
	}
	tenants := []core.TenantID{tenant}
	if tenant == "" {
		if tenants, err = i.db.Tenants(ctx); err != nil {
			return 0, err
		}
	}
	for _, t := range tenants {
		n, err := i.exportTenant(ctx, to, t)
		if written += n; err != nil {
			return written, err
		}
	}
	return written, errors.Join(to.Flush(), buffered.Flush())
}

func (i *installation) exportTenant(ctx context.Context, to records.Writer, tenant core.TenantID) (written int, err error) {
	var after core.AccountID
	for {
		page, err := i.db.AccountsWhole(ctx, tenant, after, exportPage)
		if err != nil {
			return written, err
		}
		for _, a := range page {
			if err := to.Write(a); err != nil {
				return written, err
			}
			written, after = written+1, a.ID
		}
		if len(page) < exportPage {
			return written, nil
		}
	}
}
