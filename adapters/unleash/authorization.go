package unleash

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"rekey/core"
)

// apiTokens judges the Authorization header.
type apiTokens struct {
	required bool
	known    []knownToken
}

// knownToken is an API token of the configuration.
type knownToken struct {
	name   string // in the configuration
	digest [sha256.Size]byte
	kind   Kind
	tenant core.TenantID
}

func newAPITokens(cfg Config) apiTokens {
	t := apiTokens{required: cfg.Authorization == Required}
	for name, token := range cfg.APITokens {
		t.known = append(t.known, knownToken{name, sha256.Sum256([]byte(token.Secret.Reveal())), token.Kind, token.Tenant})
	}
	return t
}

// caller returns the caller's API token, whose tenant the change is held to, and
// none where one is optional: then the reset token chooses. Forbidden for a
// token of the wrong kind, also where none is needed, as the vendor does.
// The header holds the bare token: the vendor takes "Bearer " off below /api
// only, so here it makes a token unknown.
func (t apiTokens) caller(h http.Header) (knownToken, error) {
	token, known := t.find(h.Get("Authorization"))
	switch {
	case known && token.kind != Admin:
		return knownToken{}, core.Forbidden
	case !t.required:
		return knownToken{}, nil
	case !known:
		return knownToken{}, core.Unauthenticated
	}
	return token, nil
}

// admin returns the admin token that the caller bears, on a route where one is
// needed. Below /api the vendor takes "Bearer " off.
func (t apiTokens) admin(h http.Header) (knownToken, error) {
	text := h.Get("Authorization")
	if scheme, rest, ok := strings.Cut(text, " "); ok && strings.EqualFold(scheme, "Bearer") {
		text = strings.TrimLeft(rest, " ")
	}
	token, known := t.find(text)
	switch {
	case !known:
		return knownToken{}, core.Unauthenticated
	case token.kind != Admin:
		return knownToken{}, core.Forbidden
	}
	return token, nil
}

// find takes the same time for every text of one length.
func (t apiTokens) find(text string) (token knownToken, known bool) {
	digest := sha256.Sum256([]byte(text))
	for _, k := range t.known {
		if subtle.ConstantTimeCompare(digest[:], k.digest[:]) == 1 {
			token, known = k, true
		}
	}
	return token, known
}
