// Command prove attacks, crashes and overloads rekey, and prints what it saw.
// Each command is one harness: it builds the rekey of this source tree, runs
// it as operators do, and ends with a line of figures, or with exit status 1
// and what was broken. go test runs the same harnesses in a short form.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"rekey/cmd/prove/bars"
	"rekey/cmd/prove/browser"
	"rekey/cmd/prove/crash"
	"rekey/cmd/prove/enumeration"
	"rekey/cmd/prove/failover"
	"rekey/cmd/prove/faults"
	"rekey/cmd/prove/fuzz"
	"rekey/cmd/prove/overload"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends a harness that tidies up too long
	err := newRoot().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "prove: "+err.Error())
		os.Exit(1)
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "prove",
		Short:         "Attack, crash and overload rekey, and print what was seen",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(harnesses()...)
	return root
}

// harnesses lists the commands, each from a package of its own.
func harnesses() []*cobra.Command {
	return []*cobra.Command{
		bars.New(),
		browser.New(),
		crash.New(),
		enumeration.New(),
		failover.New(),
		faults.New(),
		fuzz.New(),
		overload.New(),
	}
}
