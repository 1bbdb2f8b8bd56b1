package manage

import (
	"net/http"
	"strconv"
	"time"

	"rekey/adapters"
	"rekey/core"
)

// delivery is how what a webhook is still to be told is told.
type delivery struct {
	ID       core.MessageID `json:"id"`
	Endpoint string         `json:"endpoint"`
	Event    string         `json:"event,omitempty"` // its action
	EventID  string         `json:"event_id,omitempty"`
	Account  core.AccountID `json:"account,omitempty"`
	State    string         `json:"state"`
	Tries    int            `json:"tries"`
	Since    time.Time      `json:"since"`
	Due      *time.Time     `json:"due"`
	DeadAt   *time.Time     `json:"dead_at"`
	Reason   string         `json:"reason,omitempty"`
}

const waits, dead = "pending", "dead"

func deliveryOf(d core.Delivery) delivery {
	told := delivery{
		ID: d.ID, Endpoint: d.Endpoint, Event: d.Facts[core.FactAction], EventID: d.Facts[core.FactEvent], Account: d.Account,
		State: waits, Tries: d.Attempts, Since: d.Since, Due: instant(d.Due), DeadAt: instant(d.BuriedAt), Reason: d.Why,
	}
	if !d.BuriedAt.IsZero() {
		told.State, told.Due = dead, nil
	}
	return told
}

// deliveryPage is one page of deliveries. It may hold fewer than were asked for,
// and none, and yet lead on.
type deliveryPage struct {
	Deliveries []delivery `json:"deliveries"`
	Next       string     `json:"next,omitempty"`
}

func (a *Adapter) listDeliveries(c *call) (answer, error) {
	q, err := readQuery(c.Request().URL, "limit", "cursor", "state", "endpoint")
	if err != nil {
		return answer{}, err
	}
	limit, err := q.limit()
	if err != nil {
		return answer{}, err
	}
	after, err := q.place(ofDeliveries)
	if err != nil {
		return answer{}, err
	}
	which := core.Selection{Tenant: c.key.Tenant, Endpoint: q["endpoint"]}
	switch buried := q["state"] == dead; q["state"] {
	case "":
	case waits, dead:
		which.Buried = &buried
	default:
		return answer{}, parameter("state")
	}
	found, more, err := a.env.Passwords.ListDeliveries(c.Request().Context(), which, after, limit)
	if err != nil {
		return answer{}, err
	}
	page := deliveryPage{Deliveries: []delivery{}}
	for _, d := range found {
		page.Deliveries = append(page.Deliveries, deliveryOf(d))
	}
	if more > 0 {
		page.Next = cursorAt(ofDeliveries, strconv.FormatInt(more, 10))
	}
	return say(http.StatusOK, plainJSON, page)
}

// place returns the number in a cursor.
func (q query) place(kind byte) (int64, error) {
	text, err := q.cursor(kind)
	if err != nil || text == "" {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != text {
		return 0, parameter("cursor")
	}
	return n, nil
}

// retried is how many deliveries are tried again.
type retried struct {
	Retried int  `json:"retried"`
	More    bool `json:"more"` // whether it stopped before the last
}

// noDelivery is a delivery that is not there, or is another tenant's.
var noDelivery = adapters.Fault{Status: http.StatusNotFound, Code: "not_found", Message: "There is no such delivery that is not being tried now"}

func (a *Adapter) retryDelivery(c *call) (answer, error) {
	if err := c.nothing(); err != nil {
		return answer{}, err
	}
	err := a.env.Passwords.RetryDelivery(c.Request().Context(), c.key.Tenant, core.MessageID(c.Param("id")), c.key.Actor(), c.origin)
	switch {
	case core.CodeOf(err) == core.NotFound:
		return answer{}, &refusal{noDelivery, err, nil}
	case err != nil:
		return answer{}, err
	}
	return say(http.StatusOK, plainJSON, retried{Retried: 1})
}

// whichDeliveries are to be tried again: all, or those to one endpoint.
type whichDeliveries struct {
	Endpoint string `json:"endpoint"`
}

func (a *Adapter) retryDeliveries(c *call) (answer, error) {
	var req whichDeliveries
	if len(c.body) > 0 {
		var err error
		if req, err = decode[whichDeliveries](c.body); err != nil {
			return answer{}, err
		}
	}
	n, more, err := a.env.Passwords.RetryDeliveries(c.Request().Context(), c.key.Tenant, req.Endpoint, c.key.Actor(), c.origin)
	if err != nil {
		return answer{}, err
	}
	return say(http.StatusOK, plainJSON, retried{n, more})
}
