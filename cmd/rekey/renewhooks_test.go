package main

import (
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rekey/config"
)

// tell makes an endpoint be told from the next configuration on; without secrets no
// more.
func (n *renewing) tell(name, url string, secrets ...string) {
	n.t.Helper()
	n.mustRenew(func(cfg *config.Config) {
		cfg.Webhooks.Endpoints = maps.Clone(cfg.Webhooks.Endpoints)
		if len(secrets) == 0 {
			delete(cfg.Webhooks.Endpoints, name)
			return
		}
		told(name, url, secrets...)(cfg)
	})
}

// change changes the first account's password.
func (n *renewing) change(to int) {
	n.t.Helper()
	old := fmt.Sprintf("A fresh sample staple %d", to-1)
	if to == 1 {
		old = n.Accounts[0].Password
	}
	d := licensespringDialect
	n.succeeds(d, n.send(d.change(n.facts, 0, old, fmt.Sprintf("A fresh sample staple %d", to))), "the change")
}

func TestEndpointsAndTheirSecretsChangeWhileItRuns(t *testing.T) {
	t.Parallel()
	first, second := receive(t, hookSecret), receive(t, laterSecret)
	n := startRenewing(t)
	n.change(1) // nobody is told
	n.tell("siem", first.URL, hookSecret)
	n.change(2)
	n.eventually("the new endpoint is told", func() bool { return first.count() == 1 })
	n.tell("siem", second.URL, laterSecret)
	n.change(3)
	n.eventually("it is told at its new place, under its new secret", func() bool { return second.count() == 1 })
	n.tell("siem", "")
	n.change(4)
	time.Sleep(2 * webhookPoll)
	if first.tried() != 1 || second.tried() != 1 {
		t.Errorf("told %d and %d times, want once each", first.tried(), second.tried())
	}
}

// Each reload puts another deliverer in the place of what delivers, with another
// secret, and beside an endpoint that comes and goes.
func TestNoEventIsLostOrDoubledWhileTheConfigurationChanges(t *testing.T) {
	t.Parallel()
	box, other := receive(t, hookSecret, laterSecret), receive(t, hookSecret)
	n := startRenewing(t, told("siem", box.URL, hookSecret))
	var clients sync.WaitGroup
	var changed, failed atomic.Int64
	done := make(chan struct{})
	for k := range 3 {
		clients.Go(func() { n.busily(k, done, &changed, &failed) })
	}
	for i := range 20 {
		before := changed.Load()
		n.tell("siem", box.URL, []string{laterSecret, hookSecret}[i%2])
		n.tell("crm", other.URL, [][]string{{hookSecret}, nil}[i%2]...)
		n.eventually("changes by the new configuration", func() bool { return changed.Load() > before+3 || failed.Load() > 0 })
	}
	close(done)
	clients.Wait()
	n.eventually("all is told", func() bool { return box.count() >= int(changed.Load()) })
	time.Sleep(2 * webhookPoll)
	if box.count() != int(changed.Load()) || box.tried() != box.count() || failed.Load() > 0 {
		t.Errorf("%d changes, %d failed; %d were told in %d tries", changed.Load(), failed.Load(), box.count(), box.tried())
	}
	if other.count() == 0 || other.count() >= box.count() || other.tried() != other.count() {
		t.Errorf("who comes and goes was told %d in %d tries, of %d", other.count(), other.tried(), box.count())
	}
	t.Logf("%d changes over 40 reloads, each told once", changed.Load())
}
