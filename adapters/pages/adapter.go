// Package pages serves the pages that users look at: one to choose a new password
// by a reset link, one to ask for such a link, and the address at which password
// managers look for it. It is off by default.
//
// The pages work without scripts. They hold no session, set no cookie and load
// nothing from elsewhere. To look at a page changes nothing, so a mail scanner that
// follows a link spends nothing.
package pages

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
)

// Adapter serves the pages.
type Adapter struct {
	cfg    Config
	env    adapters.Env
	mails  bool
	base   string // the path below which users reach the pages; "" as a rule
	brand  brand
	forms  map[string]*template.Template
	assets assets
	origin *http.CrossOriginProtection
	pace   *pace
}

// New returns the adapter. cfg has been validated; what became of its logo since
// then may still be an error. mails says whether anybody mails the links that users
// ask for.
func New(cfg Config, env adapters.Env, mails bool) (*Adapter, error) {
	brand, err := cfg.Brand.load(cfg.host())
	if err != nil {
		return nil, fmt.Errorf("pages.brand.logo: %w", err) // a colour does not change meanwhile
	}
	forms, err := parseTemplates()
	if err != nil {
		return nil, err
	}
	a := &Adapter{cfg: cfg, env: env, mails: mails, base: cfg.path(), brand: brand, forms: forms, pace: newPace(env.Now)}
	if a.assets, err = newAssets(brand); err != nil {
		return nil, err
	}
	a.origin = http.NewCrossOriginProtection()
	if origin := cfg.origin(); origin != "" {
		if err := a.origin.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("pages.base_url: %w", err)
		}
	}
	return a, nil
}

// Name implements [adapters.Adapter].
func (*Adapter) Name() string { return "pages" }

// The paths that the pages have.
const (
	resetPath  = "/reset-password"
	checkPath  = "/reset-password/check"
	forgotPath = "/forgot-password"
	changePath = "/.well-known/change-password"
	assetsPath = "/pages"
)

// Prefixes implements [adapters.Adapter].
func (*Adapter) Prefixes() []string {
	return []string{resetPath, forgotPath, changePath, assetsPath}
}

// Routes implements [adapters.Adapter].
func (a *Adapter) Routes() []adapters.Route {
	routes := []adapters.Route{
		{Method: http.MethodPost, Path: resetPath, Handler: a.reset},
		{Method: http.MethodPost, Path: checkPath, Handler: a.check},
		{Method: http.MethodPost, Path: forgotPath, Handler: a.forgot},
	}
	for _, look := range []struct {
		path    string
		handler echo.HandlerFunc
	}{{resetPath, a.showReset}, {forgotPath, a.showForgot}, {changePath, a.changePassword}, {assetsPath + "/:name", a.asset}} {
		routes = append(routes,
			adapters.Route{Method: http.MethodGet, Path: look.path, Handler: look.handler},
			adapters.Route{Method: http.MethodHead, Path: look.path, Handler: look.handler})
	}
	return routes
}

// changePassword leads password managers to where a password is changed
// (https://w3c.github.io/webappsec-change-password-url/).
func (a *Adapter) changePassword(c echo.Context) error {
	secure(c)
	return c.Redirect(http.StatusSeeOther, a.base+forgotPath)
}

// isToken reports whether the page at path is one that a token leads to.
func isToken(path string) bool { return strings.HasPrefix(path, resetPath) }
