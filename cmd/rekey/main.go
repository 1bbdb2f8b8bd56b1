// Command rekey is a gateway for password changes: it serves several vendors'
// password-change endpoints over one directory of accounts.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"rekey/core"
	"rekey/store"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends a drain that takes too long
	root := newRoot()
	err := root.ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "rekey: "+advice(err))
		os.Exit(exitCode(err))
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "rekey",
		Short: "Change passwords for several vendors' clients through one service",
		Long: `rekey serves the password-change endpoints of LicenseSpring, Unleash and ZAP
over one directory of accounts, one policy and one audit trail.

Try it:       rekey dev
Run it:       rekey check --config rekey.yaml && rekey serve --config rekey.yaml`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddGroup(&cobra.Group{ID: "run", Title: "Run:"}, &cobra.Group{ID: "operate", Title: "Operate:"})
	for _, command := range []*cobra.Command{newDev(), newServe()} {
		command.GroupID = "run"
		root.AddCommand(command)
	}
	for _, command := range []*cobra.Command{
		newCheck(),
		newReload(),
		newDoctor(),
		newMigrate(),
		newAccount(),
		newImport(),
		newExport(),
		newBackup(),
		newToken(),
		newKey(),
		newAudit(),
		newHash(),
		newEvents(),
		newExample(),
		newHealth(),
		newBench(),
	} {
		command.GroupID = "operate"
		root.AddCommand(command)
	}
	return root
}

// exitCode tells what was done in part from what was not done.
func exitCode(err error) int {
	var some *partly
	if errors.As(err, &some) {
		return 2
	}
	return 1
}

// help is what a command does that only has others below it.
func help(command *cobra.Command, _ []string) error { return command.Help() }

// hints say what to do about a failure that has a code.
var hints = map[core.Code]string{
	core.NotFound:    "no such account in this tenant; `rekey account list` shows those there are",
	core.Disabled:    "the account is disabled; `rekey account enable` enables it",
	core.Unavailable: "the database cannot be used now; check store.dsn and that the database is running",
}

// advice returns the text of an error for a terminal: what failed, and what to
// do about it.
func advice(err error) string {
	var known *problem
	switch e := core.AsError(err); {
	case errors.As(err, &known):
		return known.text
	case errors.Is(err, store.ErrOutdated):
		return "the database is older than this program; run `rekey migrate` with the same configuration"
	case e.Code == core.WeakPassword:
		return "the policy refuses this password: " + rules(e.Violations)
	case e.Code == core.Conflict && len(e.Fields) > 0:
		return fmt.Sprintf("another account of this tenant has this %s", e.Fields[0])
	case e.Code == core.Invalid && e.Err != nil:
		return fmt.Sprintf("%s: %v", strings.Join(e.Fields, ", "), e.Err)
	case e.Code == core.Invalid:
		return fmt.Sprintf("not valid: %v; see --help", e.Fields)
	case hints[e.Code] != "":
		return hints[e.Code] + " (" + err.Error() + ")"
	}
	return err.Error()
}

// problem is an error whose text was written for a terminal.
type problem struct{ text string }

func (p *problem) Error() string { return p.text }

func problemf(format string, args ...any) error { return &problem{fmt.Sprintf(format, args...)} }

// say writes a line for a person, apart from a command's output.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }

// rules words the violations for a terminal, as "too short (10), is common".
func rules(violations []core.Violation) string {
	var words []string
	for _, v := range violations {
		word := strings.ReplaceAll(string(v.Rule), "_", " ")
		if v.Limit > 0 {
			word += fmt.Sprintf(" (%d)", v.Limit)
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}
