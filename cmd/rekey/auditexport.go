package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"rekey/cmd/rekey/trail"
)

func newAuditExport() *cobra.Command {
	command := &cobra.Command{
		Use:   "export",
		Short: "Write the trail with its seals, to be kept and verified elsewhere",
		Long: `Write the trail with its seals as JSON lines or as CSV, so that
"rekey audit verify --file" can verify it away from the database.

With filters only the events that they admit are written, with all seals: each of
them is then proven to be as it was sealed, but not that none was left out.`,
		Example: `  rekey audit export --output trail.jsonl
  rekey audit export --format csv -t acme --since 2026-11-01 > acme.csv
  rekey audit export | gzip > trail.jsonl.gz`,
		Args: cobra.NoArgs,
	}
	filter := filterFlags(command)
	format := command.Flags().String("format", "jsonl", "jsonl or csv, the `format`")
	output := command.Flags().StringP("output", "o", "-", "the `file` to make; - is standard output")
	_ = command.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"jsonl", "csv"}, cobra.ShellCompDirectiveNoFileComp))
	return auditCommand(command, func(i *installation) (err error) {
		if *format != "jsonl" && *format != "csv" {
			return problemf("--format: write jsonl or csv")
		}
		f, err := filter.read(command.Context(), i)
		if err != nil {
			return err
		}
		out, done, err := create(*output, command.OutOrStdout())
		if err != nil {
			return err
		}
		progress := newSealProgress(command.ErrOrStderr())
		e := trail.Export{Trail: i.db, Filter: f, CSV: *format == "csv", Now: time.Now, Progress: progress.tell}
		err = e.Write(command.Context(), out)
		progress.end()
		return errors.Join(err, done())
	})
}

// create makes a file that only its owner reads, which is not there yet. done ends it.
func create(path string, stdout io.Writer) (out io.Writer, done func() error, err error) {
	if path == "-" {
		return stdout, func() error { return nil }, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, nil, problemf("--output: %v", err)
	}
	buffered := bufio.NewWriter(file)
	return buffered, func() error { return errors.Join(buffered.Flush(), file.Sync(), file.Close()) }, nil
}
