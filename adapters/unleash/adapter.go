// Package unleash serves Unleash's /auth/reset: a new password for the bearer
// of a reset token. It speaks as unleash-server 8.2.0 was measured to speak,
// to the byte. Where it differs, it does so on purpose, and PROTOCOL.md says
// where and why.
package unleash

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// Adapter serves the dialect.
type Adapter struct {
	cfg    Config
	env    adapters.Env
	tokens apiTokens
}

// New returns the adapter. cfg has been validated.
func New(cfg Config, env adapters.Env) (*Adapter, error) {
	return &Adapter{cfg: cfg, env: env, tokens: newAPITokens(cfg)}, nil
}

// Name implements [adapters.Adapter].
func (*Adapter) Name() string { return "unleash" }

// Prefixes implements [adapters.Adapter].
func (*Adapter) Prefixes() []string {
	return []string{"/auth/reset", "/api/admin/user-admin/reset-password"}
}

// Routes implements [adapters.Adapter].
func (a *Adapter) Routes() []adapters.Route {
	return []adapters.Route{
		{Method: http.MethodPost, Path: "/auth/reset/password", Handler: a.resetPassword},
		{Method: http.MethodPost, Path: "/auth/reset/validate-password", Handler: a.validatePassword},
		{Method: http.MethodGet, Path: "/auth/reset/validate", Handler: a.validate},
		{Method: http.MethodHead, Path: "/auth/reset/validate", Handler: a.validate},
		{Method: http.MethodPost, Path: "/auth/reset/password-email", Handler: a.mailLink},
		{Method: http.MethodPost, Path: "/api/admin/user-admin/reset-password", Handler: a.issueLink},
	}
}

// resetPassword redeems a reset token. The policy is asked before the token,
// as the vendor does: a weak password with a dead token is a weak password.
func (a *Adapter) resetPassword(c echo.Context) error {
	caller, err := a.tokens.caller(c.Request().Header)
	if err != nil {
		return err
	}
	fields, err := readFields(c.Request(), "token", "password")
	if err != nil {
		return err
	}
	password := core.NewPassword(fields["password"])
	if password.IsEmpty() {
		return noPassword
	}
	_, err = a.env.Passwords.Change(c.Request().Context(), core.Change{
		Tenant:      caller.tenant,
		Proof:       core.Possession{Token: core.NewToken(fields["token"])},
		New:         password,
		Origin:      adapters.Origin(c, a),
		Caller:      caller.name,
		PolicyFirst: true,
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusOK)
}

// validatePassword judges a password while it is typed, for no account.
func (a *Adapter) validatePassword(c echo.Context) error {
	if _, err := a.tokens.caller(c.Request().Header); err != nil {
		return err
	}
	fields, err := readFields(c.Request(), "password")
	if err != nil {
		return err
	}
	password := core.NewPassword(fields["password"])
	if password.IsEmpty() {
		return noPassword
	}
	if err := a.env.Passwords.CheckPolicy(password); err != nil {
		return err
	}
	return c.NoContent(http.StatusOK)
}
