// Package console serves /console, where operators look at an installation and mend
// what is wrong with an account. It is off by default.
//
// It is a client of the management API and can do nothing else: whoever signs in does
// so with a management key, and everything is read and written with that key, its
// scopes and its tenant, and told by the audit trail. Its pages are made here, work
// without scripts, and load nothing from elsewhere.
package console

import (
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// Parts are what the console is made of. All are required but Proxies and Invited.
type Parts struct {
	Sessions *core.Service // with Sessions and AccessKeys
	API      http.Handler  // the management API, under the name of this adapter
	Now      func() time.Time
	Log      *slog.Logger
	Proxies  []netip.Prefix // whose X-Forwarded-Proto is believed
	Invited  *Invitation    // nil: nobody signs in without a key
}

// Adapter serves the console.
type Adapter struct {
	Parts
	assets assets
	pages  map[string]*template.Template
	origin *http.CrossOriginProtection
}

// Dialect is the name of the adapter, and of its management API.
const Dialect = "console"

// New returns the adapter.
func New(parts Parts) (*Adapter, error) {
	a := &Adapter{Parts: parts, assets: loadAssets(), origin: http.NewCrossOriginProtection()}
	var err error
	a.pages, err = loadPages(a.assets)
	return a, err
}

// Name implements [adapters.Adapter].
func (*Adapter) Name() string { return Dialect }

// Prefixes implements [adapters.Adapter].
func (*Adapter) Prefixes() []string { return []string{home} }

// home is where the console is.
const home = "/console"

// Routes implements [adapters.Adapter].
func (a *Adapter) Routes() []adapters.Route {
	const get, post = http.MethodGet, http.MethodPost
	routes := []adapters.Route{
		{Method: get, Path: home + "/assets/:file", Handler: a.guarded(a.assets.serve)},
		{Method: get, Path: signInPath, Handler: a.guarded(a.askForKey)},
		{Method: post, Path: signInPath, Handler: a.guarded(a.signIn)},
		{Method: post, Path: signOutPath, Handler: a.guarded(a.signOut)},
		{Method: get, Path: livePath, Handler: a.guarded(a.watching(a.live))},
	}
	for _, p := range sights() {
		routes = append(routes, adapters.Route{Method: get, Path: home + p.path, Handler: a.guarded(a.visited(p.scope, p.show))})
	}
	for _, d := range deeds() {
		path := home + d.path
		routes = append(routes,
			adapters.Route{Method: get, Path: path, Handler: a.guarded(a.visited(d.scope, a.asking(d)))},
			adapters.Route{Method: post, Path: path, Handler: a.guarded(a.visited(d.scope, a.doing(d)))})
	}
	return routes
}

// sight is a page to look at.
type sight struct {
	path  string // below /console
	name  string // in the navigation; "" if it is not there
	scope core.Scope
	show  func(*visit) error
}

// sights are all there are; those with a name are in the order of the navigation.
func sights() []sight {
	return []sight{
		{"", "Overview", core.InstallationRead, (*visit).overview},
		{"/accounts", "Accounts", core.AccountsRead, (*visit).accounts},
		{"/accounts/:id", "", core.AccountsRead, (*visit).account},
		{"/audit", "Audit", core.AuditRead, (*visit).audit},
		{"/audit/export.csv", "", core.AuditRead, exportAs("text/csv; charset=utf-8", ".csv", newTable)},
		{"/audit/export.jsonl", "", core.AuditRead, exportAs("application/jsonl; charset=utf-8", ".jsonl", newJSONLines)},
		{"/deliveries", "Deliveries", core.WebhooksRead, (*visit).deliveries},
		{"/dialects", "Dialects", core.InstallationRead, (*visit).dialects},
		{"/configuration", "Configuration", core.InstallationRead, (*visit).configuration},
		{"/findings", "Findings", core.InstallationRead, (*visit).findings},
	}
}

// guarded gives every answer the headers of a page, and refuses what another site
// makes a browser send.
func (a *Adapter) guarded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		protect(c.Response().Header())
		if err := a.origin.Check(c.Request()); err != nil {
			return &core.Error{Code: core.Forbidden, Err: err}
		}
		return next(c)
	}
}

// protect sets what browsers must hold to: only what is served here is loaded, nothing
// inline runs, nobody frames it, and no other window reaches it.
func protect(header http.Header) {
	for name, value := range map[string]string{
		echo.HeaderContentSecurityPolicy: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		echo.HeaderXFrameOptions:       "DENY",
		echo.HeaderReferrerPolicy:      "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"X-Robots-Tag":                 "noindex",
	} {
		header.Set(name, value)
	}
}
