package pages

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// Fail implements [adapters.Adapter].
func (a *Adapter) Fail(c echo.Context, err error) error {
	adapters.RetryAfter(c, err)
	fault := faults.Of(err)
	if c.Path() == checkPath || c.Path() == checkPath+"/" { // who asks is a script
		secure(c)
		return adapters.AnswerJSON(c, fault.Status, map[string]string{"error": adapters.Classify(err).Error()})
	}
	p := a.newPage(c, "failed."+fault.Code+".title", "")
	p.Switch, p.Request, p.Again = "", c.Response().Header().Get(echo.HeaderXRequestID), a.offersMail()
	if fault.Code == busy {
		p.Problems = []problem{{"", a.patience(c, p, err)}}
	} else {
		p.Text = "failed." + fault.Code + ".text"
	}
	return a.show(c, fault.Status, "failed", p)
}

// busy is the name of failures that pass: the page says when.
const busy = "busy"

// postpone answers a form that could not be judged now with the form and when to
// send it again. The password has to be typed anew.
func (a *Adapter) postpone(c echo.Context, name string, p page, err error) error {
	adapters.RetryAfter(c, err)
	p.Problems = []problem{{"", a.patience(c, p, err)}}
	if name == "forgot" && core.CodeOf(err) == core.Throttled {
		p.Problems[0].Text = p.T("forgot.throttled", "wait", wait(c, p))
	}
	return a.show(c, faults.Of(err).Status, name, p)
}

// patience says when to try again.
func (*Adapter) patience(c echo.Context, p page, err error) string {
	key := "failed.unavailable"
	if core.CodeOf(err) == core.Throttled {
		key = "failed.throttled"
	}
	return p.T(key, "wait", wait(c, p))
}

// wait returns how long the answer asks the client to wait, in words.
func wait(c echo.Context, p page) string {
	seconds, _ := strconv.Atoi(c.Response().Header().Get(echo.HeaderRetryAfter))
	if seconds < 100 {
		return p.T("wait.seconds", "n", max(1, seconds))
	}
	return p.T("wait.minutes", "n", int(math.Ceil((time.Duration(seconds) * time.Second).Minutes())))
}

// faults are the status of every failure, and its name in the catalogue. Those that
// a form answers itself stand here for wherever else they may come from.
var faults = adapters.Faults{
	core.Invalid:         {Status: http.StatusBadRequest, Code: "malformed"},
	core.Unauthenticated: {Status: http.StatusForbidden, Code: "bad_method"},
	core.Forbidden:       {Status: http.StatusForbidden, Code: "bad_method"},
	core.Disabled:        {Status: http.StatusGone, Code: "no_route"},
	core.NotFound:        {Status: http.StatusGone, Code: "no_route"},
	core.WrongPassword:   {Status: http.StatusGone, Code: "no_route"},
	core.WrongFactor:     {Status: http.StatusGone, Code: "no_route"},
	core.BadToken:        {Status: http.StatusGone, Code: "no_route"},
	core.UsedToken:       {Status: http.StatusGone, Code: "no_route"},
	core.WeakPassword:    {Status: http.StatusUnprocessableEntity, Code: "malformed"},
	core.ReusedPassword:  {Status: http.StatusUnprocessableEntity, Code: "malformed"},
	core.Throttled:       {Status: http.StatusTooManyRequests, Code: busy},
	core.Conflict:        {Status: http.StatusServiceUnavailable, Code: busy},
	core.Unavailable:     {Status: http.StatusServiceUnavailable, Code: busy},
	core.Internal:        {Status: http.StatusInternalServerError, Code: "internal"},

	adapters.NoRoute:   {Status: http.StatusNotFound, Code: "no_route"},
	adapters.BadMethod: {Status: http.StatusMethodNotAllowed, Code: "bad_method"},
	adapters.TooLarge:  {Status: http.StatusRequestEntityTooLarge, Code: "too_large"},
	adapters.Malformed: {Status: http.StatusBadRequest, Code: "malformed"},
	adapters.BadMedia:  {Status: http.StatusUnsupportedMediaType, Code: "malformed"},
	adapters.TooSlow:   {Status: http.StatusRequestTimeout, Code: "too_slow"},
}
