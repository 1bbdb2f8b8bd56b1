package console

import (
	"net/http"
	"net/url"
	"regexp"
	"time"

	"rekey/core"
)

// event is an event as the management API tells it.
type event struct {
	ID        shown          `json:"id"`
	At        time.Time      `json:"at"`
	Action    shown          `json:"action"`
	Outcome   shown          `json:"outcome"`
	Account   core.AccountID `json:"account"`
	Proof     shown          `json:"proof"`
	Actor     shown          `json:"actor"`
	Dialect   shown          `json:"dialect"`
	Address   shown          `json:"address"`
	RequestID shown          `json:"request_id"`
}

// Done reports whether what was tried was done.
func (e event) Done() bool { return e.Outcome == "done" }

// trailPage is one page of the audit trail. It may hold none, and yet lead on.
type trailPage struct {
	Events  []event    `json:"events"`
	Next    string     `json:"next"`
	Reached *time.Time `json:"reached"` // as far back as was looked, if it leads on
	Own     bool       `json:"-"`       // whether all are about one account
}

// ledger is what the page of the audit trail is made of.
type ledger struct {
	Filter   url.Values
	Trail    trailPage
	Actions  []core.Action
	Outcomes []core.Code
	Dialects []string
	First    string
	Next     string
	CSV      string
	JSON     string
	Wrong    words
}

// Of returns the value of a filter, for its field.
func (l ledger) Of(name string) string { return l.Filter.Get(name) }

// Filtered reports whether there is a filter.
func (l ledger) Filtered() bool { return len(l.Filter) > 0 }

// filterNames are the filters of the audit trail, as the page calls them.
var filterNames = []string{"who", "what", "outcome", "dialect", "account", "from", "until"}

func (v *visit) audit() error {
	l := ledger{Filter: v.filters(filterNames...), Actions: core.Actions(), Outcomes: append([]core.Code{"done"}, core.Codes()...)}
	asked, err := v.trail(l.Filter)
	if err == nil {
		asked.Set("order", "newest")
		if cursor := v.QueryParam("cursor"); cursor != "" {
			asked.Set("cursor", cursor)
			l.First = home + "/audit?" + l.Filter.Encode()
		}
		err = v.get("/events", asked, &l.Trail)
	}
	if misasked(err) != nil {
		l.Wrong = wordsOf(err)
		return v.refuse(v, err, "audit", view{Title: "Audit", Body: l})
	}
	if err != nil {
		return err
	}
	if l.Trail.Next != "" {
		l.Next = home + "/audit?" + at(l.Filter, l.Trail.Next)
	}
	l.CSV, l.JSON = exportPath+".csv?"+l.Filter.Encode(), exportPath+".jsonl?"+l.Filter.Encode()
	return v.show("audit", view{Title: "Audit", Body: l})
}

// trail returns what the management API is asked for by the filters.
func (v *visit) trail(filter url.Values) (url.Values, error) {
	asked := url.Values{}
	for name, parameter := range map[string]string{"who": "actor", "what": "action", "outcome": "outcome", "dialect": "dialect"} {
		if value := filter.Get(name); value != "" {
			asked.Set(parameter, value)
		}
	}
	for name, parameter := range map[string]string{"from": "since", "until": "until"} {
		if filter.Get(name) == "" {
			continue
		}
		at, err := instant(filter.Get(name))
		if err != nil {
			return nil, wrongFilter(name)
		}
		asked.Set(parameter, at.Format(time.RFC3339))
	}
	if name := filter.Get("account"); name != "" {
		id, err := v.meant(name)
		if err != nil {
			return nil, err
		}
		asked.Set("account", id)
	}
	return asked, nil
}

// instant reads a time as a field of a form has it, in UTC, or as RFC 3339 writes it.
func instant(text string) (at time.Time, err error) {
	for _, form := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", time.DateTime, time.DateOnly, time.RFC3339} {
		if at, err = time.Parse(form, text); err == nil {
			return at.UTC(), nil
		}
	}
	return at, err
}

func wrongFilter(name string) error {
	p := &problem{Status: http.StatusBadRequest, Code: "invalid"}
	p.Errors = append(p.Errors, struct {
		Parameter string `json:"parameter"`
	}{name})
	return p
}

var accountID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// meant returns the id of the account that a name means, or the name itself where it is
// none: accounts that are gone have events, too.
func (v *visit) meant(name string) (string, error) {
	if accountID.MatchString(name) || !v.bearer.May(core.AccountsRead) {
		return name, nil
	}
	var found accountPage
	if err := v.get("/accounts", url.Values{"any": {name}}, &found); err != nil {
		return "", wrongFilter("account")
	}
	if len(found.Accounts) == 1 {
		return string(found.Accounts[0].ID), nil
	}
	return name, nil
}
