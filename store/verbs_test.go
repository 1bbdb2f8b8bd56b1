package store_test

import (
	"context"
	"slices"
	"time"

	"rekey/core"
	"rekey/core/audit"
	"rekey/store"
)

// uses calls every verb once, with what makes it do all that it can. Verbs that
// read all there is on purpose are not there.
var uses = map[string]func(ctx context.Context, db *store.DB) error{
	"Account": func(ctx context.Context, db *store.DB) error {
		_, err := db.Account(ctx, "acme", core.Key{Kind: core.KeyID, Value: "1"})
		_, err2 := db.Account(ctx, "acme", core.Key{Kind: core.KeyLogin, Value: "ada"})
		return firstOf(err, err2)
	},
	"Find": func(ctx context.Context, db *store.DB) error {
		_, err := db.Find(ctx, "acme", core.Key{Kind: core.KeyID, Value: "1"})
		_, err2 := db.Find(ctx, "acme", core.Key{Kind: core.KeyLogin, Value: "ada"})
		return firstOf(err, err2)
	},
	"Accounts": func(ctx context.Context, db *store.DB) error { return second(db.Accounts(ctx, "acme", "0", 9)) },
	"Apply": func(ctx context.Context, db *store.DB) error {
		digest := core.NewToken("live").Digest()
		return db.Apply(ctx, core.Mutation{
			Tenant: "acme", Account: "1", Revision: 1, Verifier: "v", Token: &digest, ChangedAt: planned, TokensValidAfter: planned,
			Remember: &core.HistoryEntry{Hash: "h", SetAt: planned}, KeepHistory: 5, FactorStep: 7, Code: "code",
			Proven: &core.Proven{Accounts: []string{"ada", "1"}, Client: "home", At: planned},
			Event:  planEvent("change"), Messages: []core.Message{{ID: "notice", Due: planned}},
		})
	},
	"Backlog":          func(ctx context.Context, db *store.DB) error { return second(db.Backlog(ctx, planned)) },
	"DeliveryBacklogs": func(ctx context.Context, db *store.DB) error { return second(db.DeliveryBacklogs(ctx)) },
	"ClaimDeliveries": func(ctx context.Context, db *store.DB) error {
		return second(db.ClaimDeliveries(ctx, "siem", planned, planned, 9))
	},
	"FinishDelivery": func(ctx context.Context, db *store.DB) error { return db.FinishDelivery(ctx, "d") },
	"PostponeDelivery": func(ctx context.Context, db *store.DB) error {
		return db.PostponeDelivery(ctx, "d", planned, "why")
	},
	"BuryDelivery": func(ctx context.Context, db *store.DB) error { return db.BuryDelivery(ctx, "d", planned, "why") },
	"Deliveries": func(ctx context.Context, db *store.DB) error {
		yes, no := true, false
		var all []error
		for _, s := range []core.Selection{
			{}, {Tenant: "acme"}, {Tenant: "acme", Buried: &yes}, {Endpoint: "siem", Tenant: "acme", Buried: &no}, {Endpoint: "siem", Tenant: "acme", Buried: &yes},
		} {
			all = append(all, second(db.Deliveries(ctx, s, 0, 9)))
		}
		return firstOf(all...)
	},
	"RetryDeliveriesOf": func(ctx context.Context, db *store.DB) error {
		return second(db.RetryDeliveriesOf(ctx, "acme", planEvent("retry"), "d"))
	},
	"RetryDeliveries": func(ctx context.Context, db *store.DB) error {
		return second(db.RetryDeliveries(ctx, planned, "d"))
	},
	"AccessKey": func(ctx context.Context, db *store.DB) error {
		return second(db.AccessKey(ctx, core.NewToken("key").Digest()))
	},
	"AccessKeys": func(ctx context.Context, db *store.DB) error { return second(db.AccessKeys(ctx, "acme", "a", 9)) },
	"AnswerRequest": func(ctx context.Context, db *store.DB) error {
		return db.AnswerRequest(ctx, planned, core.Replay{Key: "k", Answer: "a", Expires: planned})
	},
	"BeginRequest": func(ctx context.Context, db *store.DB) error {
		r := core.Replay{Key: "k", Request: "r", Expires: planned.Add(time.Hour)}
		_, _, err := db.BeginRequest(ctx, planned, r)
		_, _, err2 := db.BeginRequest(ctx, planned, r) // is not the first
		return firstOf(err, err2)
	},
	"CreateAccessKey": func(ctx context.Context, db *store.DB) error {
		key := core.AccessKey{Tenant: "acme", Name: "crm", Digest: core.NewToken("key").Digest(), CreatedAt: planned}
		return db.CreateAccessKey(ctx, key, planEvent("key"))
	},
	"ForgetRequest": func(ctx context.Context, db *store.DB) error { return db.ForgetRequest(ctx, planned, "k") },
	"RevokeAccessKey": func(ctx context.Context, db *store.DB) error {
		return db.RevokeAccessKey(ctx, "acme", "crm", planEvent("revoke a key"))
	},
	"UseAccessKey": func(ctx context.Context, db *store.DB) error {
		return db.UseAccessKey(ctx, core.NewToken("key").Digest(), planned)
	},
	"StartSession": func(ctx context.Context, db *store.DB) error {
		return firstOf(db.StartSession(ctx, planSession("x"), planEvent("x")), db.StartSession(ctx, planSession("y"), planEvent("y")))
	},
	"Session": func(ctx context.Context, db *store.DB) error {
		_, _, err := db.Session(ctx, planSession("x").Digest)
		return err
	},
	"SeeSession": func(ctx context.Context, db *store.DB) error {
		return db.SeeSession(ctx, planSession("x").Digest, planned.Add(time.Second))
	},
	"RenewSession": func(ctx context.Context, db *store.DB) error {
		return db.RenewSession(ctx, planSession("x").Digest, planSession("z"), planEvent("z"))
	},
	"EndSession": func(ctx context.Context, db *store.DB) error {
		return db.EndSession(ctx, planSession("z").Digest, planEvent("end"))
	},
	"Claim": func(ctx context.Context, db *store.DB) error { return second(db.Claim(ctx, planned, planned, 9)) },
	"CreateToken": func(ctx context.Context, db *store.DB) error {
		return db.CreateToken(ctx, planToken("new"), planEvent("token"))
	},
	"CreateAccount": func(ctx context.Context, db *store.DB) error {
		return db.CreateAccount(ctx, core.Account{ID: "2", Tenant: "acme", Username: "grace", Revision: 1, History: []core.HistoryEntry{{Hash: "h", SetAt: planned}}}, planEvent("grace"))
	},
	"EndSessions": func(ctx context.Context, db *store.DB) error {
		return db.EndSessions(ctx, "acme", "1", planEvent("end sessions"))
	},
	"Search": func(ctx context.Context, db *store.DB) error {
		logins := core.Search{Kind: core.KeyLogin, Prefix: "ad"}
		return firstOf(second(db.Search(ctx, "acme", logins, "", 9)), second(db.Search(ctx, "acme", logins, "ada", 9)))
	},
	"Meant": func(ctx context.Context, db *store.DB) error { return second(db.Meant(ctx, "acme", "ada")) },
	"Trail": func(ctx context.Context, db *store.DB) error {
		var all []error
		for _, q := range []core.Trail{{}, {After: "0", Before: "9", Newest: true}, {Account: "1"}, {Account: "1", Before: "9", Newest: true}, {Action: core.PasswordChanged, Actor: "a", Dialect: "zap", Outcome: new(core.Code)}} {
			_, _, err := db.Trail(ctx, "acme", q, 9, 99)
			all = append(all, err)
		}
		return firstOf(all...)
	},
	"Upgrade": func(ctx context.Context, db *store.DB) error {
		return db.Upgrade(ctx, "acme", "1", 2, "v", planEvent("upgrade"))
	},
	"Enqueue": func(ctx context.Context, db *store.DB) error {
		delivery := core.Message{ID: "d", Tenant: "acme", Account: "1", Endpoint: "siem", Due: planned, Since: planned}
		return db.Enqueue(ctx, planEvent("queue"), core.Message{ID: "m", Due: planned}, delivery)
	},
	"Enrol": func(ctx context.Context, db *store.DB) error {
		return db.Enrol(ctx, "acme", "1", core.Enrolment{Sealed: "s", LastStep: 2}, planEvent("enrol"))
	},
	"Events":        func(ctx context.Context, db *store.DB) error { return second(db.Events(ctx, "acme", "0", 9)) },
	"Failures":      func(ctx context.Context, db *store.DB) error { return second(db.Failures(ctx, "ada", "1")) },
	"Finish":        func(ctx context.Context, db *store.DB) error { return db.Finish(ctx, "m") },
	"AccountsWhole": func(ctx context.Context, db *store.DB) error { return second(db.AccountsWhole(ctx, "acme", "0", 9)) },
	"Import": func(ctx context.Context, db *store.DB) error {
		fresh := core.Account{
			ID: "3", Tenant: "acme", Username: "alan", Factor: &core.Enrolment{Sealed: "s"}, History: []core.HistoryEntry{{Hash: "h", SetAt: planned}},
		}
		known := core.Arrival{Account: core.Account{ID: "2", Tenant: "acme"}, Was: 1, Ends: true, Event: planEvent("merged")}
		known.Keys = []core.Key{{Kind: "zap", Value: "2"}}
		return db.Import(ctx, "acme", []core.Arrival{{Account: fresh, Event: planEvent("imported")}, known})
	},
	"Named": func(ctx context.Context, db *store.DB) error {
		return second(db.Named(ctx, "acme", []core.Key{{Kind: core.KeyLogin, Value: "ada"}, {Kind: core.KeyID, Value: "2"}}))
	},
	"Tenants": func(ctx context.Context, db *store.DB) error { return second(db.Tenants(ctx)) },
	"HashKinds": func(ctx context.Context, db *store.DB) error {
		_, _, err := db.HashKinds(ctx, "0", 9)
		return err
	},
	"Postpone": func(ctx context.Context, db *store.DB) error { return db.Postpone(ctx, "m", planned, "why") },
	"Bury":     func(ctx context.Context, db *store.DB) error { return db.Bury(ctx, "m", planned, "why") },
	"Head":     func(ctx context.Context, db *store.DB) error { return second(db.Head(ctx)) },
	"Latest": func(ctx context.Context, db *store.DB) error {
		return firstOf(second(db.Latest(ctx, audit.Filter{}, 9)), second(db.Latest(ctx, audit.Filter{Account: "1"}, 9)))
	},
	"Rows": func(ctx context.Context, db *store.DB) error {
		acme := core.TenantID("acme")
		everything := audit.Filter{Tenant: &acme, Actions: []core.Action{""}, Outcomes: []core.Code{""}, Dialect: "zap", Since: planned, Until: planned}
		return firstOf(second(db.Rows(ctx, everything, planRow, 9)), second(db.Rows(ctx, audit.Filter{Account: "1"}, audit.Row{}, 9)))
	},
	"Seal": func(ctx context.Context, db *store.DB) error {
		if err := db.Record(ctx, planEvent("seal")); err != nil {
			return err
		}
		rows, err := db.Unsealed(ctx, audit.Row{}, 99)
		if err != nil {
			return err
		}
		return db.Seal(ctx, audit.NewSeal(audit.Anchor{}, rows, planned, nil), rows)
	},
	"PutSamples": func(ctx context.Context, db *store.DB) error {
		return db.PutSamples(ctx, []core.Sample{{Replica: "a", At: planned}, {Replica: "b", At: planned}})
	},
	"Samples": func(ctx context.Context, db *store.DB) error {
		return second(db.Samples(ctx, planned.Add(-time.Hour), planned))
	},
	"Sealed":   func(ctx context.Context, db *store.DB) error { return second(db.Sealed(ctx, audit.Place{}, 9)) },
	"Seals":    func(ctx context.Context, db *store.DB) error { return second(db.Seals(ctx, 0, 9)) },
	"Unsealed": func(ctx context.Context, db *store.DB) error { return second(db.Unsealed(ctx, planRow, 9)) },
	"Prune": func(ctx context.Context, db *store.DB) error {
		var err error
		for _, what := range core.Remnants() {
			err = firstOf(err, second(db.Prune(ctx, what, planned.Add(time.Second), 9)))
		}
		return err
	},
	"PutCode": func(ctx context.Context, db *store.DB) error {
		return db.PutCode(ctx, core.MailedCode{Tenant: "acme", Account: "1", Purpose: "p", Digest: "code", ExpiresAt: planned.Add(time.Hour)}, planEvent("code"))
	},
	"Record": func(ctx context.Context, db *store.DB) error { return db.Record(ctx, planEvent("record")) },
	"Release": func(ctx context.Context, db *store.DB) error {
		return db.Release(ctx, core.Claim{Account: "ada", Client: "home"})
	},
	"Reserve": func(ctx context.Context, db *store.DB) error {
		rules := core.AttemptRules{Stop: core.MaxStop}
		return second(db.Reserve(ctx, planned, core.Claim{Account: "ada", Client: "home"}, rules, core.Limit{Key: "k", Every: time.Second, Burst: 9}))
	},
	"RevokeTokens": func(ctx context.Context, db *store.DB) error {
		return second(db.RevokeTokens(ctx, "acme", "1", planEvent("revoke")))
	},
	"SetDisabled": func(ctx context.Context, db *store.DB) error {
		return db.SetDisabled(ctx, "acme", "2", true, planEvent("disable"))
	},
	"SetExternalID": func(ctx context.Context, db *store.DB) error {
		return db.SetExternalID(ctx, "acme", "1", core.Key{Kind: "zap", Value: "7"}, planEvent("external"))
	},
	"Settle": func(ctx context.Context, db *store.DB) error {
		return db.Settle(ctx, core.Settlement{
			At: planned, Events: []core.Event{planEvent("settle")}, Counts: []core.Limit{{Key: "k", Every: time.Second, Burst: 1}},
			Proven: &core.Proven{Accounts: []string{"ada"}, Client: "home", At: planned},
		})
	},
	"Take": func(ctx context.Context, db *store.DB) error {
		limit := core.Limit{Key: "one", Every: time.Hour, Burst: 1}
		return firstOf(second(db.Take(ctx, planned, limit)), second(db.Take(ctx, planned, limit)))
	},
	"Token": func(ctx context.Context, db *store.DB) error {
		return second(db.Token(ctx, core.NewToken("live").Digest()))
	},
	"TryCode": func(ctx context.Context, db *store.DB) error {
		return second(db.TryCode(ctx, "acme", "1", "p", planned, 5))
	},
	"Writable": func(ctx context.Context, db *store.DB) error { return db.Writable(ctx) },
}

// readsAll are the verbs that do.
var readsAll = []string{"Backup", "Close", "Facts", "Hashes", "Pools"}

var planned = time.Unix(1_000_000, 0).UTC()

var planRow = audit.Row{At: "1970-01-01T00:00:00.000000Z"}

func planEvent(id core.EventID) core.Event {
	return core.Event{ID: id, At: planned, Tenant: "acme", Account: "1"}
}

func planToken(text string) core.ResetToken {
	return core.ResetToken{Digest: core.NewToken(text).Digest(), Tenant: "acme", Account: "1", IssuedAt: planned, ExpiresAt: planned.Add(time.Hour)}
}

func planSession(token string) core.Session {
	return core.Session{
		Digest: core.NewToken(token).Digest(), Tenant: "acme", Key: "crm", KeyDigest: core.NewToken("key").Digest(),
		StartedAt: planned, SeenAt: planned, ExpiresAt: planned.Add(time.Hour),
	}
}

func second[T any](_ T, err error) error { return err }

func firstOf(errs ...error) error {
	return append(slices.DeleteFunc(errs, func(err error) bool { return err == nil }), nil)[0]
}
