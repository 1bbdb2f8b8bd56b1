package zap

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"rekey/adapters"
	"rekey/core"
)

// admin is an administrator whose token holds, and the tenant that the token's
// issuer is bound to.
type admin struct {
	core.Actor
	tenant core.TenantID
}

// errNoToken is the refusal of a request that bears no token. It differs from
// that of a bad one in its challenge only (RFC 6750, section 3.1).
var errNoToken = fmt.Errorf("no bearer token: %w", core.Unauthenticated)

// admin returns who calls. Unauthenticated if no issuer vouches for the token,
// Forbidden if one does and the token does not name an administrator.
func (a *Adapter) admin(h http.Header) (admin, error) {
	token, err := bearer(h)
	if err != nil {
		return admin{}, err
	}
	for _, issuer := range a.issuers {
		who, err := issuer.verify(token)
		if !errors.Is(err, core.Unauthenticated) {
			return who, err
		}
	}
	return admin{}, core.Unauthenticated
}

// maxAuthorization bounds the header, in bytes. The vendor's tokens have some
// 300.
const maxAuthorization = 8 << 10

// compact is the form of a JWS (RFC 7515, section 7.1) with a signature.
var compact = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)

// bearer returns the one token that the request bears. The vendor's pages put
// two spaces before it, its app one.
func bearer(h http.Header) (string, error) {
	values := h.Values("Authorization")
	switch {
	case len(values) == 0:
		return "", errNoToken
	case len(values) > 1, len(values[0]) > maxAuthorization:
		return "", core.Unauthenticated
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.TrimLeft(token, " ")
	switch {
	case !strings.EqualFold(scheme, "Bearer") || token == "":
		return "", errNoToken
	case !compact.MatchString(token) || !unambiguous(token):
		return "", core.Unauthenticated
	}
	return token, nil
}

// unambiguous reports whether every reader sees the same header and claims in
// a token of compact form. The library's decoder takes a name that stands
// twice, and replaces what is no UTF-8.
func unambiguous(token string) bool {
	parts := strings.Split(token, ".")
	for _, part := range parts[:2] {
		text, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil {
			return false
		}
		value, err := adapters.ParseJSON(text)
		if err != nil || value.Kind() != '{' {
			return false
		}
	}
	return true
}
