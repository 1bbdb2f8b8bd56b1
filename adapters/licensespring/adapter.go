// Package licensespring serves LicenseSpring's POST /api/v4/change_password.
//
// The vendor documents the signed headers, the body and part of the errors.
// Where nothing is published this package chooses, in the vendor's style: the
// codes for a wrong password, a weak and a reused one, throttling and
// overload, the order of the checks within the headers, and the content type
// of the answer. Each choice stands in PROTOCOL.md.
package licensespring

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// maxBody bounds a request: three fields, with room for every byte escaped.
const maxBody = 64 << 10

// Adapter serves the dialect.
type Adapter struct {
	env       adapters.Env
	companies map[string]Company // by API key
}

// New returns the adapter. cfg has been validated.
func New(cfg Config, env adapters.Env) (*Adapter, error) {
	a := &Adapter{env: env, companies: make(map[string]Company, len(cfg.Companies))}
	for _, company := range cfg.Companies {
		a.companies[company.APIKey.Reveal()] = company
	}
	return a, nil
}

// Name implements [adapters.Adapter].
func (*Adapter) Name() string { return "licensespring" }

// Prefixes implements [adapters.Adapter].
func (*Adapter) Prefixes() []string { return []string{"/api/v4"} }

// Routes implements [adapters.Adapter].
func (a *Adapter) Routes() []adapters.Route {
	return []adapters.Route{{Method: http.MethodPost, Path: "/api/v4/change_password", Handler: a.changePassword}}
}

func (a *Adapter) changePassword(c echo.Context) error {
	company, err := a.caller(c.Request().Header, a.env.Now())
	if err != nil {
		return err
	}
	req, err := readChangePassword(c.Request())
	if err != nil {
		return err
	}
	_, err = a.env.Passwords.Change(c.Request().Context(), core.Change{
		Tenant: company.Tenant,
		Proof:  core.Knowledge{Account: core.Locator{Login: req.username}, Current: req.password},
		New:    req.newPassword,
		Origin: adapters.Origin(c, a),
	})
	if err != nil {
		return err
	}
	// Bare, without quotes or a line end: the one form that every client of
	// the vendor's reads right.
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte("password_changed"))
}

// caller returns the company that signed the request and may change passwords.
func (a *Adapter) caller(h http.Header, now time.Time) (Company, error) {
	signed, err := readSignature(h, now)
	if err != nil {
		return Company{}, err
	}
	company, known := a.companies[signed.apiKey]
	switch {
	case !known:
		return Company{}, invalidAPIKey
	case !signed.by(company.SharedKey.Reveal()):
		return Company{}, signatureMismatch
	case company.Revoked:
		return Company{}, revokedAPIKey
	case company.ReadOnly:
		return Company{}, readOnlyAPIKey
	case !company.AllowChangePassword:
		return Company{}, notAllowed
	}
	return company, nil
}
