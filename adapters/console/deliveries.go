package console

import (
	"net/http"
	"net/url"
	"time"

	"rekey/core"
)

// delivery is what one endpoint is still to be told.
type delivery struct {
	ID       core.MessageID `json:"id"`
	Endpoint shown          `json:"endpoint"`
	Event    shown          `json:"event"`
	Account  core.AccountID `json:"account"`
	State    shown          `json:"state"`
	Tries    int            `json:"tries"`
	Since    time.Time      `json:"since"`
	Due      *time.Time     `json:"due"`
	DeadAt   *time.Time     `json:"dead_at"`
	Reason   shown          `json:"reason"`
}

// Dead reports whether it was given up.
func (d delivery) Dead() bool { return d.State == "dead" }

// backlogPage is what the page of deliveries is made of.
type backlogPage struct {
	Deliveries []delivery `json:"deliveries"`
	More       string     `json:"next"`

	Filter url.Values `json:"-"`
	Here   string     `json:"-"` // this page
	First  string     `json:"-"`
	Next   string     `json:"-"`
	All    string     `json:"-"` // leads to trying all dead ones again; "" if the key may not
	Wrong  words      `json:"-"`
}

// Of returns the value of a filter, for its field.
func (b backlogPage) Of(name string) string { return b.Filter.Get(name) }

// Filtered reports whether there is a filter.
func (b backlogPage) Filtered() bool { return len(b.Filter) > 0 }

// May reports whether the operator's key may have deliveries tried again.
func (b backlogPage) May() bool { return b.All != "" }

const deliveriesPath = home + "/deliveries"

func (v *visit) deliveries() error {
	b := backlogPage{Filter: v.filters("state", "endpoint")}
	asked := v.filters("state", "endpoint", "cursor")
	b.Here = deliveriesPath + "?" + asked.Encode()
	if v.bearer.May(core.WebhooksWrite) {
		b.All = deliveriesPath + "/retry?" + url.Values{"back": {b.Here}, "endpoint": {b.Of("endpoint")}}.Encode()
	}
	err := v.get("/deliveries", asked, &b)
	if misasked(err) != nil {
		b.Wrong = wordsOf(err)
		return v.refuse(v, err, "deliveries", view{Title: "Deliveries", Body: b})
	}
	if err != nil {
		return err
	}
	if b.More != "" {
		b.Next = deliveriesPath + "?" + at(asked, b.More)
	}
	if asked.Get("cursor") != "" {
		b.First = deliveriesPath + "?" + b.Filter.Encode()
	}
	return v.show("deliveries", view{Title: "Deliveries", Body: b})
}

// ofDeliveries are the deeds about what webhooks are to be told.
func ofDeliveries() []deed {
	return []deed{
		{
			path: "/deliveries/:id/retry", home: "/deliveries", scope: core.WebhooksWrite, name: "Try again", button: "Try the delivery again",
			consequence: "Its endpoint is told at once, and if it does not take it, again and again as at first.", done: "retried",
			method: http.MethodPost, toAPI: "/deliveries/:id/retry",
			subject: func(v *visit) (shown, error) { return "Delivery " + visible(v.Param("id")), nil },
		},
		{
			path: "/deliveries/retry", home: "/deliveries", scope: core.WebhooksWrite, name: "Try all dead ones again", button: "Try all dead deliveries again",
			consequence: "Their endpoints are told at once, and where they do not take it, again and again as at first.", done: "all-retried",
			method: http.MethodPost, toAPI: "/deliveries/retry",
			subject: func(v *visit) (shown, error) {
				if name := v.QueryParam("endpoint"); name != "" {
					return "To " + visible(name), nil
				}
				return "To all endpoints", nil
			},
			payload: func(v *visit) any {
				if name := v.QueryParam("endpoint"); name != "" {
					return map[string]string{"endpoint": name}
				}
				return nil
			},
		},
	}
}
