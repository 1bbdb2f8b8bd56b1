package console

import (
	"maps"
	"net/url"
	"time"

	"rekey/core"
)

// account is an account as the management API tells it.
type account struct {
	ID                core.AccountID  `json:"id"`
	Username          shown           `json:"username"`
	Email             shown           `json:"email"`
	Name              shown           `json:"name"`
	ExternalIDs       map[shown]shown `json:"external_ids"`
	Attributes        map[shown]shown `json:"attributes"`
	Disabled          bool            `json:"disabled"`
	HasPassword       bool            `json:"has_password"`
	OneTimeCodes      bool            `json:"one_time_codes"`
	PasswordChangedAt *time.Time      `json:"password_changed_at"`
	TokensValidAfter  *time.Time      `json:"tokens_valid_after"`
	CreatedAt         time.Time       `json:"created_at"`
	Failures          int             `json:"failed_attempts"`
	Locked            bool            `json:"locked"`
}

// Title is what a page calls the account.
func (a account) Title() shown {
	for _, name := range []shown{a.Username, a.Email, a.Name} {
		if name != "" {
			return name
		}
	}
	return shown(a.ID)
}

// accountPage is one page of accounts.
type accountPage struct {
	Accounts []account `json:"accounts"`
	Next     string    `json:"next"`
}

// directory is what the page of accounts is made of.
type directory struct {
	Query   string // as it was typed
	Shown   shown
	Found   []account
	Exactly bool   // whether the query is the whole of a name
	First   string // leads to the first page; "" if this is it
	Next    string // leads to the next page; "" if there is none
	Wrong   words
}

// accounts lists accounts, or those that the query names: exactly, by an id of any
// kind, and where there is none, by the beginning of one.
func (v *visit) accounts() error {
	query := v.filters("q", "cursor")
	d := directory{Query: query.Get("q"), Shown: visible(query.Get("q"))}
	found, err := d.look(v, query.Get("cursor"))
	if p := misasked(err); p != nil {
		d.Wrong = wordsOf(err)
		if p.parameter() != "cursor" {
			d.Wrong = words{"No account can be called that", "Search by an id, a username, an e-mail address, or by an id that another system uses, as KIND:ID."}
		}
		return v.refuse(v, err, "accounts", view{Title: "Accounts", Body: d})
	}
	if err != nil {
		return err
	}
	d.Found = found.Accounts
	if found.Next != "" {
		d.Next = home + "/accounts?" + at(query, found.Next)
	}
	if query.Get("cursor") != "" {
		d.First = home + "/accounts?" + at(query, "")
	}
	return v.show("accounts", view{Title: "Accounts", Body: d})
}

func (d *directory) look(v *visit, cursor string) (found accountPage, err error) {
	if d.Query != "" && cursor == "" {
		if err := v.get("/accounts", url.Values{"any": {d.Query}}, &found); err != nil {
			return found, err
		}
		if d.Exactly = len(found.Accounts) > 0; d.Exactly {
			return found, nil
		}
	}
	asked := url.Values{"limit": {"50"}}
	if d.Query != "" {
		asked.Set("prefix", d.Query)
	}
	if cursor != "" {
		asked.Set("cursor", cursor)
	}
	return found, v.get("/accounts", asked, &found)
}

// at returns the query with another cursor; "" is the beginning.
func at(query url.Values, cursor string) string {
	changed := maps.Clone(query)
	if changed.Del("cursor"); cursor != "" {
		changed.Set("cursor", cursor)
	}
	return changed.Encode()
}

// dossier is what the page of one account is made of.
type dossier struct {
	Account account
	Deeds   []deedLink
	History *trailPage // nil if the key may not read it
	First   string
	Next    string
}

// deedLink leads to what may be done.
type deedLink struct{ Name, Path string }

// account shows one account, with its latest events.
func (v *visit) account() error {
	a, err := v.accountOf(v.Param("id"))
	if err != nil {
		return err
	}
	d := dossier{Account: a, Deeds: v.deedsFor(a)}
	if v.bearer.May(core.AuditRead) {
		cursor := v.QueryParam("cursor")
		asked := url.Values{"account": {string(a.ID)}, "order": {"newest"}, "limit": {"25"}}
		if cursor != "" {
			asked.Set("cursor", cursor)
			d.First = v.Request().URL.Path + "#history"
		}
		d.History = &trailPage{Own: true}
		if err := v.get("/events", asked, d.History); err != nil {
			return err
		}
		if d.History.Next != "" {
			d.Next = "?" + url.Values{"cursor": {d.History.Next}}.Encode() + "#history"
		}
	}
	return v.show("account", view{Title: string(a.Title()), Body: d})
}

// accountOf returns the account with the id.
func (v *visit) accountOf(id string) (a account, err error) {
	err = v.get("/accounts/"+url.PathEscape(id), nil, &a)
	if misasked(err) != nil {
		return a, core.NotFound
	}
	return a, err
}
