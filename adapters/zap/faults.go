package zap

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/adapters/bearer"
	"rekey/core"
)

// wrong is one row for all that would tell whether an account exists. It is
// never 401, which the vendor's app takes for the end of its session.
var wrong = adapters.Fault{Status: 400, Code: "invalid_credentials", Message: "The user, the old password or the one-time code is not correct"}

// unavailable is one row for all that passes by itself.
var unavailable = adapters.Fault{Status: 503, Code: "service_unavailable", Message: "The service is unavailable, try again later"}

// internal has the vendor's text, as the vendor spells it. A reset token's
// codes are in its row because nothing here takes one.
var internal = adapters.Fault{Status: 500, Code: "internal_error", Message: "An error occured while processing the request"} //nolint:misspell // the vendor's

var faults = adapters.Faults{
	core.Invalid:         {Status: 400, Code: "invalid_request", Message: "The request is not valid"},
	core.Unauthenticated: {Status: 401, Code: "unauthorized", Message: "A valid access token is required"},
	core.Forbidden:       {Status: 403, Code: "forbidden", Message: "Only a site admin may change a user's password"},
	core.Disabled:        wrong,
	core.NotFound:        wrong,
	core.WrongPassword:   wrong,
	core.WrongFactor:     wrong,
	core.BadToken:        internal,
	core.UsedToken:       internal,
	core.WeakPassword:    {Status: 400, Code: "weak_password", Message: "The new password is not accepted"},
	core.ReusedPassword:  {Status: 400, Code: "password_reused", Message: "The new password was used before, choose another one"},
	core.Throttled:       {Status: 429, Code: "too_many_requests", Message: "Too many attempts, try again later"},
	core.Conflict:        unavailable,
	core.Unavailable:     unavailable,
	core.Internal:        internal,

	adapters.NoRoute:   {Status: 404, Code: "not_found", Message: "There is nothing at this path"},
	adapters.BadMethod: {Status: 405, Code: "method_not_allowed", Message: "This path takes another method"},
	adapters.TooLarge:  {Status: 413, Code: "request_too_large", Message: "The body is larger than 64 KiB"},
	adapters.Malformed: {Status: 400, Code: "invalid_json", Message: "The body is not valid JSON"},
	adapters.BadMedia:  {Status: 400, Code: "invalid_content_type", Message: "The Content-Type must be application/json, in UTF-8 and without a Content-Encoding"},
	adapters.TooSlow:   {Status: 400, Code: "request_timeout", Message: "The body did not arrive in time"},
}

// Fail implements [adapters.Adapter]. Clients read message and show it.
func (a *Adapter) Fail(c echo.Context, err error) error {
	adapters.RetryAfter(c, err)
	f := word(err)
	if challenge := challengeOf(f.Status, err); challenge != "" {
		c.Response().Header().Set(echo.HeaderWWWAuthenticate, challenge)
	}
	return adapters.AnswerJSON(c, f.Status, struct {
		Success bool   `json:"success"`
		Error   string `json:"error"`
		Message string `json:"message"`
	}{false, f.Code, f.Message})
}

// word returns the row for any error, with its facts in words.
func word(err error) adapters.Fault {
	f := faults.Of(err)
	if found, ok := errors.AsType[flaws](err); ok {
		f.Message += ": " + found.words()
	}
	if broken, ok := errors.AsType[*adapters.MalformedJSON](err); ok {
		f.Message += ": " + reasonWords[broken.Reason]
	}
	if weak := core.AsError(err); weak.Code == core.WeakPassword && len(weak.Violations) > 0 {
		f.Message += ": " + weakWords(weak.Violations)
	}
	return f
}

// challengeOf returns the WWW-Authenticate header of RFC 6750, section 3.
func challengeOf(status int, err error) string {
	switch {
	case errors.Is(err, bearer.ErrAbsent):
		return "Bearer"
	case status == http.StatusUnauthorized:
		return `Bearer error="invalid_token"`
	case status == http.StatusForbidden:
		return `Bearer error="insufficient_scope"`
	}
	return ""
}
