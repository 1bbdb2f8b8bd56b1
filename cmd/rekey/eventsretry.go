package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	"rekey/config"
	"rekey/core"
)

func newEventsRetry() *cobra.Command {
	var which selectionFlags
	var all, asJSON bool
	command := &cobra.Command{
		Use:   "retry [ID…]",
		Short: "Try deliveries again, at once and for another day",
		Long: `Make deliveries due now, as if they had never been tried: those that are named,
or with --all those that are dead, or that the flags choose. The servers that run
send them; one that is being tried is left alone. A receiver sees the same
webhook-id as before. Of one account a delivery that is retried goes before the
ones that were stored after it.`,
		Example: `  rekey events retry -c rekey.yaml 0193f1c6-6f5e-7c2e-9a53-0d6c1f3b8a11
  rekey events retry -c rekey.yaml --all --endpoint siem`,
	}
	which.add(command, "dead")
	command.Flags().BoolVar(&all, "all", false, "all that the other flags choose")
	command.Flags().BoolVar(&asJSON, "json", false, "write the count as JSON")
	return configured(command, func(cfg config.Config, args []string) error {
		s, err := which.selection()
		switch {
		case err != nil:
			return err
		case all == (len(args) > 0):
			return problemf("name deliveries by their ids, which `rekey events list` shows, or say --all")
		}
		i, err := install(command.Context(), cfg, command.ErrOrStderr())
		if err != nil {
			return err
		}
		defer func() { _ = i.Close() }()
		var n int
		if all {
			n, err = retryAll(command.Context(), i.db, s)
		} else {
			n, err = retryNamed(command.Context(), i.db, args)
		}
		if err != nil {
			return err
		}
		if asJSON {
			err = json.NewEncoder(command.OutOrStdout()).Encode(map[string]int{"retried": n})
		} else {
			say(command.OutOrStdout(), "%d retried", n)
		}
		if err == nil && n < len(args) {
			return problemf("%d of %d were not retried: they are done, or being tried", len(args)-n, len(args))
		}
		return err
	})
}

// retryBatch is how many deliveries are retried by one statement.
const retryBatch = 500

// retryAll retries what the selection names, batch after batch.
func retryAll(ctx context.Context, d core.Deliveries, s core.Selection) (n int, err error) {
	for after := int64(0); ; {
		found, err := d.Deliveries(ctx, s, after, retryBatch)
		if err != nil || len(found) == 0 {
			return n, err
		}
		var ids []core.MessageID
		for _, one := range found {
			ids, after = append(ids, one.ID), one.Place
		}
		retried, err := d.RetryDeliveries(ctx, time.Now(), ids...)
		if n += retried; err != nil {
			return n, err
		}
	}
}

func retryNamed(ctx context.Context, d core.Deliveries, args []string) (n int, err error) {
	var ids []core.MessageID
	for _, arg := range args {
		ids = append(ids, core.MessageID(arg))
	}
	return d.RetryDeliveries(ctx, time.Now(), ids...)
}
