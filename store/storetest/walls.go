package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rekey/core"
)

func aboutWalls() []check {
	return []check{
		{"no method reaches into another tenant", tenantsApart},
		{"an event that cannot be stored undoes the write", oneTransaction},
		{"a caller who has gone changes nothing", callerGone},
	}
}

// write is a write as a tenant might try it on an account.
type write struct {
	name string
	code core.Code // what it answers if the tenant has no such account
	do   func(ctx context.Context, tenant core.TenantID, e core.Event) error
}

// writes returns every method that writes to a, which bears the live token.
func (w *world) writes(a core.Account, token core.Digest) []write {
	key := core.Key{Kind: "zap", Value: "new"}
	apply := func(token *core.Digest) func(context.Context, core.TenantID, core.Event) error {
		return func(ctx context.Context, tenant core.TenantID, e core.Event) error {
			m := w.mutation(a, 5, token)
			m.Tenant, m.Event, m.Messages = tenant, e, []core.Message{w.message(core.MessageID(e.ID), 0)}
			return w.Apply(ctx, m)
		}
	}
	return []write{
		{"disable", core.NotFound, func(ctx context.Context, tenant core.TenantID, e core.Event) error {
			return w.SetDisabled(ctx, tenant, a.ID, true, e)
		}},
		{"enable", core.NotFound, func(ctx context.Context, tenant core.TenantID, e core.Event) error {
			return w.SetDisabled(ctx, tenant, a.ID, false, e)
		}},
		{"set an external id", core.NotFound, func(ctx context.Context, tenant core.TenantID, e core.Event) error {
			return w.SetExternalID(ctx, tenant, a.ID, key, e)
		}},
		{"take an external id away", core.NotFound, func(ctx context.Context, tenant core.TenantID, e core.Event) error {
			return w.SetExternalID(ctx, tenant, a.ID, core.Key{Kind: "unleash"}, e)
		}},
		{"end sessions", core.NotFound, func(ctx context.Context, tenant core.TenantID, e core.Event) error {
			return w.EndSessions(ctx, tenant, a.ID, e)
		}},
		{"create a token", core.NotFound, func(ctx context.Context, tenant core.TenantID, e core.Event) error {
			t := resetToken(a, "new", 5)
			t.Tenant = tenant
			return w.CreateToken(ctx, t, e)
		}},
		{"revoke tokens", core.NotFound, func(ctx context.Context, tenant core.TenantID, e core.Event) error {
			n, err := w.RevokeTokens(ctx, tenant, a.ID, e)
			if err != nil && n != 0 {
				w.Errorf("revoke tokens: got %d and %v, want 0 with an error", n, err)
			}
			return err
		}},
		{"apply", core.Conflict, apply(nil)},
		{"apply by token", core.UsedToken, apply(&token)},
		{"upgrade", core.Conflict, func(ctx context.Context, tenant core.TenantID, e core.Event) error {
			return w.Upgrade(ctx, tenant, a.ID, a.Revision, "$argon2id$upgraded", e)
		}},
		{"enrol a factor", core.NotFound, func(ctx context.Context, tenant core.TenantID, e core.Event) error {
			return w.Enrol(ctx, tenant, a.ID, core.Enrolment{Sealed: "k1.new"}, e)
		}},
		{"take a factor away", core.NotFound, func(ctx context.Context, tenant core.TenantID, e core.Event) error {
			return w.Enrol(ctx, tenant, a.ID, core.Enrolment{}, e)
		}},
		{"put a code", core.NotFound, func(ctx context.Context, tenant core.TenantID, e core.Event) error {
			c := core.MailedCode{Tenant: tenant, Account: a.ID, Purpose: purpose, Digest: "new", ExpiresAt: at(5)}
			return w.PutCode(ctx, c, e)
		}},
	}
}

func tenantsApart(w *world) {
	a := w.create(ada(acme))
	token, code := w.token(a, "token", 1), w.code(a, "code", 0)
	w.create(bare(birch, "bob"))
	for _, tenant := range []core.TenantID{birch, none, "ACME", "acme ", "%", "acme\x00", "\xff"} {
		for _, write := range w.writes(a, token) {
			w.unchanged(fmt.Sprintf("%s as %q", write.name, tenant), write.code, func() error {
				return write.do(w.ctx, tenant, w.event(acme, a.ID, core.PasswordChanged, at(5)))
			})
		}
		for _, key := range append(a.Keys(), core.Key{Kind: core.KeyID, Value: string(a.ID)}) {
			if got, err := w.Account(w.ctx, tenant, key); !errors.Is(err, core.NotFound) {
				w.Errorf("account by %v of %q: got %v, %v, want not_found", key, tenant, got.ID, err)
			}
		}
		accounts, err := w.Accounts(w.ctx, tenant, "", everything)
		w.must(err)
		events, err := w.Events(w.ctx, tenant, "", everything)
		w.must(err)
		found, err := w.Search(w.ctx, tenant, core.Search{Kind: core.KeyLogin}, "", everything)
		w.must(err)
		trail, _, err := w.Trail(w.ctx, tenant, core.Trail{}, everything, everything)
		w.must(err)
		if n := map[core.TenantID]int{birch: 1}[tenant]; len(found) != n || len(trail) != n {
			w.Errorf("tenant %q finds %d accounts and %d events, want %d of each", tenant, len(found), len(trail), n)
		}
		if n := map[core.TenantID]int{birch: 1}[tenant]; len(accounts) != n || len(events) != n {
			w.Errorf("tenant %q sees %d accounts and %d events, want %d of each", tenant, len(accounts), len(events), n)
		}
		if _, err := w.TryCode(w.ctx, tenant, a.ID, purpose, at(1), manyTries); !errors.Is(err, core.NotFound) {
			w.Errorf("a code as %q: got %v, want not_found", tenant, err)
		}
	}
	w.wantTry("the code's first try", a, 1, code, "")
	same(w, "messages", len(w.queued()), 0)
}

func oneTransaction(w *world) {
	a := w.create(ada(acme))
	token, code := w.token(a, "token", 1), w.code(a, "code", 0)
	taken := w.state().Events[0]
	for _, write := range w.writes(a, token) {
		w.unchanged(write.name, core.Internal, func() error { return write.do(w.ctx, acme, taken) })
	}
	w.unchanged("create an account", core.Internal, func() error { return w.CreateAccount(w.ctx, bare(acme, "bob"), taken) })
	w.unchanged("record", core.Internal, func() error { return w.Record(w.ctx, taken) })
	same(w, "the code is alive", w.codeAlive(code), true)
	same(w, "messages", len(w.queued()), 0)
	for _, write := range w.writes(a, token)[5:8] { // now they would have succeeded
		w.must(write.do(w.ctx, acme, w.event(acme, a.ID, core.PasswordChanged, at(5))))
	}
}

func callerGone(w *world) {
	a := w.create(ada(acme))
	token, code := w.token(a, "token", 1), w.code(a, "code", 0)
	limit := core.Limit{Key: "limit", Every: time.Hour, Burst: 1}
	w.enqueue(w.message("m", 0))
	key, begun := w.putKey(accessKey(acme, "crm")), replay("begun", "asked", 60)
	w.begins(0, begun, nil)
	gone, cancel := context.WithCancel(w.ctx)
	cancel()
	event := func() core.Event { return w.event(acme, a.ID, core.PasswordChanged, at(5)) }
	for _, write := range w.writes(a, token) {
		w.unchanged(write.name, core.Unavailable, func() error { return write.do(gone, acme, event()) })
	}
	for name, do := range map[string]func() error{
		"create an account":    func() error { return w.CreateAccount(gone, bare(acme, "bob"), event()) },
		"record":               func() error { return w.Record(gone, event()) },
		"writable":             func() error { return w.Writable(gone) },
		"account":              func() error { _, err := w.Account(gone, acme, a.Keys()[0]); return err },
		"accounts":             func() error { _, err := w.Accounts(gone, acme, "", 1); return err },
		"search":               func() error { _, err := w.Search(gone, acme, core.Search{Kind: core.KeyLogin}, "", 1); return err },
		"trail":                func() error { _, _, err := w.Trail(gone, acme, core.Trail{}, 1, 1); return err },
		"token":                func() error { _, err := w.Token(gone, token); return err },
		"events":               func() error { _, err := w.Events(gone, acme, "", 1); return err },
		"try a code":           func() error { _, err := w.TryCode(gone, acme, a.ID, purpose, at(1), 1); return err },
		"enqueue":              func() error { return w.Enqueue(gone, event(), w.message("new", 0)) },
		"claim":                func() error { _, err := w.Claim(gone, at(1), at(9), 1); return err },
		"finish":               func() error { return w.Finish(gone, "m") },
		"postpone":             func() error { return w.Postpone(gone, "m", at(99), "why") },
		"bury":                 func() error { return w.Bury(gone, "m", at(1), "why") },
		"take":                 func() error { _, err := w.Take(gone, at(1), limit); return err },
		"create an access key": func() error { return w.CreateAccessKey(gone, accessKey(acme, "new"), event()) },
		"access key":           func() error { _, err := w.AccessKey(gone, key.Digest); return err },
		"access keys":          func() error { _, err := w.AccessKeys(gone, acme, "", 1); return err },
		"revoke an access key": func() error { return w.RevokeAccessKey(gone, acme, key.Name, event()) },
		"use an access key":    func() error { return w.UseAccessKey(gone, key.Digest, at(9)) },
		"begin a request":      func() error { _, _, err := w.BeginRequest(gone, at(0), replay("new", "", 9)); return err },
		"answer a request":     func() error { return w.AnswerRequest(gone, begun.Expires, core.Replay{Key: "begun", Answer: "a"}) },
		"forget a request":     func() error { return w.ForgetRequest(gone, begun.Expires, "begun") },
	} {
		w.unchanged(name, core.Unavailable, do)
	}
	w.wantTry("the code's first try", a, 1, code, "")
	m := w.message("m", 0)
	m.Due, m.Attempts = kept(m.Due), 1
	same(w, "messages", w.claim(at(1), at(9), 9), []core.Message{m})
	w.take("the limit", at(1), 0, limit)
	same(w, "the access key", w.keyOf(key), key)
	w.begins(0, replay("new", "", 9), nil)
	w.begins(0, begun, &begun)
}
