package main

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"rekey/adapters/webhook"
	"rekey/core/audit"
)

// lookAtWebhooks connects to every endpoint, posts nothing, and looks for what they
// were not told.
func lookAtWebhooks(ctx context.Context, p *patient) []finding {
	endpoints := p.cfg.Webhooks.Endpoints
	var found []finding
	for _, name := range slices.Sorted(maps.Keys(endpoints)) {
		if err := webhook.Reach(ctx, endpoints[name]); err != nil {
			found = append(found, one(trouble, fmt.Sprintf("webhooks.endpoints.%s: cannot be reached: %s; its events wait, and after a day are set aside", name, advice(err)),
				"see its url, the name, the way there and its certificate; allow_private and ca, if it is your own")...)
		}
	}
	found = append(found, p.untold(ctx)...)
	switch {
	case len(found) > 0:
		return found
	case len(endpoints) == 0:
		return ok("off: no other system is told of changes")
	}
	return ok("%d endpoints are reached, and no event was set aside", len(endpoints))
}

// untold returns what endpoints were not told, and will not be by itself.
func (p *patient) untold(ctx context.Context) (found []finding) {
	if p.err != nil || len(p.facts.Pending) > 0 {
		return nil
	}
	backlogs, err := p.db.DeliveryBacklogs(ctx)
	if err != nil {
		return one(warning, "what endpoints are still to be told cannot be counted", "mend the database first")
	}
	for _, b := range backlogs {
		if _, there := p.cfg.Webhooks.Endpoints[b.Endpoint]; !there && b.Waiting > 0 {
			found = append(found, one(warning, fmt.Sprintf("%d events wait for the endpoint %s, which is not configured", b.Waiting, b.Endpoint),
				"configure it again, or leave them: they go after retention.messages")...)
		}
		if b.Dead > 0 {
			found = append(found, one(warning, fmt.Sprintf("%d events were set aside that %s was not told of", b.Dead, b.Endpoint),
				"see `rekey events list --state dead` for the reasons, mend them, then `rekey events retry`")...)
		}
	}
	return found
}

// lookAtManagement asks who may manage tenants, and over what; the console takes the
// same keys.
func lookAtManagement(ctx context.Context, p *patient) []finding {
	if !p.cfg.Manage.Enabled && !p.cfg.Console.Enabled {
		return ok("off")
	}
	var found []finding
	if address := p.plainly(); address != "" {
		found = append(found, one(warning, "keys and passwords come to "+address+" without TLS: who listens on the way can use them",
			"set server.tls, listen on 127.0.0.1, or end TLS in a proxy that server.trusted_proxies names")...)
	}
	if p.err != nil || len(p.facts.Pending) > 0 {
		return append(found, p.skipped()...)
	}
	if found = append(found, p.keys(ctx)...); len(found) == 0 {
		return ok("served over TLS or on this machine; every key expires and is used")
	}
	return found
}

// plainly returns where the management API is reached without TLS and from other
// machines, or "".
func (p *patient) plainly() string {
	address, apart := p.cfg.Manage.Address, p.cfg.Manage.Address != ""
	if !apart {
		address = p.cfg.Server.Address
	}
	at, err := netip.ParseAddrPort(address)
	onlyHere := err == nil && at.Addr().IsLoopback() || strings.HasPrefix(address, "localhost:")
	if p.cfg.Server.TLS.Certificate != "" || onlyHere || !apart && len(p.cfg.Server.TrustedProxies) > 0 {
		return ""
	}
	return address
}

// keys tells of keys that outlive their use.
func (p *patient) keys(ctx context.Context) []finding {
	tenants, err := p.db.Tenants(ctx)
	var forever, unused []string
	for _, tenant := range tenants {
		const most = 1000
		all, failed := p.db.AccessKeys(ctx, tenant, "", most)
		if failed != nil {
			err = failed
		}
		for _, k := range all {
			switch name := string(tenant) + "/" + k.Name; {
			case !k.RevokedAt.IsZero() || !k.ExpiresAt.IsZero() && k.ExpiresAt.Before(time.Now()):
			case k.LastUsedAt.IsZero():
				unused = append(unused, name)
			case k.ExpiresAt.IsZero():
				forever = append(forever, name)
			}
		}
	}
	var found []finding
	if err != nil {
		found = one(warning, "its keys cannot be read: "+advice(err), "mend the database first")
	}
	if len(unused) > 0 {
		found = append(found, one(warning, "keys that were never used: "+few(unused), "revoke those that nobody waits for: `rekey key revoke`")...)
	}
	if len(forever) > 0 {
		found = append(found, one(warning, "keys that never expire: "+few(forever), "put keys with --expires-in in their place, and revoke them")...)
	}
	return found
}

// few names the first of many.
func few(names []string) string {
	const most = 10
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// lateSeals is how many intervals an event may wait before it is too many.
const lateSeals = 3

// lookAtSeals looks for events that anybody may still alter.
func lookAtSeals(ctx context.Context, p *patient) []finding {
	every := p.cfg.Audit.SealEvery
	switch {
	case !p.cfg.Audit.Sealed():
		return one(warning, "off: who can write to the database can alter the audit trail without a trace", "set audit.seal_every")
	case p.err != nil || len(p.facts.Pending) > 0:
		return p.skipped()
	}
	oldest, err := p.db.Unsealed(ctx, audit.Row{}, 1)
	if err != nil {
		return one(warning, "the audit trail cannot be read: "+advice(err), "mend the database first")
	}
	if len(oldest) == 0 {
		return ok("every event of the audit trail is sealed")
	}
	at, err := audit.Time(oldest[0].At)
	if waits := time.Since(at); err != nil || waits > lateSeals*every+sealGrace {
		return one(warning, fmt.Sprintf("the oldest event waits for its seal since %s, where one is made every %s: it can be altered without a trace", oldest[0].At, every),
			"see that a server runs, and its log for \"the audit trail is not sealed\"; `rekey audit seal` seals now")
	}
	return ok("the oldest event that is not sealed is of %s", at.Format(time.RFC3339))
}
