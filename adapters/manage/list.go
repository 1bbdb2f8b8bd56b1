package manage

import (
	"net/http"
	"strings"

	"rekey/core"
)

// accountPage is one page of accounts.
type accountPage struct {
	Accounts []account `json:"accounts"`
	Next     string    `json:"next,omitempty"`
}

// listAccounts lists accounts in the order that they were added; or those that
// one name means; or those of which one name begins with a prefix, in its order.
func (a *Adapter) listAccounts(c *call) (answer, error) {
	q, err := readQuery(c.Request().URL, "limit", "cursor", "username", "email", "external_id", "prefix", "any")
	if err != nil {
		return answer{}, err
	}
	limit, err := q.limit()
	if err != nil {
		return answer{}, err
	}
	switch names := q.given("username", "email", "external_id", "prefix", "any"); {
	case len(names) > 1:
		return answer{}, parameter(names[1])
	case len(names) == 0:
		return a.allAccounts(c, q, limit)
	case names[0] == "any":
		return a.meantAccounts(c, q, limit)
	case names[0] == "prefix":
		return a.searchAccounts(c, q, limit)
	}
	l, err := q.locator()
	if err != nil {
		return answer{}, err
	}
	found, err := a.env.Passwords.Account(c.Request().Context(), c.key.Tenant, l)
	switch {
	case core.CodeOf(err) == core.NotFound, err == nil && q["username"] != "" && core.Fold(found.Username) != core.Fold(q["username"]):
		return pageOf(nil, limit, 0, nil)
	case err != nil:
		return answer{}, err
	}
	return pageOf([]core.Account{found}, limit, 0, nil)
}

// The kinds of cursors: one of a list goes on with no other.
const (
	ofAccounts   = 'a'
	ofSearch     = 's'
	ofEvents     = 'e'
	ofDeliveries = 'd'
)

func (a *Adapter) allAccounts(c *call, q query, limit int) (answer, error) {
	after, err := q.cursor(ofAccounts)
	if err != nil {
		return answer{}, err
	}
	found, err := a.env.Passwords.Accounts(c.Request().Context(), c.key.Tenant, core.AccountID(after), limit+1)
	if err != nil {
		return answer{}, err
	}
	return pageOf(found, limit, ofAccounts, func(a core.Account) string { return string(a.ID) })
}

func (a *Adapter) searchAccounts(c *call, q query, limit int) (answer, error) {
	after, err := q.cursor(ofSearch)
	if err != nil {
		return answer{}, err
	}
	search := core.Search{Kind: core.KeyLogin, Prefix: core.Fold(q["prefix"])}
	if kind, id, external := strings.Cut(q["prefix"], ":"); external {
		search = core.Search{Kind: kind, Prefix: id}
	}
	found, err := a.env.Passwords.Search(c.Request().Context(), c.key.Tenant, search, after, limit+1)
	switch {
	case core.CodeOf(err) == core.Invalid:
		return answer{}, parameter("prefix")
	case err != nil:
		return answer{}, err
	}
	return pageOf(found, limit, ofSearch, search.By)
}

// meantAccounts lists those that a text means exactly, whatever kind of name it
// is: so few that they are one page.
func (a *Adapter) meantAccounts(c *call, q query, limit int) (answer, error) {
	if q["cursor"] != "" {
		return answer{}, parameter("cursor")
	}
	found, err := a.env.Passwords.Meant(c.Request().Context(), c.key.Tenant, q["any"])
	switch {
	case core.CodeOf(err) == core.Invalid:
		return answer{}, parameter("any")
	case err != nil:
		return answer{}, err
	}
	return pageOf(found, max(limit, len(found)), 0, nil)
}

// pageOf answers with up to limit of the accounts, and where to go on if there
// are more.
func pageOf(found []core.Account, limit int, kind byte, at func(core.Account) string) (answer, error) {
	page := accountPage{Accounts: []account{}}
	if len(found) > limit {
		found = found[:limit]
		page.Next = cursorAt(kind, at(found[limit-1]))
	}
	for _, a := range found {
		page.Accounts = append(page.Accounts, accountOf(a))
	}
	return say(http.StatusOK, plainJSON, page)
}
