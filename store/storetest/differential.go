package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rekey/core"
	"rekey/store/memory"
)

// Differential does the same random things to s and to a store in memory, and
// fails where their answers or what they then hold differ. s is walked many
// times, each time with tenants and ids of its own.
func Differential(t *testing.T, s Store) {
	walk := 0
	rapid.Check(t, func(t *rapid.T) {
		walk++
		p := &pair{T: t, ctx: context.Background(), prefix: fmt.Sprintf("w%d-", walk), want: memory.New(), got: s}
		p.drain()
		steps := rapid.IntRange(20, 60).Draw(t, "steps")
		for range steps {
			p.step()
		}
		p.compareState()
		p.compareDeliveries()
		p.compareQueues()
		p.compareAttempts()
	})
}

// pair is two stores that should be the same.
type pair struct {
	*rapid.T
	ctx       context.Context
	prefix    string
	count     int
	accounts  []core.Account    // that were created
	tokens    []core.ResetToken // that were issued
	want, got Store
}

// oneOf draws one of the values.
func oneOf[V any](p *pair, what string, values ...V) V {
	return rapid.SampledFrom(values).Draw(p.T, what)
}

func (p *pair) tenants() []core.TenantID {
	return []core.TenantID{core.TenantID(p.prefix + "a"), core.TenantID(p.prefix + "b")}
}

func (p *pair) digests() (all []core.Digest) {
	for i := range 12 {
		all = append(all, core.NewToken(fmt.Sprint(p.prefix, i)).Digest())
	}
	return all
}

func (p *pair) tenant() core.TenantID { return oneOf(p, "tenant", p.tenants()...) }
func (p *pair) id() core.AccountID {
	return core.AccountID(p.prefix + oneOf(p, "id", "1", "2", "3", "Ω"))
}
func (p *pair) digest() core.Digest { return oneOf(p, "digest", p.digests()...) }
func (p *pair) login() string {
	return oneOf(p, "login", "", "ada", "Ada", "löwe@example.com", "LÖWE@example.com", "bob")
}
func (p *pair) second() int { return rapid.IntRange(0, 40).Draw(p.T, "second") }

// external draws an external id; key.Value may be empty.
func (p *pair) external() core.Key {
	return core.Key{Kind: oneOf(p, "kind", "zap", "unleash"), Value: oneOf(p, "external", "", "7", "é", "É")}
}

func (p *pair) event() core.Event {
	p.count++
	return core.Event{
		ID: core.EventID(fmt.Sprintf("%s%04d", p.prefix, p.count)), Tenant: p.tenant(), At: at(p.second()),
		Account: p.id(), Action: oneOf(p, "action", core.PasswordChanged, core.TokenIssued), Outcome: oneOf(p, "outcome", "", core.Disabled),
	}
}

// who draws an account, mostly one that exists.
func (p *pair) who() (core.TenantID, core.AccountID) {
	if len(p.accounts) > 0 && oneOf(p, "exists", true, true, true, true, true, false) {
		a := oneOf(p, "account", p.accounts...)
		return a.Tenant, a.ID
	}
	return p.tenant(), p.id()
}

// bearer draws a token, mostly the last one that was issued to the account.
func (p *pair) bearer(id core.AccountID) core.Digest {
	for _, t := range slices.Backward(p.tokens) {
		if t.Account == id && oneOf(p, "last", true, true, true, false) {
			return t.Digest
		}
	}
	return p.digest()
}

// step does one thing to both stores. What it will do is drawn before.
func (p *pair) step() {
	tenant, id := p.who()
	e := p.event()
	switch oneOf(p, "do", "create", "create", "disable", "external", "sessions", "upgrade", "issue", "issue", "revoke", "apply", "apply", "apply", "record", "read", "factor", "factor", "queue", "queue", "delivery", "delivery", "attempt", "attempt") {
	case "create":
		a := p.account(p.tenant(), p.id())
		if p.both("create", func(s Store) (any, error) { return nil, s.CreateAccount(p.ctx, a, e) }) {
			p.accounts = append(p.accounts, a)
		}
	case "disable":
		disabled := rapid.Bool().Draw(p.T, "disabled")
		p.both("disable", func(s Store) (any, error) { return nil, s.SetDisabled(p.ctx, tenant, id, disabled, e) })
	case "external":
		key := p.external()
		p.both("external", func(s Store) (any, error) { return nil, s.SetExternalID(p.ctx, tenant, id, key, e) })
	case "sessions":
		p.both("end sessions", func(s Store) (any, error) { return nil, s.EndSessions(p.ctx, tenant, id, e) })
	case "upgrade":
		a, _ := p.want.Account(p.ctx, tenant, core.Key{Kind: core.KeyID, Value: string(id)})
		revision := a.Revision + oneOf[int64](p, "stale", 0, 0, 1)
		p.both("upgrade", func(s Store) (any, error) { return nil, s.Upgrade(p.ctx, tenant, id, revision, string(e.ID), e) })
	case "issue":
		t := core.ResetToken{Digest: p.digest(), Tenant: tenant, Account: id, IssuedBy: "ops", IssuedAt: e.At}
		t.ExpiresAt = e.At.Add(time.Duration(rapid.IntRange(0, 20).Draw(p.T, "ttl")) * time.Second)
		if p.both("issue", func(s Store) (any, error) { return nil, s.CreateToken(p.ctx, t, e) }) {
			p.tokens = append(p.tokens, t)
		}
	case "revoke":
		p.both("revoke", func(s Store) (any, error) { return s.RevokeTokens(p.ctx, tenant, id, e) })
	case "apply":
		m := p.mutation(tenant, id, e)
		p.both("apply", func(s Store) (any, error) { return nil, s.Apply(p.ctx, m) })
	case "record":
		p.both("record", func(s Store) (any, error) { return nil, s.Record(p.ctx, e) })
	case "read":
		p.read(tenant, id, e.ID)
	case "factor":
		p.factorStep(tenant, id, e)
	case "queue":
		p.queueStep(e)
	case "delivery":
		p.deliveryStep()
	case "attempt":
		p.attemptStep(e)
	}
}

func (p *pair) read(tenant core.TenantID, id core.AccountID, event core.EventID) {
	key := oneOf(p, "by", core.Key{Kind: core.KeyID, Value: string(id)}, core.Key{Kind: core.KeyLogin, Value: core.Fold(p.login())}, p.external())
	limit, digest := rapid.IntRange(-1, 3).Draw(p.T, "limit"), p.digest()
	p.both("find", func(s Store) (any, error) { return s.Find(p.ctx, tenant, key) })
	p.both("account", func(s Store) (any, error) { return s.Account(p.ctx, tenant, key) })
	p.both("accounts", func(s Store) (any, error) { return s.Accounts(p.ctx, tenant, id, limit) })
	q := core.Search{Kind: oneOf(p, "kind", core.KeyLogin, "zap"), Prefix: oneOf(p, "prefix", "", "a", "l", "lö", "é", "7")}
	after := oneOf(p, "after", "", "ada", "b", "löwe@example.com", "z")
	p.both("search", func(s Store) (any, error) { return s.Search(p.ctx, tenant, q, after, limit) })
	trail := core.Trail{Account: oneOf(p, "of", "", id), After: event[:len(event)-1], Newest: rapid.Bool().Draw(p.T, "newest")}
	if rapid.Bool().Draw(p.T, "ends") {
		trail.Before = event
	}
	trail.Action = oneOf(p, "action", "", core.PasswordChanged, core.AccountCreated)
	within := rapid.IntRange(-1, 3).Draw(p.T, "within")
	p.both("trail", func(s Store) (any, error) {
		found, end, err := s.Trail(p.ctx, tenant, trail, limit, within)
		return []any{found, end}, err
	})
	p.both("token", func(s Store) (any, error) { return s.Token(p.ctx, digest) })
	p.both("events", func(s Store) (any, error) { return s.Events(p.ctx, tenant, event[:len(event)-1], limit) })
}

func (p *pair) account(tenant core.TenantID, id core.AccountID) core.Account {
	a := core.Account{
		ID: id, Tenant: tenant, Username: p.login(), Email: p.login(), Name: oneOf(p, "name", "", "Ada"),
		Disabled: rapid.Bool().Draw(p.T, "disabled"), Verifier: "v", HistorySalt: []byte{1}, Revision: 1,
		TokensValidAfter: oneOf(p, "valid", time.Time{}, at(p.second())), CreatedAt: at(p.second()),
	}
	if key := p.external(); key.Value != "" { // one at most, so that which is taken first is no question
		a.ExternalIDs = map[string]string{key.Kind: key.Value}
	}
	if rapid.Bool().Draw(p.T, "told of") {
		a.Attributes = map[string]string{"zap.color": oneOf(p, "color", "", "#1976d2")}
	}
	if rapid.Bool().Draw(p.T, "enrolled") {
		a.Factor = &core.Enrolment{Sealed: oneOf(p, "sealed", "", "s0"), LastStep: p.lastStep()}
	}
	for i := range rapid.IntRange(0, 3).Draw(p.T, "history") {
		a.History = append(a.History, core.HistoryEntry{Hash: fmt.Sprint("old", i), SetAt: at(-i)})
	}
	return a
}

func (p *pair) mutation(tenant core.TenantID, id core.AccountID, e core.Event) core.Mutation {
	m := core.Mutation{
		Tenant: tenant, Account: id, Verifier: string(e.ID), HistorySalt: []byte(e.ID), KeepHistory: rapid.IntRange(0, 4).Draw(p.T, "keep"),
		ChangedAt: e.At, TokensValidAfter: oneOf(p, "valid", time.Time{}, at(p.second())), Event: e, Proven: p.proven(e.At),
	}
	a, _ := p.want.Account(p.ctx, tenant, core.Key{Kind: core.KeyID, Value: string(id)})
	m.Revision = a.Revision + oneOf[int64](p, "stale", 0, 0, 0, 1, -1)
	if rapid.Bool().Draw(p.T, "remember") {
		m.Remember = &core.HistoryEntry{Hash: string(e.ID), SetAt: e.At}
	}
	if rapid.Bool().Draw(p.T, "by token") {
		digest := p.bearer(id)
		m.Token = &digest
	}
	switch oneOf(p, "by factor", "", "", "step", "code") {
	case "step":
		m.FactorStep = p.lastStep()
	case "code":
		m.Code = p.codeText()
	}
	m.Messages = p.messages()
	return m
}
