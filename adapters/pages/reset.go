package pages

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// resetForm is what the page to choose a password shows.
type resetForm struct {
	Account string // what its owner is called; "" if it has no name
	Rules   []demand
	Reused  bool   // whether passwords of before are refused
	Min     int    // the least length as browsers count it; 0 if they count otherwise
	Wanted  string // the rules as password managers read them
}

// demand is a rule of the policy and what it asks for.
type demand struct {
	Rule core.Rule
	Text string
}

// done is the state in which the page says that a password was changed.
const done = "done"

// showReset shows the page of a reset link. It spends nothing and counts nothing.
func (a *Adapter) showReset(c echo.Context) error {
	if c.QueryParam(stateField) == done {
		p := a.newPage(c, "done.title", "")
		p.State = done
		return a.show(c, http.StatusOK, "done", p)
	}
	return a.offer(c, "", tokenOf(c.QueryParams()))
}

// tokenOf returns the token of a link, or none if there are several: a form would
// not take them either.
func tokenOf(query url.Values) core.Token {
	if len(query["token"]) != 1 {
		return core.Token{}
	}
	return core.NewToken(query.Get("token"))
}

// offer shows the form to the bearer of a live token, or why the token is dead.
func (a *Adapter) offer(c echo.Context, lang string, token core.Token, problems ...problem) error {
	known, account, err := a.env.Passwords.InspectToken(c.Request().Context(), "", token)
	if err != nil {
		return a.bury(c, lang, token, known, err)
	}
	p := a.newPage(c, "reset.title", lang)
	p.Token, p.Problems, p.Reset = token.Reveal(), problems, a.form(p.speaker, account)
	status := http.StatusOK
	if len(problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return a.show(c, status, "reset", p)
}

// form returns the form for the account.
func (a *Adapter) form(s speaker, account core.Account) *resetForm {
	policy := a.env.Passwords.Policy
	f := resetForm{Account: cmp.Or(account.Username, account.Email, account.Name), Reused: a.env.Passwords.History > 0, Wanted: wanted(policy)}
	for _, v := range policy.Demands() {
		f.Rules = append(f.Rules, demand{v.Rule, s.T("rule."+string(v.Rule), "n", v.Limit)})
	}
	if policy.Units == core.UTF16 {
		f.Min = policy.MinLength
	}
	return &f
}

// wanted returns the policy as the attribute passwordrules has it
// (https://developer.apple.com/password-rules/), for managers that make passwords.
func wanted(y core.Policy) string {
	parts := []string{fmt.Sprintf("minlength: %d", y.MinLength), "allowed: ascii-printable"}
	if most := y.MaxLength; most > 0 {
		if y.MaxBytes > 0 {
			most = min(most, y.MaxBytes)
		}
		parts = append(parts, fmt.Sprintf("maxlength: %d", most))
	}
	if y.MaxRun > 0 {
		parts = append(parts, fmt.Sprintf("max-consecutive: %d", y.MaxRun))
	}
	for _, class := range []struct {
		name string
		asks bool
	}{{"lower", y.Lower}, {"upper", y.Upper}, {"digit", y.Digit}, {"special", y.Symbol}} {
		if class.asks {
			parts = append(parts, "required: "+class.name)
		}
	}
	return strings.Join(parts, "; ") + ";"
}

// reset redeems a reset token. Without a password it shows the form once more: so
// the language is switched without the token in an address.
func (a *Adapter) reset(c echo.Context) error {
	f, err := readForm(c.Request(), "token", "password", "repeat", "username", "lang", stateField)
	if err != nil {
		return err
	}
	lang, token := f["lang"], core.NewToken(f["token"])
	if !f.has("password") {
		return a.offer(c, lang, token)
	}
	p := a.newPage(c, "reset.title", lang)
	switch {
	case f["password"] == "":
		return a.offer(c, lang, token, problem{"password", p.T("refused.empty")})
	case f.has("repeat") && f["repeat"] != f["password"]:
		return a.offer(c, lang, token, problem{"repeat", p.T("refused.differs")})
	}
	_, err = a.env.Passwords.Change(c.Request().Context(), core.Change{
		Proof:  core.Possession{Token: token},
		New:    core.NewPassword(f["password"]),
		Origin: adapters.Origin(c, a),
	})
	if err != nil {
		return a.refuse(c, p, token, err)
	}
	return a.seeOther(c, p, resetPath, done)
}

// refuse says why a password was not taken.
func (a *Adapter) refuse(c echo.Context, p page, token core.Token, refusal error) error {
	switch code := core.CodeOf(refusal); code {
	case core.WeakPassword, core.ReusedPassword, core.Invalid:
		return a.offer(c, p.Chosen(), token, advise(p.speaker, core.AsError(refusal))...)
	case core.Throttled, core.Unavailable, core.Conflict:
		p.Token, p.Reset = token.Reveal(), a.form(p.speaker, core.Account{})
		return a.postpone(c, "reset", p, refusal)
	case core.BadToken, core.UsedToken, core.NotFound, core.Disabled:
		known, _, err := a.env.Passwords.InspectToken(c.Request().Context(), "", token)
		if code := core.CodeOf(err); code == core.Unavailable || code == core.Internal {
			return err
		}
		return a.bury(c, p.Chosen(), token, known, refusal)
	default:
		return refusal
	}
}

// advise words what is wrong with a password, and how to choose a better one.
func advise(s speaker, refusal *core.Error) (all []problem) {
	say := func(key string, fill ...any) { all = append(all, problem{"password", s.T(key, fill...)}) }
	for _, v := range refusal.Violations {
		say("refused."+string(v.Rule), "n", v.Limit)
	}
	switch {
	case refusal.Code == core.ReusedPassword:
		say("refused.reused")
	case refusal.Code == core.Invalid:
		say("refused.encoding")
	case len(all) == 0:
		say("refused.rejected")
	}
	return all
}
