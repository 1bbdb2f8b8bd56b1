package manage

import (
	"strings"

	"github.com/labstack/echo/v4"

	"rekey/core"
)

// anyScope is what every key has.
const anyScope core.Scope = ""

// caller returns the access key that the request bears (RFC 6750, section 2.1),
// and what it is under the digest. Where it does not hold, or lacks the scope,
// the answer's challenge says so.
func (a *Adapter) caller(c echo.Context, scope core.Scope) (core.Secret, core.AccessKey, error) {
	challenge := func(reason string) {
		c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Bearer realm="rekey"`+reason)
	}
	secret, ok := bearerOf(c.Request().Header.Values(echo.HeaderAuthorization))
	if !ok {
		challenge("")
		return core.Secret{}, core.AccessKey{}, core.Unauthenticated
	}
	key, err := a.env.Passwords.Authenticate(c.Request().Context(), secret)
	switch {
	case core.CodeOf(err) == core.Unauthenticated:
		challenge(`, error="invalid_token"`)
		return core.Secret{}, core.AccessKey{}, err
	case err != nil:
		return core.Secret{}, core.AccessKey{}, err
	case scope != anyScope && !key.May(scope):
		challenge(`, error="insufficient_scope", scope="` + string(scope) + `"`)
		return core.Secret{}, core.AccessKey{}, core.Forbidden
	}
	return secret, key, nil
}

// bearerOf returns the credential of one Authorization header.
func bearerOf(headers []string) (core.Secret, bool) {
	if len(headers) != 1 {
		return core.Secret{}, false
	}
	scheme, text, found := strings.Cut(headers[0], " ")
	return core.NewSecret(strings.TrimLeft(text, " ")), found && strings.EqualFold(scheme, "Bearer")
}
