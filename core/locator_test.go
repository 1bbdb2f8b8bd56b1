package core_test

import (
	"strings"
	"testing"

	"rekey/core"
)

// Every field that is set must name the same account.
func TestALocatorNamesOneAccountOrNone(t *testing.T) {
	w := newWorld(t)
	id := w.account(correct).ID
	grace := w.create(core.NewAccount{
		Tenant: acme, Username: "grace", Email: "grace@acme.example", ExternalIDs: map[string]string{"zap": "zap-number-8"},
	})
	w.create(core.NewAccount{Tenant: acme, Email: "mail@acme.example"})
	zap := core.Key{Kind: "zap", Value: "zap-number-7"}
	const email = "ada.lovelace@acme.example"
	for name, c := range map[string]struct {
		locator core.Locator
		found   bool
	}{
		"id":                             {core.Locator{ID: id}, true},
		"username":                       {core.Locator{Login: "ada"}, true},
		"e-mail as login":                {core.Locator{Login: email}, true},
		"e-mail":                         {core.Locator{Email: email}, true},
		"external id":                    {core.Locator{External: zap}, true},
		"all":                            {core.Locator{ID: id, Login: "ADA", Email: "ADA.Lovelace@ACME.example", External: zap}, true},
		"external id and e-mail":         {core.Locator{External: zap, Email: email}, true},
		"external id, other's e-mail":    {core.Locator{External: zap, Email: "grace@acme.example"}, false},
		"external id, nobody's e-mail":   {core.Locator{External: zap, Email: "nobody@acme.example"}, false},
		"external id, username as mail":  {core.Locator{External: zap, Email: "ada"}, false},
		"external id, other's login":     {core.Locator{External: zap, Login: "grace"}, false},
		"id, other's login":              {core.Locator{ID: id, Login: "grace"}, false},
		"id, other's external id":        {core.Locator{ID: id, External: core.Key{Kind: "zap", Value: "zap-number-8"}}, false},
		"other's id":                     {core.Locator{ID: grace.ID, Login: "ada"}, false},
		"login, other's e-mail":          {core.Locator{Login: "ada", Email: "grace@acme.example"}, false},
		"username as e-mail":             {core.Locator{Email: "ada"}, false},
		"id as login":                    {core.Locator{Login: string(id)}, false},
		"external id as login":           {core.Locator{Login: zap.Value}, false},
		"login as id":                    {core.Locator{ID: "ada"}, false},
		"id in another case":             {core.Locator{ID: core.AccountID(strings.ToUpper(string(id)))}, false},
		"external id in another case":    {core.Locator{External: core.Key{Kind: "zap", Value: "ZAP-number-7"}}, false},
		"external id of another dialect": {core.Locator{External: core.Key{Kind: "other", Value: zap.Value}}, false},
		"external id of no dialect":      {core.Locator{External: core.Key{Value: zap.Value}}, false},
		"id as external id":              {core.Locator{External: core.Key{Kind: core.KeyID, Value: string(id)}}, false},
		"login as external id":           {core.Locator{External: core.Key{Kind: core.KeyLogin, Value: "ada"}}, false},
		"dialect without id":             {core.Locator{External: core.Key{Kind: "zap"}}, false},
		"nothing":                        {core.Locator{}, false},
		"part of a name":                 {core.Locator{Login: "ad"}, false},
		"trailing space":                 {core.Locator{Login: "ada "}, false},
		"display name":                   {core.Locator{Login: "Augusta Ada King"}, false},
		"pattern":                        {core.Locator{Login: "%"}, false},
	} {
		account, err := w.Account(t.Context(), acme, c.locator)
		code(t, err, pick[core.Code](c.found, "", core.NotFound), name)
		if c.found && account.ID != id {
			t.Errorf("%s: found %s", name, account.Username)
		}
	}
}

// A name that no account can have is not looked up, and yet costs what a
// missing account costs.
func TestANameThatCannotBeCostsADerivationAllTheSame(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	for name, l := range map[string]core.Locator{
		"missing": {Login: "nobody"}, "NUL": {Login: "ada\x00"}, "line end": {Login: "ada\n"}, "escape": {Email: "\x1bada"},
		"delete": {Login: "ada\x7f"}, "C1": {Login: "ada\u0085"}, "not UTF-8": {Login: "ada\xff"}, "overlong": {Login: strings.Repeat("a", 321)},
		"overlong e-mail": {Email: strings.Repeat("a", 1<<20)}, "overlong id": {ID: core.AccountID(strings.Repeat("a", 1<<20))},
		"external id with NUL": {External: core.Key{Kind: "zap", Value: "zap-number-7\x00"}}, "dialect alone": {External: core.Key{Kind: "zap"}},
		"mismatch": {Login: "ada", Email: "grace@acme.example"},
	} {
		looked := 0
		w.store.before = count(&looked, "Account")
		before := w.state()
		n := w.hasher.count(func() {
			code(t, w.change(core.Knowledge{Account: l, Current: core.NewPassword(correct)}, fresh), core.NotFound, name)
		})
		if n != 1 {
			t.Errorf("%s: got %d derivations, want 1", name, n)
		}
		if want := pick(name == "missing" || name == "mismatch", 1, 0); looked != want {
			t.Errorf("%s: looked up %d times, want %d", name, looked, want)
		}
		w.unchanged(before)
		if events := w.since(before); len(events) != 1 || events[0].Account != "" || events[0].Outcome != core.NotFound {
			t.Errorf("%s: got events %+v, want one that names no account", name, events)
		}
	}
}

func TestTenantsAreWalls(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	token := w.token()
	p := core.NewPassword(wrong)
	twin := w.create(core.NewAccount{
		Tenant: other, Username: "ada", Email: "ada.lovelace@acme.example", Password: &p, ExternalIDs: map[string]string{"zap": "zap-number-7"},
	})
	ask := func(tenant core.TenantID, proof core.Proof) error {
		_, err := w.Change(t.Context(), core.Change{Tenant: tenant, Proof: proof, New: core.NewPassword(fresh)})
		return err
	}
	before := w.state()
	for name, c := range map[string]struct {
		tenant core.TenantID
		proof  core.Proof
		want   core.Code
	}{
		"a twin's password":      {other, knows(correct), core.WrongPassword},
		"the other way round":    {acme, knows(wrong), core.WrongPassword},
		"an id of another":       {acme, core.Authority{Admin: admin, Account: core.Locator{ID: twin.ID}}, core.NotFound},
		"no tenant":              {"", knows(correct), core.NotFound},
		"no tenant, by id":       {"", core.Authority{Admin: admin, Account: core.Locator{ID: twin.ID}}, core.NotFound},
		"unknown tenant":         {"nowhere", knows(correct), core.NotFound},
		"tenant in another case": {"ACME", knows(correct), core.NotFound},
		"a token of another":     {other, core.Possession{Token: token}, core.BadToken},
	} {
		code(t, ask(c.tenant, c.proof), c.want, name)
	}
	w.unchanged(before)

	asked := 0
	w.store.before = count(&asked, "Account")
	code(t, ask("", knows(correct)), core.NotFound)
	if w.store.before = nil; asked != 0 {
		t.Error("the store was asked for an account of no tenant")
	}
	for _, tenant := range []core.TenantID{"", "nowhere"} {
		accounts, err := w.Accounts(t.Context(), tenant, "", 10)
		if err != nil || len(accounts) != 0 {
			t.Errorf("tenant %q lists %d accounts, %v", tenant, len(accounts), err)
		}
		_, err = w.SetDisabled(t.Context(), tenant, core.Locator{ID: twin.ID}, true, "", origin)
		code(t, err, core.NotFound, "disable")
		_, _, err = w.IssueToken(t.Context(), tenant, ada, "operator", origin)
		code(t, err, core.NotFound, "issue")
		_, err = w.RevokeTokens(t.Context(), tenant, ada, "operator", origin)
		code(t, err, core.NotFound, "revoke")
		_, err = w.SetExternalID(t.Context(), tenant, ada, core.Key{Kind: "zap", Value: "1"}, "", origin)
		code(t, err, core.NotFound, "external id")
	}
	w.unchanged(before)
	code(t, ask(acme, knows(correct)), "")
	if got := w.read(other, ada); got.Verifier != twin.Verifier || got.Revision != twin.Revision {
		t.Error("a change of acme's ada touched the other tenant's")
	}
}
