package console

import (
	"net/http"
	"net/url"
	"time"

	"rekey/adapters"
	"rekey/core"
)

// question asks whether a deed is to be done.
type question struct {
	Deed    deed
	Subject shown  // what it is done to
	Back    string // where the operator came from
	AskKey  bool   // whether the key must be given again
	Wrong   words
}

// Name and the others are what the template reads of the deed.
func (q question) Name() string        { return q.Deed.name }
func (q question) Button() string      { return q.Deed.button }
func (q question) Consequence() string { return q.Deed.consequence }
func (q question) Severe() bool        { return q.Deed.severe }

// asking shows the question. It does nothing.
func (a *Adapter) asking(d deed) func(*visit) error {
	return func(v *visit) error {
		q, err := v.question(d, v.QueryParam("back"))
		if err != nil {
			return err
		}
		return v.render(v, http.StatusOK, "question", q.view())
	}
}

func (v *visit) question(d deed, back string) (question, error) {
	q := question{Deed: d, Back: ownPath(back), AskKey: !v.Sessions.Confirmed(v.session)}
	if back == "" {
		q.Back = home + fill(d.home, v.Param("id"))
	}
	var err error
	q.Subject, err = d.subject(v)
	return q, err
}

func (q question) view() view { return view{Title: q.Deed.name, Body: q} }

// again shows the question with what is wrong.
func (q question) again(v *visit, err error, wrong words) error {
	q.Wrong, q.AskKey = wrong, !v.Sessions.Confirmed(v.session)
	return v.refuse(v, err, "question", q.view())
}

// doing does the deed, if the operator's key was given again not long ago, and leads
// back.
func (a *Adapter) doing(d deed) func(*visit) error {
	return func(v *visit) error {
		form, err := readForm(v)
		if err != nil {
			return err
		}
		q, err := v.question(d, form.Get("back"))
		if err != nil {
			return err
		}
		if wrong, err := v.confirm(form); err != nil {
			return q.again(v, err, wrong)
		}
		if d.done == "" {
			return v.link(q)
		}
		more, err := d.do(v)
		if err != nil {
			return q.again(v, err, wordsOf(err))
		}
		if more {
			return seeOther(v, withNotice(q.Back, "more"))
		}
		return seeOther(v, withNotice(q.Back, d.done))
	}
}

// do has the management API do it, and reports whether it stopped before all was done.
func (d deed) do(v *visit) (bool, error) {
	var body any
	if d.payload != nil {
		body = d.payload(v)
	}
	var got struct {
		More bool `json:"more"`
	}
	err := v.api.call(v.Request().Context(), d.method, fill(d.toAPI, v.Param("id")), body, &got)
	return got.More, err
}

// confirm lets the session write, if it may or if the form has its key.
func (v *visit) confirm(form url.Values) (words, error) {
	key := form.Get("key")
	switch {
	case key == "" && v.Sessions.Confirmed(v.session):
		return words{}, nil
	case key == "":
		return words{"Give the management key", "What is written is confirmed with the key that you signed in with."}, core.Forbidden
	}
	token, session, err := v.Sessions.Confirm(v.Request().Context(), v.token, core.NewSecret(key), adapters.Origin(v, v.Adapter))
	if err != nil {
		return wordsOf(err), err
	}
	v.token, v.session = token, session
	v.setCookie(v, token)
	return words{}, nil
}

// resetLink is the one time that a reset link is shown.
type resetLink struct {
	Subject   shown
	Back      string
	Token     string    `json:"token"`
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

// link issues a reset link and shows it: here alone, and in no address.
func (v *visit) link(q question) error {
	made := resetLink{Subject: q.Subject, Back: q.Back}
	if err := v.api.call(v.Request().Context(), q.Deed.method, fill(q.Deed.toAPI, v.Param("id")), nil, &made); err != nil {
		return q.again(v, err, wordsOf(err))
	}
	return v.show("link", view{Title: "A reset link", Body: made})
}
