package pages

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// sent is the state in which the page says that a mail may be on its way.
const sent = "sent"

// offersMail reports whether users may ask for a link.
func (a *Adapter) offersMail() bool { return a.mails && a.cfg.Tenant != "" }

// showForgot shows the page to ask for a link, or where help is if there is none.
func (a *Adapter) showForgot(c echo.Context) error {
	if a.offersMail() && c.QueryParam(stateField) == sent {
		p := a.newPage(c, "sent.title", "")
		p.State = sent
		return a.show(c, http.StatusOK, "sent", p)
	}
	return a.ask(c, http.StatusOK, "")
}

// ask shows the form, with what was wrong about it.
func (a *Adapter) ask(c echo.Context, status int, lang string, problems ...problem) error {
	p := a.newPage(c, "forgot.title", lang)
	p.Again, p.Problems = a.offersMail(), problems
	return a.show(c, status, "forgot", p)
}

// forgot asks for a link to be mailed. The answer is the same for every address, and
// so is what it costs: see [core.Service.RequestReset].
func (a *Adapter) forgot(c echo.Context) error {
	f, err := readForm(c.Request(), "email", "lang", stateField)
	if err != nil {
		return err
	}
	email := strings.TrimSpace(f["email"]) // what surrounds it came with it when it was pasted
	p := a.newPage(c, "forgot.title", f["lang"])
	switch {
	case !a.offersMail():
		return a.ask(c, http.StatusNotFound, f["lang"])
	case !a.isOurs(c.Request()):
		return a.ask(c, http.StatusForbidden, f["lang"], problem{"", p.T("forgot.elsewhere")})
	case email == "":
		return a.ask(c, http.StatusUnprocessableEntity, f["lang"], problem{"email", p.T("forgot.empty")})
	case !utf8.ValidString(email):
		return a.ask(c, http.StatusUnprocessableEntity, f["lang"], problem{"email", p.T("forgot.encoding")})
	}
	err = a.env.Passwords.RequestReset(c.Request().Context(), a.cfg.Tenant, email, a.env.MailLimits, adapters.Origin(c, a))
	switch core.CodeOf(err) {
	case "":
		return a.seeOther(c, p, forgotPath, sent)
	case core.Throttled, core.Unavailable, core.Conflict:
		p.Again = true
		return a.postpone(c, "forgot", p, err)
	default:
		return err
	}
}

// isOurs reports whether a form was sent from these pages, as far as the browser
// says. One that says nothing, or hides its origin and is too old to say more, is
// let through: there is no session to abuse, and the mail limits hold.
func (a *Adapter) isOurs(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "null" {
		return true
	}
	return a.origin.Check(r) == nil
}
