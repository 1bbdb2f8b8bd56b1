package pages

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// verdict is what a script is told of a password that is being typed.
type verdict struct {
	Rules    map[core.Rule]bool `json:"rules"` // whether each rule of the policy is kept
	Strength core.Strength      `json:"strength"`
	Word     string             `json:"word"`   // the strength, in words
	Status   string             `json:"status"` // all of it, in a sentence
}

// check judges a password while it is typed. Nothing of it is kept, logged or told
// back, and without a live token nothing is told at all.
func (a *Adapter) check(c echo.Context) error {
	origin := adapters.Origin(c, a)
	if err := a.pace.take(origin.Addr); err != nil {
		return err
	}
	f, err := readForm(c.Request(), "token", "password", "lang")
	if err != nil {
		return err
	}
	found, err := a.env.Passwords.Rehearse(c.Request().Context(), "", core.NewToken(f["token"]), core.NewPassword(f["password"]))
	if err != nil {
		return err
	}
	s := speak(c.Request(), f["lang"])
	v := verdict{Rules: map[core.Rule]bool{}, Strength: found.Strength}
	for _, demand := range a.env.Passwords.Policy.Demands() {
		v.Rules[demand.Rule] = true
	}
	met := len(v.Rules)
	for _, broken := range found.Violations {
		v.Rules[broken.Rule] = false
		met--
	}
	v.Word = s.T(strengthKey(found.Strength))
	v.Status = s.T("rules.status", "met", met, "all", len(v.Rules), "strength", v.Word)
	secure(c)
	return adapters.AnswerJSON(c, http.StatusOK, v)
}

// strengthKey names the strength in the catalogue.
func strengthKey(s core.Strength) string { return fmt.Sprintf("strength.%d", s) }
