package adaptertest

import (
	"context"
	"fmt"
	"time"

	"rekey/core"
)

// delivery leaves something that an endpoint is still to be told: of a change of an
// account's password, an hour ago.
func (w *world) delivery(id string, options map[string]string) error {
	ctx, about := context.Background(), core.AccountID("")
	for account, name := range w.names {
		if name == options["for"] {
			about = account
		}
	}
	if about == "" {
		return fmt.Errorf("no account %q", options["for"])
	}
	at := Now.Add(-time.Hour)
	event := core.Event{ID: core.EventID("given-" + id), At: at, Tenant: w.tenants[about], Account: about, Action: core.PasswordChanged}
	m := core.Message{
		ID: core.MessageID(id), Tenant: event.Tenant, Account: about, Endpoint: options["to"], Topic: core.TellEndpoint, Due: at, Since: at,
		Facts: map[string]string{core.FactAction: string(event.Action), core.FactEvent: "01998c3e-0000-7000-8000-000000000001"},
	}
	if err := w.parts.Outbox.Enqueue(ctx, event, m); err != nil {
		return err
	}
	if why := options["dead"]; why != "" {
		return w.parts.Deliveries.BuryDelivery(ctx, m.ID, at.Add(time.Minute), why)
	}
	if options["held"] != "" {
		_, err := w.parts.Deliveries.ClaimDeliveries(ctx, m.Endpoint, Now, Now.Add(time.Minute), 1)
		return err
	}
	return nil
}
