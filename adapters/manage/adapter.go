// Package manage serves the management API, /manage/v1: programs create, find
// and amend accounts, end their sessions, issue reset tokens, verify passwords
// for their own logins, and read the audit trail. It is off by default.
//
// A program bears an access key, which chooses the tenant and has scopes. Errors
// are problems of RFC 9457. A write that comes with an Idempotency-Key is done
// once, however often it is sent.
package manage

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// Adapter serves the management API.
type Adapter struct {
	name         string
	env          adapters.Env
	installation Installation
	baseURL      string
}

// New returns the adapter. cfg has been validated, and the service of env has
// AccessKeys and Replays.
func New(cfg Config, env adapters.Env, i Installation) *Adapter {
	return &Adapter{"manage", env, i, cfg.BaseURL}
}

// As returns the same API for a client that has a name of its own in logs,
// metrics and the audit trail.
func (a *Adapter) As(name string) *Adapter {
	other := *a
	other.name = name
	return &other
}

// Name implements [adapters.Adapter].
func (a *Adapter) Name() string { return a.name }

// Prefixes implements [adapters.Adapter].
func (*Adapter) Prefixes() []string { return []string{"/manage/v1"} }

// endpoint is what one route does, and the scope that it takes.
type endpoint struct {
	method, path string
	scope        core.Scope
	answer       func(*Adapter, *call) (answer, error)
	once         bool // whether an Idempotency-Key is honoured
}

// endpoints are all there are. A verification is no write that a client must not
// repeat, and its answer must not be an old one.
func endpoints() []endpoint {
	const get, put, post, remove = http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete
	return []endpoint{
		{get, "/accounts", core.AccountsRead, (*Adapter).listAccounts, false},
		{post, "/accounts", core.AccountsWrite, (*Adapter).createAccount, true},
		{get, "/accounts/:id", core.AccountsRead, (*Adapter).showAccount, false},
		{post, "/accounts/:id/disable", core.AccountsWrite, (*Adapter).disable, true},
		{post, "/accounts/:id/enable", core.AccountsWrite, (*Adapter).enable, true},
		{post, "/accounts/:id/unlock", core.AccountsWrite, (*Adapter).unlock, true},
		{post, "/accounts/:id/end_sessions", core.AccountsWrite, (*Adapter).endSessions, true},
		{put, "/accounts/:id/external_ids/:kind", core.AccountsWrite, (*Adapter).setExternalID, true},
		{remove, "/accounts/:id/external_ids/:kind", core.AccountsWrite, (*Adapter).removeExternalID, true},
		{post, "/accounts/:id/reset_token", core.TokensIssue, (*Adapter).issueToken, true},
		{remove, "/accounts/:id/reset_token", core.TokensIssue, (*Adapter).revokeTokens, true},
		{post, "/verify", core.VerifyScope, (*Adapter).verify, false},
		{get, "/events", core.AuditRead, (*Adapter).listEvents, false},
		{get, "/deliveries", core.WebhooksRead, (*Adapter).listDeliveries, false},
		{post, "/deliveries/retry", core.WebhooksWrite, (*Adapter).retryDeliveries, true},
		{post, "/deliveries/:id/retry", core.WebhooksWrite, (*Adapter).retryDelivery, true},
		{get, "/key", anyScope, (*Adapter).showKey, false},
		{get, "/dialects", core.InstallationRead, (*Adapter).listDialects, false},
		{get, "/samples", core.InstallationRead, (*Adapter).listSamples, false},
		{get, "/configuration", core.InstallationRead, (*Adapter).showConfiguration, false},
		{get, "/findings", core.InstallationRead, (*Adapter).showFindings, false},
	}
}

// Routes implements [adapters.Adapter].
func (a *Adapter) Routes() (routes []adapters.Route) {
	for _, e := range endpoints() {
		routes = append(routes, adapters.Route{Method: e.method, Path: "/manage/v1" + e.path, Handler: a.serve(e)})
	}
	return routes
}

// call is one request of a caller who may make it.
type call struct {
	echo.Context
	key    core.AccessKey
	body   []byte
	origin core.Origin
}

// account returns the account that the path names.
func (c *call) account() core.Locator { return core.Locator{ID: core.AccountID(c.Param("id"))} }

func (a *Adapter) serve(e endpoint) echo.HandlerFunc {
	return func(c echo.Context) error {
		secret, key, err := a.caller(c, e.scope)
		if err != nil {
			return err
		}
		body, err := readBody(c.Request())
		if err != nil {
			return err
		}
		asked := &call{c, key, body, adapters.Origin(c, a)}
		if e.once {
			return a.answerOnce(asked, secret, e)
		}
		got, err := e.answer(a, asked)
		if err != nil {
			return err
		}
		return got.write(c)
	}
}
