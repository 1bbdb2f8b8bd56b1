package console

import (
	"crypto/subtle"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

const (
	signInPath  = home + "/sign-in"
	signOutPath = home + "/sign-out"
)

// Invitation signs in whoever knows its code, with a key. It is for installations to
// try things out.
type Invitation struct{ Code, Key core.Secret }

// holds compares in constant time.
func (i *Invitation) holds(code string) bool {
	return i != nil && !i.Code.IsEmpty() && subtle.ConstantTimeCompare([]byte(code), []byte(i.Code.Reveal())) == 1
}

// door is what the page to sign in is made of.
type door struct {
	To    string
	Wrong words
}

// askForKey shows the page to sign in, or signs in whoever is invited.
func (a *Adapter) askForKey(c echo.Context) error {
	query := c.Request().URL.Query()
	if a.Invited.holds(query.Get("code")) {
		return a.begin(c, a.Invited.Key, query.Get("to"))
	}
	return a.render(c, http.StatusOK, "signin", view{Title: "Sign in", Notice: notices[query.Get("done")], Body: door{To: ownPath(query.Get("to"))}})
}

func (a *Adapter) signIn(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	to := ownPath(form.Get("to"))
	err = a.begin(c, core.NewSecret(form.Get("key")), to)
	switch {
	case errors.Is(err, core.Unauthenticated):
		return a.doorAgain(c, err, to, words{"This key does not open the console", "It is mistyped, or it was revoked or has expired. `rekey key list` shows those there are."})
	case errors.Is(err, core.Throttled):
		return a.doorAgain(c, err, to, wordsOf(err))
	}
	return err
}

// begin signs in and leads on. A session that the browser had ends: it will not be
// asked for again.
func (a *Adapter) begin(c echo.Context, key core.Secret, to string) error {
	ctx, origin := c.Request().Context(), adapters.Origin(c, a)
	token, _, err := a.Sessions.SignIn(ctx, key, origin)
	if err != nil {
		return err
	}
	if before, ok := a.tokenOf(c.Request()); ok {
		_ = a.Sessions.SignOut(ctx, before, origin) // or it ends by itself
	}
	a.setCookie(c, token)
	if to = ownPath(to); to == home {
		var b bearer
		_ = (api{a.API, key, origin.Addr, origin.RequestID}).get(ctx, "/key", nil, &b) // or the page itself says what is wrong
		to = b.landing()
	}
	return seeOther(c, to)
}

// landing returns the first page that the key opens: not every key opens the overview.
func (b bearer) landing() string {
	for _, s := range sights() {
		if s.name != "" && b.May(s.scope) {
			return home + s.path
		}
	}
	return home
}

func (a *Adapter) doorAgain(c echo.Context, err error, to string, wrong words) error {
	return a.refuse(c, err, "signin", view{Title: "Sign in", Body: door{to, wrong}})
}

func (a *Adapter) signOut(c echo.Context) error {
	if token, ok := a.tokenOf(c.Request()); ok {
		err := a.Sessions.SignOut(c.Request().Context(), token, adapters.Origin(c, a))
		if err != nil && core.CodeOf(err) != core.Unauthenticated {
			return err
		}
	}
	a.dropCookie(c)
	return c.Redirect(http.StatusSeeOther, signInPath+"?done=signed-out")
}

// toDoor leads to the page to sign in, and from there back.
//
// A session's cookie that was not sent is left alone: a browser keeps it back from
// whoever comes by a link on another site, which must not sign anybody out.
func (a *Adapter) toDoor(c echo.Context) error {
	back := url.Values{}
	if to := ownPath(c.Request().URL.RequestURI()); to != home {
		back.Set("to", to)
	}
	if _, had := a.tokenOf(c.Request()); had {
		a.dropCookie(c)
		back.Set("done", "session-over")
	}
	to := signInPath
	if len(back) > 0 {
		to += "?" + back.Encode()
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// maxForm bounds what a form may send: it has a key and a few words.
const maxForm = 8 << 10

// readForm reads a form's values.
func readForm(c echo.Context) (url.Values, error) {
	body, err := adapters.ReadBody(c.Request(), maxForm)
	if err != nil {
		return nil, err
	}
	if len(body) > 0 && !isForm(c.Request()) {
		return nil, adapters.BadMedia
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, adapters.Malformed
	}
	return form, nil
}

// isForm reports whether the body is a form in UTF-8, which scripts say and browsers
// do not.
func isForm(r *http.Request) bool {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	charset := parameters["charset"]
	return err == nil && kind == echo.MIMEApplicationForm && (charset == "" || strings.EqualFold(charset, "utf-8"))
}
