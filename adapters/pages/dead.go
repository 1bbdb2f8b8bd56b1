package pages

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rekey/core"
)

// death is why a token cannot be redeemed, as far as its bearer is told. To tell is
// harmless: who bears a token that lived was meant to have it.
type death struct {
	name   string // in the catalogue
	status int
	again  bool // whether a new link would help
}

var (
	expired    = death{"expired", http.StatusGone, true}
	used       = death{"used", http.StatusGone, true}
	superseded = death{"superseded", http.StatusGone, true}
	unknown    = death{"unknown", http.StatusNotFound, true}
	disabled   = death{"disabled", http.StatusForbidden, false}
)

// bury shows why the token is dead, or returns an error that is about something
// else. known is what is known of it.
func (a *Adapter) bury(c echo.Context, lang string, token core.Token, known core.ResetToken, refusal error) error {
	d := unknown
	switch code := core.CodeOf(refusal); {
	case code == core.UsedToken:
		d = used
	case code == core.Disabled:
		d = disabled
	case code == core.BadToken && !known.SupersededAt.IsZero():
		d = superseded
	case code == core.BadToken && known.Tenant != "":
		d = expired
	case code == core.BadToken, code == core.NotFound:
	default:
		return refusal
	}
	p := a.newPage(c, "dead."+d.name+".title", lang)
	p.Text, p.Again = "dead."+d.name+".text", d.again && a.offersMail()
	if d != unknown { // which may be anything, such as a password in the wrong field
		p.Token = token.Reveal()
	}
	return a.show(c, d.status, "dead", p)
}
