package licensespring

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/adapters/bearer"
	"rekey/config/secret"
	"rekey/core"
)

// OAuth is a company's OAuth client. Its tokens take the place of the API key
// and the signature.
type OAuth struct {
	// ClientID is the client, as tokens name it in the first of azp, client_id and sub that they have.
	ClientID string `key:"client_id"`
	// Issuer is what a token's iss must be.
	Issuer string `key:"issuer"`
	// Audience has what a token's aud must name one of.
	Audience []string `key:"audience"`
	// Type is what the header's typ must be, such as at+jwt; empty is not checked.
	Type string `key:"type"`
	// Algorithm is the one that signs tokens: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA.
	Algorithm string `key:"algorithm"`
	// JWKSURL is where the issuer publishes its keys.
	JWKSURL string `key:"jwks_url"`
	// PublicKey is the issuer's public key in PEM, in place of JWKSURL.
	PublicKey secret.Value `key:"public_key"`
	// TokenURL is where clients get tokens, told by /api/v4/oauth_url. It may be empty, where clients know.
	TokenURL string `key:"token_url"`
}

// isSet reports whether the company has an OAuth client.
func (o OAuth) isSet() bool {
	return o.ClientID != "" || o.Issuer != "" || len(o.Audience) > 0 || o.Type != "" || o.JWKSURL != "" || o.PublicKey.IsSet() || o.TokenURL != ""
}

// client is an OAuth client: its id is unique at its issuer.
type client struct{ issuer, id string }

func (o OAuth) client() client { return client{o.Issuer, o.ClientID} }

// oauthLeeway is how far an issuer's clock may be off.
const oauthLeeway = 30 * time.Second

func (o OAuth) rules() bearer.Rules {
	return bearer.Rules{
		Source: bearer.Source{Algorithm: o.Algorithm, PublicKey: o.PublicKey, JWKSURL: o.JWKSURL},
		Issuer: o.Issuer, Audience: o.Audience, Type: o.Type, Leeway: oauthLeeway,
	}
}

func (o *owners) validateOAuth(c OAuth, report func(field, problem string)) {
	source := c.rules().Source
	field, problem := source.Problem()
	if source.Shared() {
		field, problem = bearer.FieldAlgorithm, "write an algorithm with a public key, such as RS256; a secret is not shared with an OAuth issuer"
	}
	if problem != "" {
		report("oauth."+field, problem)
	}
	if c.ClientID == "" {
		report("oauth.client_id", "name the company's OAuth client, as tokens do in azp, client_id or sub")
	} else if other, taken := o.clients[c.client()]; taken {
		report("oauth.client_id", "give each company a client of its own; companies."+other+" has this one")
	}
	if c.Issuer == "" {
		report("oauth.issuer", "say what a token's iss is")
	}
	if len(c.Audience) == 0 || slices.Contains(c.Audience, "") {
		report("oauth.audience", "list what a token's aud is, or tokens for other services would do")
	}
	if c.TokenURL == "" {
		return
	}
	if problem := bearer.AddressProblem(c.TokenURL); problem != "" {
		report("oauth.token_url", problem)
	} else if o.tokenURL != "" && o.tokenURL != c.TokenURL {
		report("oauth.token_url", "give all companies one address, or only one of them any: clients ask for it without saying who they are")
	}
}

// byToken returns the company whose OAuth client the token was made for. The
// two codes that make the vendor's client ask for a new token and try again,
// without end, are for tokens that a new one replaces for good: expired in
// everything's stead, or cut.
func (a *Adapter) byToken(r *http.Request, token bearer.Token) (*company, error) {
	company, known := a.byClient[clientOf(token)]
	if !known {
		return nil, oauthInvalid
	}
	_, err := company.tokens.Verify(r.Context(), token)
	switch {
	case err == nil:
		return company, nil
	case errors.Is(err, bearer.ErrExpired):
		return nil, oauthExpired
	case errors.Is(err, core.Unauthenticated):
		return nil, oauthInvalid
	}
	return nil, err
}

// clientOf returns the client that the token names. Keycloak and Auth0 name it
// in azp, RFC 9068 in client_id, and a client that speaks for itself is its
// own subject.
func clientOf(token bearer.Token) client {
	c := client{issuer: token.Claim("iss")}
	for _, claim := range []string{"azp", "client_id", "sub"} {
		if c.id = token.Claim(claim); c.id != "" {
			break
		}
	}
	return c
}

// oauthURL tells where tokens are to be had. The vendor's client asks without
// any credentials, because it has none yet.
func (a *Adapter) oauthURL(c echo.Context) error {
	switch kinds := c.QueryParams()["login_type"]; {
	case len(kinds) == 0 || kinds[0] == "":
		return missingParameters.listing([]string{"login_type"})
	case len(kinds) > 1 || kinds[0] != "client_credentials":
		return validation.because("login_type must be client_credentials")
	}
	return adapters.AnswerJSON(c, http.StatusOK, struct {
		URL string `json:"url"`
	}{a.tokenURL})
}
