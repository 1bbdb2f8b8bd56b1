package manage

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// faults words every failure. Whoever may read accounts knows which there are,
// so NotFound has a row of its own; a verification never answers it.
var faults = adapters.Faults{
	core.Invalid:         {Status: http.StatusBadRequest, Code: "invalid", Message: "The request is not valid"},
	core.Unauthenticated: {Status: http.StatusUnauthorized, Code: "unauthenticated", Message: "A live access key is needed"},
	core.Forbidden:       {Status: http.StatusForbidden, Code: "insufficient_scope", Message: "The access key may not do this"},
	core.Disabled:        {Status: http.StatusConflict, Code: "account_disabled", Message: "The account is disabled"},
	core.NotFound:        {Status: http.StatusNotFound, Code: "not_found", Message: "There is no such account"},
	core.WrongPassword:   {Status: http.StatusForbidden, Code: "wrong_credentials", Message: "This is not the password of such an account"},
	core.WrongFactor:     {Status: http.StatusForbidden, Code: "wrong_credentials", Message: "This is not the password of such an account"},
	core.BadToken:        {Status: http.StatusForbidden, Code: "bad_token", Message: "The token is not valid"},
	core.UsedToken:       {Status: http.StatusForbidden, Code: "bad_token", Message: "The token is not valid"},
	core.WeakPassword:    {Status: http.StatusUnprocessableEntity, Code: "weak_password", Message: "The policy refuses the password"},
	core.ReusedPassword:  {Status: http.StatusUnprocessableEntity, Code: "reused_password", Message: "The password was used before"},
	core.Throttled:       {Status: http.StatusTooManyRequests, Code: "throttled", Message: "Too many attempts have failed; try again later"},
	core.Conflict:        {Status: http.StatusServiceUnavailable, Code: "busy", Message: "The account is being changed; try again"},
	core.Unavailable:     {Status: http.StatusServiceUnavailable, Code: "unavailable", Message: "The service is not available now; try again"},
	core.Internal:        {Status: http.StatusInternalServerError, Code: "internal", Message: "The service failed"},

	adapters.NoRoute:   {Status: http.StatusNotFound, Code: "no_route", Message: "There is nothing here"},
	adapters.BadMethod: {Status: http.StatusMethodNotAllowed, Code: "bad_method", Message: "The method is not allowed here"},
	adapters.TooLarge:  {Status: http.StatusRequestEntityTooLarge, Code: "too_large", Message: "The request's body is too long"},
	adapters.Malformed: {Status: http.StatusBadRequest, Code: "malformed", Message: "The body is not one JSON object without names that stand twice"},
	adapters.BadMedia:  {Status: http.StatusUnsupportedMediaType, Code: "bad_media", Message: "The body must be application/json in UTF-8, without an encoding"},
	adapters.TooSlow:   {Status: http.StatusRequestTimeout, Code: "too_slow", Message: "The request's body did not arrive in time"},
}

// refusal is a failure of the management API's own. It classifies as what it
// wraps.
type refusal struct {
	fault adapters.Fault
	wraps error
	where []place
}

func (r *refusal) Error() string { return r.fault.Code }
func (r *refusal) Unwrap() error { return r.wraps }

// place says what of a request is at fault.
type place struct {
	Pointer   string `json:"pointer,omitempty"`   // of the body (RFC 6901), as a fragment
	Parameter string `json:"parameter,omitempty"` // of the query
	Header    string `json:"header,omitempty"`
	Rule      string `json:"rule,omitempty"` // of the policy, which it breaks
	Limit     int    `json:"limit,omitempty"`
}

// taken is a name that another account has.
var taken = adapters.Fault{Status: http.StatusConflict, Code: "taken", Message: "Another account has this name or id"}

// parameter refuses a parameter of the query.
func parameter(name string) error {
	return &refusal{faults[core.Invalid], core.Invalid, []place{{Parameter: name}}}
}

// problem is what RFC 9457 makes of a failure. The types lead nowhere: they are
// to be compared.
type problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Code   string  `json:"code"`
	Errors []place `json:"errors,omitempty"`
}

func problemOf(err error) problem {
	f, where := faults.Of(err), []place(nil)
	known := core.AsError(err)
	var own *refusal
	switch refused := errors.As(err, &own); {
	case refused:
		f, where = own.fault, own.where
	case known.Code == core.Conflict && len(known.Fields) > 0:
		f, where = taken, places(known.Fields)
	case known.Code == core.Invalid:
		where = places(known.Fields)
	}
	for _, v := range known.Violations {
		where = append(where, place{Pointer: "#/password", Rule: string(v.Rule), Limit: v.Limit})
	}
	return problem{"urn:problem-type:rekey:" + f.Code, f.Message, f.Status, f.Code, where}
}

// places returns where the core's fields stand in a body.
func places(fields []string) (all []place) {
	for _, field := range fields {
		pointer := "#/" + field
		switch {
		case field == "account", !adapters.Tellable(field): // a question that names nobody
			pointer = "#"
		case strings.Contains(field, "."):
			pointer = "#/attributes/" + field
		case field == core.KeyLogin:
			pointer = "#/username"
		case !known(field):
			pointer = "#/external_ids/" + field
		}
		all = append(all, place{Pointer: pointer})
	}
	return all
}

// known reports whether a field of the core is a member of a body; others are
// kinds of external ids.
func known(field string) bool {
	switch field {
	case "username", "email", "name", "password", "hash", "password_changed_at":
		return true
	}
	return false
}

// passes reports whether the same request may fare better later.
func (p problem) passes() bool {
	return p.Status >= http.StatusInternalServerError || p.Status == http.StatusTooManyRequests
}

// Fail implements [adapters.Adapter].
func (*Adapter) Fail(c echo.Context, err error) error {
	p := problemOf(err)
	if p.passes() || p.Code == inFlight.Code {
		adapters.RetryAfter(c, err)
	}
	told, err := say(p.Status, problemJSON, p)
	if err != nil {
		return err
	}
	return told.write(c)
}
