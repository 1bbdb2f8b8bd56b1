package storetest

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"rekey/core"
)

// The walk beside accounts: factors, codes, messages and limits.

// drain removes what earlier walks left in the outbox, which no tenant parts.
func (p *pair) drain() {
	far := at(0).Add(1000 * time.Hour)
	messages, err := p.got.Claim(p.ctx, far, far, everything)
	if err != nil {
		p.Fatal(err)
	}
	for _, m := range messages {
		if err := p.got.Finish(p.ctx, m.ID); err != nil {
			p.Fatal(err)
		}
	}
}

func (p *pair) purpose() string  { return oneOf(p, "purpose", purpose, "login") }
func (p *pair) codeText() string { return oneOf(p, "digest of a code", "c1", "c2", "c3") }
func (p *pair) lastStep() int64  { return rapid.Int64Range(0, 9).Draw(p.T, "time step") }

func (p *pair) messageID() core.MessageID {
	return core.MessageID(p.prefix + oneOf(p, "message", "1", "2", "3", "4", "Ω"))
}

func (p *pair) messages() (some []core.Message) {
	for range rapid.IntRange(0, 2).Draw(p.T, "messages") {
		m := core.Message{ID: p.messageID(), Tenant: p.tenant(), Topic: oneOf(p, "topic", core.Topics()...), Due: at(p.second())}
		if m.Topic != core.Void {
			m.Account, m.Facts = p.id(), map[string]string{"dialect": "zap"}
		}
		if m.Topic == core.TellEndpoint {
			m.Endpoint, m.Since = p.endpoint(), m.Due
		}
		some = append(some, m)
	}
	return some
}

func (p *pair) limits() (some []core.Limit) {
	for range rapid.IntRange(0, 3).Draw(p.T, "limits") {
		some = append(some, core.Limit{
			Key:   p.prefix + oneOf(p, "key", "a", "b", "Ω"),
			Every: oneOf(p, "every", time.Second, 1500*time.Millisecond, 7*time.Second),
			Burst: rapid.IntRange(1, 4).Draw(p.T, "burst"),
		})
	}
	return some
}

// factorStep does one thing about second factors to both stores.
func (p *pair) factorStep(tenant core.TenantID, id core.AccountID, e core.Event) {
	switch oneOf(p, "do with factors", "enrol", "put", "put", "try") {
	case "enrol":
		factor := core.Enrolment{Sealed: oneOf(p, "sealed", "", "s1", "s2", "s3"), LastStep: p.lastStep()}
		p.both("enrol", func(s Store) (any, error) { return nil, s.Enrol(p.ctx, tenant, id, factor, e) })
	case "put":
		c := core.MailedCode{Tenant: tenant, Account: id, Purpose: p.purpose(), Digest: p.codeText(), ExpiresAt: at(p.second())}
		p.both("put a code", func(s Store) (any, error) { return nil, s.PutCode(p.ctx, c, e) })
	case "try":
		p.tryCode(tenant, id, p.purpose(), at(p.second()), rapid.IntRange(0, 3).Draw(p.T, "tries"))
	}
}

func (p *pair) tryCode(tenant core.TenantID, id core.AccountID, purpose string, now time.Time, tries int) {
	p.both("try a code", func(s Store) (any, error) { return s.TryCode(p.ctx, tenant, id, purpose, now, tries) })
}

// queueStep does one thing about messages and limits to both stores.
func (p *pair) queueStep(e core.Event) {
	id, when := p.messageID(), at(p.second())
	switch oneOf(p, "do with the queue", "enqueue", "enqueue", "claim", "claim", "finish", "postpone", "bury", "take", "take", "take", "prune") {
	case "enqueue":
		messages := p.messages()
		p.both("enqueue", func(s Store) (any, error) { return nil, s.Enqueue(p.ctx, e, messages...) })
	case "claim":
		until := when.Add(time.Duration(p.second()) * time.Second)
		limit := rapid.IntRange(-1, 3).Draw(p.T, "limit")
		p.both("claim", func(s Store) (any, error) { return s.Claim(p.ctx, when, until, limit) })
	case "finish":
		p.both("finish", func(s Store) (any, error) { return nil, s.Finish(p.ctx, id) })
	case "postpone":
		p.both("postpone", func(s Store) (any, error) { return nil, s.Postpone(p.ctx, id, when, "why") })
	case "bury":
		p.both("bury", func(s Store) (any, error) { return nil, s.Bury(p.ctx, id, when, "why") })
	case "prune":
		// Ties are broken in no order, so all of a kind are dropped, or none.
		what := oneOf(p, "remnant", core.DeadTokens, core.DeadCodes, core.BuriedMessages, core.PastDeliveries, core.IdleLimits, core.IdleAttempts)
		p.both("prune", func(s Store) (any, error) { return nil, prunedAll(s.Prune(p.ctx, what, when, everything)) })
	case "take":
		limits := p.limits()
		p.both("take", func(s Store) (any, error) { return s.Take(p.ctx, when, limits...) })
	}
}

// attemptStep does one thing about attempts to both stores.
func (p *pair) attemptStep(e core.Event) {
	when := at(p.second())
	claim := core.Claim{Account: p.name(), Client: oneOf(p, "client", "home", "office", "Ω")}
	switch oneOf(p, "do with attempts", "reserve", "reserve", "reserve", "release", "settle") {
	case "reserve":
		if rapid.IntRange(0, 9).Draw(p.T, "names nobody") == 0 {
			claim.Account = ""
		}
		limits := p.limits()
		p.both("reserve", func(s Store) (any, error) { return s.Reserve(p.ctx, when, claim, slow, limits...) })
	case "release":
		p.both("release", func(s Store) (any, error) { return nil, s.Release(p.ctx, claim) })
	case "settle":
		settled := core.Settlement{At: when, Events: []core.Event{e}, Messages: p.messages(), Counts: p.limits(), Proven: p.proven(when)}
		p.both("settle", func(s Store) (any, error) { return nil, s.Settle(p.ctx, settled) })
	}
}

func (p *pair) name() string { return p.prefix + oneOf(p, "name", "ada", "a@x", "id") }

// proven returns whose failures are forgotten, or nobody.
func (p *pair) proven(when time.Time) *core.Proven {
	if rapid.Bool().Draw(p.T, "proves nothing") {
		return nil
	}
	names := []string{p.name()}
	if rapid.Bool().Draw(p.T, "all names") {
		names = []string{p.prefix + "ada", p.prefix + "a@x", p.prefix + "id"}
	}
	return &core.Proven{Accounts: names, Client: oneOf(p, "client", "", "home", "Ω"), At: when}
}

// compareAttempts compares what is kept of attempts, by making another.
func (p *pair) compareAttempts() {
	for _, name := range []string{"ada", "a@x", "id"} {
		for _, client := range []string{"home", "office", "Ω"} {
			p.both("the failures", func(s Store) (any, error) { return s.Failures(p.ctx, p.prefix+name) })
			for _, second := range []int{0, 50, 100} {
				claim := core.Claim{Account: p.prefix + name, Client: client}
				p.both("one more attempt", func(s Store) (any, error) { return s.Reserve(p.ctx, at(second), claim, slow) })
			}
		}
	}
}

// compareQueues compares what no query shows: by claiming and trying it.
func (p *pair) compareQueues() {
	for _, a := range p.accounts {
		for _, purpose := range []string{purpose, "login"} {
			for tries := range 4 { // how many were spent
				p.tryCode(a.Tenant, a.ID, purpose, at(0), tries)
			}
		}
	}
	for _, key := range []string{"a", "b", "Ω"} {
		l := core.Limit{Key: p.prefix + key, Every: time.Second, Burst: 1}
		p.both(fmt.Sprint("what counts for ", key), func(s Store) (any, error) { return s.Take(p.ctx, at(-100), l) })
	}
	far := at(0).Add(1000 * time.Hour)
	p.both("all messages", func(s Store) (any, error) { return s.Claim(p.ctx, far, far, everything) })
}

// prunedAll leaves the count out: other walks have left theirs in the database.
func prunedAll(_ int, err error) error { return err }
