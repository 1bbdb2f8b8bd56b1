package main

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"rekey/adapters/webhook"
	"rekey/core"
)

// How deliveries are worked on. A handler has half of the lease.
const (
	webhookPoll  = time.Second
	webhookLease = time.Minute
)

// webhookRetry tries for a day at least: 5 s after the first failure, then after
// twice as long each time up to two hours, which is some 30 times.
var webhookRetry = core.Retry{First: 5 * time.Second, Most: 2 * time.Hour, Tries: 10, Age: 24 * time.Hour}

// telling returns who is told of events, as the core takes it.
func telling(c webhook.Config, outbox core.Outbox) core.Telling {
	return core.Telling{Outbox: outbox, Endpoints: c.Told(), RefusedAfter: c.RefusedAfter}
}

// deliverer does the deliveries: each endpoint's with workers of its own, so that
// one that is dead holds up nobody else.
type deliverer struct {
	senders     []*webhook.Sender
	dispatchers []*core.Dispatcher
}

func (i *installation) newDeliverer() (*deliverer, error) {
	d := &deliverer{}
	for _, name := range slices.Sorted(maps.Keys(i.cfg.Webhooks.Endpoints)) {
		endpoint := i.cfg.Webhooks.Endpoints[name]
		sender, err := webhook.New(endpoint, time.Now)
		if err != nil {
			wrong := core.AsError(err)
			return nil, problemf("webhooks.endpoints.%s.%s: %v", name, wrong.Fields[0], wrong.Err)
		}
		d.senders = append(d.senders, sender)
		d.dispatchers = append(d.dispatchers, core.NewDispatcher(core.DispatcherParts{
			Outbox: core.QueueOf(i.db, name), Handlers: sender.Handlers(), Now: time.Now, Report: i.report,
			Workers: endpoint.Workers, Poll: webhookPoll, Lease: webhookLease, Retry: webhookRetry, Ordered: true, Pauses: true,
		}))
	}
	return d, nil
}

// run delivers until ctx ends, and then finishes what is under way.
func (d *deliverer) run(ctx context.Context) {
	var running sync.WaitGroup
	for _, dispatcher := range d.dispatchers {
		running.Go(func() { dispatcher.Run(ctx) })
	}
	running.Wait()
	for _, sender := range d.senders {
		sender.Close()
	}
}
