package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// visit is one request of an operator who is signed in.
type visit struct {
	echo.Context
	*Adapter
	api     api
	token   core.Secret
	session core.Session
	bearer  bearer
}

// bearer is what the management API tells of the operator's key.
type bearer struct {
	Name      shown        `json:"name"`
	Tenant    shown        `json:"tenant"`
	Scopes    []core.Scope `json:"scopes"`
	ExpiresAt *time.Time   `json:"expires_at"`
}

// May reports whether the key has the scope.
func (b bearer) May(scope core.Scope) bool { return slices.Contains(b.Scopes, scope) }

// visitKey is where a request's visit is, for the page that tells of a failure.
const visitKey = "rekey.console.visit"

// visited serves a page to operators whose key has the scope.
func (a *Adapter) visited(scope core.Scope, show func(*visit) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		v, err := a.enter(c, a.Sessions.Resume)
		if err != nil {
			return err
		}
		if err := v.api.get(c.Request().Context(), "/key", nil, &v.bearer); err != nil {
			return err
		}
		c.Set(visitKey, v)
		if !v.bearer.May(scope) {
			return lacking(scope)
		}
		return show(v)
	}
}

// enter opens the operator's session. Unauthenticated if there is none.
func (a *Adapter) enter(c echo.Context, open func(context.Context, core.Secret) (core.Secret, core.Session, error)) (*visit, error) {
	token, ok := a.tokenOf(c.Request())
	if !ok {
		return nil, core.Unauthenticated
	}
	key, session, err := open(c.Request().Context(), token)
	if err != nil {
		return nil, err
	}
	origin := adapters.Origin(c, a)
	return &visit{
		Context: c, Adapter: a, token: token, session: session,
		api: api{a.API, key, origin.Addr, origin.RequestID},
	}, nil
}

// lacking refuses a page whose scope the key lacks.
func lacking(scope core.Scope) error {
	return &problem{Status: http.StatusForbidden, Code: "insufficient_scope", scope: string(scope)}
}

// get asks the management API.
func (v *visit) get(path string, query url.Values, into any) error {
	return v.api.get(v.Request().Context(), path, query, into)
}

// filters returns those of the names that the request's query gives a value.
func (v *visit) filters(names ...string) url.Values {
	given, kept := v.Request().URL.Query(), url.Values{}
	for _, name := range names {
		if value := given.Get(name); value != "" {
			kept.Set(name, value)
		}
	}
	return kept
}
