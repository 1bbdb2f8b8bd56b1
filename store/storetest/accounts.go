package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"rekey/core"
)

func aboutAccounts() []check {
	return []check{
		{"an account is found whole by each of its keys", foundByKeys},
		{"an account is found by nothing else", foundByNothingElse},
		{"an account may lack whatever is optional", lacksOptional},
		{"a name may be username and e-mail address at once", oneNameTwice},
		{"accounts are listed by id, page by page, without history", listed},
		{"a key that is taken is a conflict which names it", takenKeys},
		{"tenants may use the same names", sameNames},
		{"what is given and returned is the caller's own", ownCopies},
	}
}

func foundByKeys(w *world) {
	given := ada(acme)
	w.create(given)
	w.create(bare(acme, "bob"))
	want := given
	want.History = []core.HistoryEntry{{Hash: "h2", SetAt: kept(at(-1))}, {Hash: "h1", SetAt: kept(at(-2))}}
	want.PasswordChangedAt, want.TokensValidAfter, want.CreatedAt = kept(at(-1)), kept(at(-1)), kept(at(-9))
	for _, key := range append(given.Keys(), core.Key{Kind: core.KeyID, Value: string(given.ID)}) {
		got, err := w.Account(w.ctx, acme, key)
		w.must(err)
		same(w, fmt.Sprint("the account by ", key), got, want)
	}
}

func foundByNothingElse(w *world) {
	a := w.create(ada(acme))
	for _, key := range []core.Key{
		{},
		{Kind: core.KeyID},
		{Kind: core.KeyID, Value: "ada"},
		{Kind: core.KeyID, Value: string(a.ID) + "\x00"},
		{Kind: core.KeyID, Value: "\xff"},
		{Kind: core.KeyLogin, Value: "Ada"}, // not folded
		{Kind: core.KeyLogin, Value: string(a.ID)},
		{Kind: core.KeyLogin, Value: "ada\x00"},
		{Kind: core.KeyLogin, Value: "Ünïque"},
		{Kind: core.KeyLogin, Value: "7"},
		{Kind: "licensespring", Value: "ünïque"}, // folded
		{Kind: "licensespring", Value: "7"},
		{Kind: "unleash\x00", Value: "7"},
		{Kind: "unleash", Value: ""},
		{Kind: "unleash", Value: "' OR 1=1 --"},
	} {
		if got, err := w.Account(w.ctx, acme, key); !errors.Is(err, core.NotFound) {
			w.Errorf("account by %q: got %+v, %v, want not_found", key, got, err)
		}
	}
}

func lacksOptional(w *world) {
	given := bare(acme, "bob")
	want := given
	want.CreatedAt = kept(given.CreatedAt)
	same(w, "the account", w.create(given), want)
	for i := range 2 { // nothing is found by the e-mail address that both lack
		w.create(bare(acme, fmt.Sprint("other", i)))
	}
}

func oneNameTwice(w *world) {
	a := bare(acme, "ada@example.com")
	a.Email = "ADA@example.com"
	got := w.create(a)
	same(w, "the e-mail address", got.Email, "ADA@example.com")
}

func listed(w *world) {
	var ids []core.AccountID
	for _, i := range []int{3, 1, 4, 0, 2} {
		a := ada(acme)
		a.ID, a.Username, a.Email = core.AccountID(fmt.Sprintf("%c-id", "Za-b_"[i])), fmt.Sprint("u", i), ""
		a.ExternalIDs = map[string]string{"unleash": fmt.Sprint(i), "zap": fmt.Sprint(i)}
		w.create(a)
		ids = append(ids, a.ID)
	}
	w.create(ada(birch))
	slices.Sort(ids)
	for limit, pages := range map[int]int{1: 6, 2: 3, 5: 2, 99: 1} {
		var got []core.AccountID
		var after core.AccountID
		n := 0
		for more := true; more && n < 9; n++ {
			page, err := w.Accounts(w.ctx, acme, after, limit)
			w.must(err)
			for _, a := range page {
				want := w.find(a)
				want.History = nil
				same(w, "a listed account", a, want)
				got, after = append(got, a.ID), a.ID
			}
			more = len(page) == limit
		}
		same(w, fmt.Sprint("ids, by ", limit), got, ids)
		same(w, fmt.Sprint("pages, by ", limit), n, pages)
	}
	for _, limit := range []int{0, -1} {
		page, err := w.Accounts(w.ctx, acme, "", limit)
		w.must(err)
		same(w, fmt.Sprint("accounts, limit ", limit), len(page), 0)
	}
}

func takenKeys(w *world) {
	w.create(ada(acme))
	w.create(bare(birch, "else"))
	for name, c := range map[string]struct {
		alter func(a *core.Account)
		field string
	}{
		"the id":                  {func(a *core.Account) { a.ID = "id-ada-acme" }, core.KeyID},
		"another tenant's id":     {func(a *core.Account) { a.ID = "id-else" }, core.KeyID},
		"the username, folded":    {func(a *core.Account) { a.Username = "ADA" }, core.KeyLogin},
		"an e-mail as username":   {func(a *core.Account) { a.Username = "ada@LÖWE.example" }, core.KeyLogin},
		"a username as e-mail":    {func(a *core.Account) { a.Email = "aDa" }, core.KeyLogin},
		"an external id":          {func(a *core.Account) { a.ExternalIDs = map[string]string{"unleash": "7"} }, "unleash"},
		"everything: id is first": {func(a *core.Account) { *a = ada(acme) }, core.KeyID},
		"logins come before external ids": {func(a *core.Account) {
			a.Username, a.ExternalIDs = "ada", map[string]string{"unleash": "7"}
		}, core.KeyLogin},
	} {
		w.unchanged(name, core.Conflict, func() error {
			a := bare(acme, "new")
			c.alter(&a)
			err := w.CreateAccount(w.ctx, a, w.event(acme, a.ID, core.AccountCreated, at(1)))
			wantConflict(w, name, err, c.field)
			return err
		})
	}
}

func sameNames(w *world) {
	here, there := w.create(ada(acme)), w.create(ada(birch))
	for _, want := range []core.Account{here, there} {
		for _, key := range want.Keys() {
			got, err := w.Account(w.ctx, want.Tenant, key)
			w.must(err)
			same(w, fmt.Sprint("the account by ", key), got, want)
		}
	}
}

func ownCopies(w *world) {
	given := ada(acme)
	want := w.create(given)
	for _, a := range []core.Account{given, w.find(want)} {
		a.ExternalIDs["unleash"], a.HistorySalt[0], a.History[0] = "8", 99, core.HistoryEntry{SetAt: time.Time{}}
		a.Attributes["unleash.role"], *a.Factor = "Admin", core.Enrolment{}
	}
	same(w, "the account", w.find(want), want)
}
