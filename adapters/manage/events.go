package manage

import (
	"net/http"
	"slices"
	"time"

	"rekey/core"
)

// event is how an event is told.
type event struct {
	ID        core.EventID   `json:"id"`
	At        time.Time      `json:"at"`
	Action    core.Action    `json:"action"`
	Outcome   core.Code      `json:"outcome"`
	Account   core.AccountID `json:"account,omitempty"`
	Proof     core.ProofKind `json:"proof,omitempty"`
	Actor     string         `json:"actor,omitempty"`
	Dialect   string         `json:"dialect,omitempty"`
	Address   string         `json:"address,omitempty"`
	RequestID string         `json:"request_id,omitempty"`
}

// done is how the outcome of what was not refused is told.
const done core.Code = "done"

func eventOf(e core.Event) event {
	told := event{
		ID: e.ID, At: e.At, Action: e.Action, Outcome: e.Outcome, Account: e.Account, Proof: e.Proof, Actor: e.Actor,
		Dialect: e.Origin.Dialect, RequestID: e.Origin.RequestID,
	}
	if e.Outcome == "" {
		told.Outcome = done
	}
	if e.Origin.Addr.IsValid() {
		told.Address = e.Origin.Addr.String()
	}
	return told
}

// eventPage is one page of the audit trail. It may hold fewer events than were
// asked for, and none, and yet lead on.
type eventPage struct {
	Events  []event    `json:"events"`
	Next    string     `json:"next,omitempty"`
	Reached *time.Time `json:"reached,omitempty"` // as far as the trail was looked through, if it leads on
}

func (a *Adapter) listEvents(c *call) (answer, error) {
	q, err := readQuery(c.Request().URL, "limit", "cursor", "order", "account", "action", "outcome", "actor", "dialect", "since", "until")
	if err != nil {
		return answer{}, err
	}
	limit, err := q.limit()
	if err != nil {
		return answer{}, err
	}
	trail, err := q.trail()
	if err != nil {
		return answer{}, err
	}
	found, more, err := a.env.Passwords.Events(c.Request().Context(), c.key.Tenant, trail, limit)
	if err != nil {
		return answer{}, err
	}
	page := eventPage{Events: []event{}}
	for _, e := range found {
		page.Events = append(page.Events, eventOf(e))
	}
	if more != "" {
		page.Next = cursorAt(ofEvents, string(more))
		if at, told := more.Time(); told {
			page.Reached = &at
		}
	}
	return say(http.StatusOK, plainJSON, page)
}

// trail returns which events the query means.
func (q query) trail() (t core.Trail, err error) {
	t = core.Trail{Account: core.AccountID(q["account"]), Action: core.Action(q["action"]), Actor: q["actor"], Dialect: q["dialect"]}
	switch q["order"] {
	case "", "oldest":
	case "newest":
		t.Newest = true
	default:
		return t, parameter("order")
	}
	if outcome := core.Code(q["outcome"]); outcome == done {
		t.Outcome = new(core.Code)
	} else if outcome != "" {
		if t.Outcome = &outcome; !slices.Contains(core.Codes(), outcome) {
			return t, parameter("outcome")
		}
	}
	return q.between(t)
}

// between sets where the trail begins and ends.
func (q query) between(t core.Trail) (core.Trail, error) {
	place, err := q.cursor(ofEvents)
	if err != nil {
		return t, err
	}
	since, err := q.instant("since")
	if err != nil {
		return t, err
	}
	until, err := q.instant("until")
	if err != nil {
		return t, err
	}
	if !since.IsZero() {
		t.After = core.FirstEventID(since)
	}
	if !until.IsZero() {
		t.Before = core.FirstEventID(until)
	}
	switch at := core.EventID(place); {
	case at == "":
	case t.Newest:
		t.Before = at
	default:
		t.After = max(t.After, at)
	}
	return t, nil
}
