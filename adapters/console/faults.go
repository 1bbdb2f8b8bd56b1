package console

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// faults word every failure for an operator; advice says what to do about it.
var faults = adapters.Faults{
	core.Invalid:         {Status: http.StatusBadRequest, Code: "invalid", Message: "This was not understood"},
	core.Unauthenticated: {Status: http.StatusForbidden, Code: "unauthenticated", Message: "You are not signed in"},
	core.Forbidden:       {Status: http.StatusForbidden, Code: "forbidden", Message: "This is not allowed"},
	core.Disabled:        {Status: http.StatusConflict, Code: "account_disabled", Message: "The account is disabled"},
	core.NotFound:        {Status: http.StatusNotFound, Code: "not_found", Message: "There is no such thing here"},
	core.WrongPassword:   {Status: http.StatusForbidden, Code: "wrong_key", Message: "This is not the key that you signed in with"},
	core.WrongFactor:     {Status: http.StatusForbidden, Code: "wrong_key", Message: "This is not the key that you signed in with"},
	core.BadToken:        {Status: http.StatusForbidden, Code: "unauthenticated", Message: "You are not signed in"},
	core.UsedToken:       {Status: http.StatusForbidden, Code: "unauthenticated", Message: "You are not signed in"},
	core.WeakPassword:    {Status: http.StatusUnprocessableEntity, Code: "invalid", Message: "This was not understood"},
	core.ReusedPassword:  {Status: http.StatusUnprocessableEntity, Code: "invalid", Message: "This was not understood"},
	core.Throttled:       {Status: http.StatusTooManyRequests, Code: "throttled", Message: "Too many attempts have failed"},
	core.Conflict:        {Status: http.StatusConflict, Code: "busy", Message: "Somebody else is changing this"},
	core.Unavailable:     {Status: http.StatusServiceUnavailable, Code: "unavailable", Message: "This cannot be answered now"},
	core.Internal:        {Status: http.StatusInternalServerError, Code: "internal", Message: "This failed"},

	adapters.NoRoute:   {Status: http.StatusNotFound, Code: "no_route", Message: "There is no such page"},
	adapters.BadMethod: {Status: http.StatusMethodNotAllowed, Code: "bad_method", Message: "This is done in another way"},
	adapters.TooLarge:  {Status: http.StatusRequestEntityTooLarge, Code: "too_large", Message: "The form is too long"},
	adapters.Malformed: {Status: http.StatusBadRequest, Code: "malformed", Message: "The form cannot be read"},
	adapters.BadMedia:  {Status: http.StatusUnsupportedMediaType, Code: "bad_media", Message: "The form cannot be read"},
	adapters.TooSlow:   {Status: http.StatusRequestTimeout, Code: "too_slow", Message: "The form did not arrive in time"},
}

// advice says what to do, by the codes of faults and of the management API's problems.
var advice = map[string]string{
	"invalid":            "Check what you asked for, and ask again.",
	"unauthenticated":    "Sign in again: the session has ended, or its key was revoked or has expired.",
	"forbidden":          "The request came from another site, or the browser does not say from where. Open the console itself and try there.",
	"insufficient_scope": "The key that you signed in with lacks a scope. Sign in with another key, or make one with `rekey key add`.",
	"account_disabled":   "Enable it first.",
	"not_found":          "It may have been removed, it may be another tenant's, or the address is mistyped.",
	"wrong_key":          "Give the key that you signed in with: the same one, not another of this tenant.",
	"throttled":          "Wait a little and try again.",
	"busy":               "Look again, and then try once more.",
	"unavailable":        "The database cannot be reached, or the server is overloaded or stopping. Try again in a moment; `rekey doctor` says more.",
	"internal":           "The server's log has the reason under this request's id.",
	"no_route":           "The address is mistyped, or the page was moved.",
	"bad_method":         "Go to the page, and use its forms.",
	"too_large":          "Send less.",
	"malformed":          "Go back, reload the page and send the form again.",
	"bad_media":          "Go back, reload the page and send the form again.",
	"too_slow":           "Send the form again.",
}

// words are what a page tells of a failure.
type words struct{ Heading, Text string }

// wordsOf words any failure. A scope that is lacking is named.
func wordsOf(err error) words {
	fault := faults.Of(err)
	told := words{fault.Message, advice[fault.Code]}
	var p *problem
	if !errors.As(err, &p) {
		return told
	}
	switch {
	case p.scope != "":
		return words{"This needs the scope " + p.scope, advice["insufficient_scope"]}
	case p.parameter() == "cursor":
		return words{"This page of the list is gone", "Begin again at the first page."}
	case p.parameter() != "":
		return words{"“" + p.parameter() + "” was not understood", advice["invalid"]}
	case p.Title != "":
		told.Heading = p.Title
	}
	if text, ok := advice[p.Code]; ok {
		told.Text = text
	}
	return told
}

// refusedForm is a failure that is told beside the form that it is about.
type refusedForm struct {
	err    error
	render func(status int) error
}

func (r *refusedForm) Error() string { return r.err.Error() }
func (r *refusedForm) Unwrap() error { return r.err }

// refuse tells of the failure by the page again, which says what is wrong.
func (a *Adapter) refuse(c echo.Context, err error, page string, shown view) error {
	return &refusedForm{err, func(status int) error { return a.render(c, status, page, shown) }}
}

// misasked returns what the management API did not understand, or nil if that is not
// what failed.
func misasked(err error) *problem {
	var p *problem
	if errors.As(err, &p) && p.Status == http.StatusBadRequest {
		return p
	}
	return nil
}

// Fail implements [adapters.Adapter]: a page says what failed and what to do. Whoever is
// not signed in is led to where that is done.
func (a *Adapter) Fail(c echo.Context, err error) error {
	protect(c.Response().Header())
	adapters.RetryAfter(c, err)
	status := faults.Of(err).Status
	var form *refusedForm
	switch {
	case errors.As(err, &form):
		return form.render(status)
	case c.Path() == livePath:
		return a.liveless(c, err, status)
	case errors.Is(adapters.Classify(err), core.Unauthenticated) && !strings.HasPrefix(c.Request().URL.Path, signInPath):
		return a.toDoor(c)
	}
	var p *problem
	if errors.As(err, &p) && p.retry != "" {
		c.Response().Header().Set(echo.HeaderRetryAfter, p.retry)
	}
	told := wordsOf(err)
	return a.render(c, status, "failure", view{Title: told.Heading, Body: told})
}
