// Command receiver receives rekey's webhooks: it verifies them and prints each
// event once, as a line of JSON. Package inbox is made to be copied.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"rekey/cmd/receiver/inbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := inbox.Command().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "receiver: "+err.Error())
		os.Exit(1)
	}
}
