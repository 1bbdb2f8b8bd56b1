package main

import (
	"context"
	"log/slog"
	"time"

	"rekey/adapters/mail"
	"rekey/core"
)

// How messages are worked on. A handler has half of the lease, which is no
// more than the default drain_timeout.
const (
	mailWorkers = 4
	mailPoll    = time.Second
	mailLease   = time.Minute
)

// mailRetry tries for about six hours: longer than most servers are down, and
// not so long that a link surprises its reader.
var mailRetry = core.Retry{First: 10 * time.Second, Most: 30 * time.Minute, Tries: 22}

// newDispatcher returns what does the outbox's messages, or nil if nothing is
// ever mailed.
func (i *installation) newDispatcher() (*core.Dispatcher, error) {
	handlers, err := i.handlers()
	if handlers == nil || err != nil {
		return nil, err
	}
	return core.NewDispatcher(core.DispatcherParts{
		Outbox: i.db, Handlers: handlers, Now: time.Now, Report: i.report,
		Workers: mailWorkers, Poll: mailPoll, Lease: mailLease, Retry: mailRetry,
	}), nil
}

// handlers returns what mails, or nil if nothing is ever mailed.
func (i *installation) handlers() (map[core.Topic]core.Handler, error) {
	switch {
	case i.cfg.Mail.Enabled:
		mailer, err := mail.New(i.cfg.Mail, i.passwords)
		if err != nil {
			return nil, err
		}
		return mailer.Handlers(), nil
	case i.desk != nil:
		return i.deskHandlers(), nil
	}
	return nil, nil //nolint:nilnil // there is nothing to do, and nothing wrong
}

// report logs what became of a message.
func (i *installation) report(o core.Outcome) {
	i.metrics.Message(o)
	m := o.Message
	level, about := slog.LevelInfo, []any{"fate", o.Fate, "topic", m.Topic, "message", m.ID, "tenant", m.Tenant, "account", m.Account, "try", m.Attempts}
	if m.Endpoint != "" {
		about = append(about, "endpoint", m.Endpoint, "event", m.Facts[core.FactAction])
	}
	switch o.Fate {
	case core.Finished:
		if m.Topic == core.Void {
			level = slog.LevelDebug
		}
	case core.Postponed:
		level, about = slog.LevelWarn, append(about, "due", o.Due, "error", o.Err.Error())
	case core.Buried, core.Unsettled:
		level, about = slog.LevelError, append(about, "error", o.Err.Error())
	}
	i.log.Log(context.Background(), level, "message", about...)
}
