// Package zap serves Zap Africa's POST /v1/changePassword: an administrator,
// who bears a JWT, changes the password of a user whose present password they
// can prove; and POST /v1/otp/, which mails that user the code to prove it with.
//
// The vendor documents the fields, a sample and the yes, and contradicts
// itself about what is required. It publishes no failures, no claims beyond
// what its app shows, and no value for "Site Admin". What fills these gaps is
// configuration where it is the vendor's to say, and otherwise our choice;
// each stands in PROTOCOL.md.
package zap

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/adapters/bearer"
	"rekey/core"
)

// ExternalID is the kind of the external ids that a userId is looked up as.
const ExternalID = "zap"

// Adapter serves the dialect. It must be closed.
type Adapter struct {
	env     adapters.Env
	ring    *bearer.Ring
	factor  core.FactorRule
	issuers []issuer // in the order of their names
}

// New returns the adapter. cfg has been validated.
func New(cfg Config, env adapters.Env) (*Adapter, error) {
	ring := bearer.NewRing(env)
	issuers, err := newIssuers(cfg.Issuers, ring)
	if err != nil {
		return nil, err
	}
	ring.Start()
	return &Adapter{env: env, ring: ring, factor: cfg.SecureOTP, issuers: issuers}, nil
}

// Close ends the fetching of issuers' keys.
func (a *Adapter) Close() error { return a.ring.Close() }

// Inherit takes over the keys of issuers, see [adapters.Inherit].
func (a *Adapter) Inherit(before adapters.Adapter) {
	if b, ok := before.(*Adapter); ok {
		a.ring.Inherit(b.ring)
	}
}

// Name implements [adapters.Adapter].
func (*Adapter) Name() string { return "zap" }

// Prefixes implements [adapters.Adapter].
func (*Adapter) Prefixes() []string { return []string{"/v1"} }

// Routes implements [adapters.Adapter].
func (a *Adapter) Routes() []adapters.Route {
	return []adapters.Route{
		{Method: http.MethodPost, Path: "/v1/changePassword", Handler: a.changePassword},
		{Method: http.MethodPost, Path: "/v1/otp", Handler: a.mailCode},
	}
}

func (a *Adapter) changePassword(c echo.Context) error {
	admin, err := a.admin(c.Request())
	if err != nil {
		return err
	}
	req, err := readChangePassword(c.Request(), a.factor)
	if err != nil {
		return err
	}
	_, err = a.env.Passwords.Change(c.Request().Context(), core.Change{
		Tenant: admin.tenant,
		Proof: core.Authority{
			Admin:   admin.Actor,
			Account: core.Locator{External: core.Key{Kind: ExternalID, Value: req.userID}, Email: req.email},
			Current: &req.oldPassword,
			Factor:  core.Factor{Rule: a.factor, Code: req.code},
		},
		New:    req.newPassword,
		Origin: adapters.Origin(c, a),
		Caller: admin.String(),
	})
	if err != nil {
		return err
	}
	return done(c, "Password updated successfully")
}

// done answers the vendor's yes.
func done(c echo.Context, data string) error {
	return adapters.AnswerJSON(c, http.StatusOK, struct {
		Success bool   `json:"success"`
		Data    string `json:"data"`
	}{true, data})
}
