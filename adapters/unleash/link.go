package unleash

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// mailLink asks for a reset link to be mailed. The answer to an address that
// nobody has is the same: whoever asks learns nothing.
func (a *Adapter) mailLink(c echo.Context) error {
	if _, err := a.tokens.caller(c.Request().Header); err != nil {
		return err
	}
	fields, err := readFields(c.Request(), "email")
	if err != nil {
		return err
	}
	err = a.env.Passwords.RequestReset(c.Request().Context(), a.cfg.Tenant, fields["email"], a.env.MailLimits, adapters.Origin(c, a))
	if core.CodeOf(err) == core.Throttled {
		return &fault{class: err, Fault: adapters.Fault{
			Status: http.StatusTooManyRequests, Code: "RateLimitError",
			Message: "You can only send one new reset password email per minute, per user. Please try again later.",
		}}
	}
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusOK)
}

// issueLink gives a backend, by its admin token, a reset link for an account
// of the token's tenant.
func (a *Adapter) issueLink(c echo.Context) error {
	admin, err := a.tokens.admin(c.Request().Header)
	if err != nil {
		return err
	}
	fields, err := readFields(c.Request(), "id")
	if err != nil {
		return err
	}
	token, _, err := a.env.Passwords.IssueToken(c.Request().Context(), admin.tenant,
		core.Locator{Login: fields["id"]}, admin.name, adapters.Origin(c, a))
	switch {
	case core.CodeOf(err) == core.Disabled:
		return core.NotFound // a disabled account is gone to its backends
	case err != nil:
		return err
	}
	return adapters.AnswerJSON(c, http.StatusOK, map[string]string{"resetPasswordUrl": linkTo(a.cfg.BaseURL, token)})
}

// linkTo returns the address of the page that redeems the token.
func linkTo(base string, token core.Token) string {
	return strings.TrimSuffix(base, "/") + "/reset-password?token=" + url.QueryEscape(token.Reveal())
}
