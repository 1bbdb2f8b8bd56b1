// Package licensespring serves LicenseSpring's POST /api/v4/change_password.
//
// The vendor documents the signed headers, the body and part of the errors.
// Where nothing is published this package chooses, in the vendor's style: the
// codes for a wrong password, a weak and a reused one, throttling and
// overload, those of an OAuth token that a new one would not replace, the
// order of the checks within the headers, and the content type of the answer.
// Each choice stands in PROTOCOL.md.
package licensespring

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/adapters/bearer"
	"rekey/core"
)

// maxBody bounds a request: three fields, with room for every byte escaped.
const maxBody = 64 << 10

// Adapter serves the dialect. It must be closed.
type Adapter struct {
	env      adapters.Env
	ring     *bearer.Ring
	byAPIKey map[digest]*company
	byClient map[client]*company
	tokenURL string // where OAuth clients get tokens; "" if nobody says
}

// digest is what an API key is looked up by: how long a look-up takes tells
// nothing of the keys that there are.
type digest [sha256.Size]byte

func digestOf(apiKey string) digest { return sha256.Sum256([]byte(apiKey)) }

// company is a configured company and what serving it takes.
type company struct {
	Company
	name      string           // in the configuration
	tokens    *bearer.Verifier // nil without OAuth
	signature string           // of the yes; "" without a key
}

// New returns the adapter. cfg has been validated.
func New(cfg Config, env adapters.Env) (*Adapter, error) {
	a := &Adapter{env: env, ring: bearer.NewRing(env), byAPIKey: map[digest]*company{}, byClient: map[client]*company{}}
	for name, configured := range cfg.Companies {
		if !configured.ResponseKey.IsSet() {
			configured.ResponseKey = cfg.ResponseKey
		}
		if err := a.add(name, configured); err != nil {
			return nil, fmt.Errorf("companies.%s: %w", name, err)
		}
	}
	a.ring.Start()
	return a, nil
}

func (a *Adapter) add(name string, configured Company) (err error) {
	c := &company{Company: configured, name: name}
	if c.signature, err = signResponse(configured.ResponseKey, changed); err != nil {
		return err
	}
	if configured.APIKey.IsSet() {
		a.byAPIKey[digestOf(configured.APIKey.Reveal())] = c
	}
	if !configured.OAuth.isSet() {
		return nil
	}
	if c.tokens, err = a.ring.Verifier(configured.OAuth.rules()); err != nil {
		return fmt.Errorf("oauth: %w", err)
	}
	a.byClient[configured.OAuth.client()] = c
	if configured.OAuth.TokenURL != "" {
		a.tokenURL = configured.OAuth.TokenURL
	}
	return nil
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
func (*Adapter) Name() string { return "licensespring" }

// Prefixes implements [adapters.Adapter].
func (*Adapter) Prefixes() []string { return []string{"/api/v4"} }

// Routes implements [adapters.Adapter].
func (a *Adapter) Routes() []adapters.Route {
	routes := []adapters.Route{{Method: http.MethodPost, Path: "/api/v4/change_password", Handler: a.changePassword}}
	if a.tokenURL != "" {
		routes = append(routes, adapters.Route{Method: http.MethodGet, Path: "/api/v4/oauth_url", Handler: a.oauthURL})
	}
	return routes
}

func (a *Adapter) changePassword(c echo.Context) error {
	company, err := a.caller(c.Request())
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
		Caller: company.name,
	})
	if err != nil {
		return err
	}
	return company.answer(c)
}

// caller returns the company that sent the request and may change passwords.
func (a *Adapter) caller(r *http.Request) (*company, error) {
	sender, err := a.sender(r)
	if err == nil && !sender.AllowChangePassword {
		return nil, notAllowed
	}
	return sender, err
}

// sender returns the company that the request's credentials belong to: an
// OAuth token, where any company has a client, or else a signature.
func (a *Adapter) sender(r *http.Request) (*company, error) {
	date, err := readDate(r.Header)
	if err != nil {
		return nil, err
	}
	token, err := bearer.Read(r.Header)
	if len(a.byClient) == 0 || errors.Is(err, bearer.ErrAbsent) {
		return a.bySignature(r.Header, date)
	}
	switch {
	case !timely(date, a.env.Now()):
		return nil, dateDiff
	case errors.Is(err, bearer.ErrCut):
		return nil, oauthMalformed
	case err != nil:
		return nil, oauthInvalid
	}
	return a.byToken(r, token)
}

// bySignature returns the company whose keys signed the headers.
func (a *Adapter) bySignature(h http.Header, date string) (*company, error) {
	signed, err := readSignature(h, date, a.env.Now())
	if err != nil {
		return nil, err
	}
	company, known := a.byAPIKey[digestOf(signed.apiKey)]
	switch {
	case !known:
		return nil, invalidAPIKey
	case !signed.by(company.SharedKey.Reveal()):
		return nil, signatureMismatch
	case company.Revoked:
		return nil, revokedAPIKey
	case company.ReadOnly:
		return nil, readOnlyAPIKey
	case company.IsOAuthRequired:
		return nil, oauthRequired
	}
	return company, nil
}
