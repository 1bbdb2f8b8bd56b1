// Package bearer reads the tokens that clients bear and verifies them: JWTs
// (RFC 7519), by the best practices of RFC 8725. One issuer signs with one
// algorithm, which is configured. Its keys are configured too, or published by
// the issuer as a JWK Set (RFC 7517); what a token says of keys is never
// followed, except that its kid chooses among the issuer's own.
package bearer

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rekey/adapters"
	"rekey/core"
)

// ErrAbsent is the error of a request that bears no token. It is
// [core.Unauthenticated], and differs from a bad token in the challenge that
// it earns (RFC 6750, section 3.1).
var ErrAbsent = fmt.Errorf("no bearer token: %w", core.Unauthenticated)

// ErrCut is the error of a token that begins as a JWT and ends too early, as a
// client's damaged copy does. It is [core.Unauthenticated].
var ErrCut = fmt.Errorf("token is cut: %w", core.Unauthenticated)

// Token is a token of compact form (RFC 7515, section 7.1) whose header and
// claims every reader sees alike. Nothing of it is verified.
type Token struct{ text string }

// maxAuthorization bounds the header, in bytes. Tokens have a few hundred.
const maxAuthorization = 8 << 10

// Read returns the one token that the request bears, after one space or more.
// Errors are ErrAbsent, ErrCut, and Unauthenticated for what is no token.
func Read(h http.Header) (Token, error) {
	values := h.Values("Authorization")
	switch {
	case len(values) == 0:
		return Token{}, ErrAbsent
	case len(values) > 1:
		return Token{}, core.Unauthenticated
	}
	scheme, text, _ := strings.Cut(values[0], " ")
	text = strings.TrimLeft(text, " ")
	switch {
	case !strings.EqualFold(scheme, "Bearer") || text == "":
		return Token{}, ErrAbsent
	case len(values[0]) > maxAuthorization:
		return Token{}, core.Unauthenticated
	}
	return parse(text)
}

var (
	compact = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)
	cut     = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$`)
)

// parse judges the token's form. The library's decoder takes a name that
// stands twice, and replaces what is no UTF-8.
func parse(text string) (Token, error) {
	parts := strings.Split(text, ".")
	switch {
	case cut.MatchString(text) && hasMember(parts[0], "alg"):
		return Token{}, ErrCut
	case !compact.MatchString(text):
		return Token{}, core.Unauthenticated
	}
	for _, part := range parts[:2] {
		if _, ok := object(part); !ok {
			return Token{}, core.Unauthenticated
		}
	}
	return Token{text}, nil
}

// object returns the members of a part of a token that is a JSON object.
func object(part string) ([]adapters.Member, bool) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return nil, false
	}
	value, err := adapters.ParseJSON(text)
	if err != nil {
		return nil, false
	}
	return adapters.Members(value)
}

func hasMember(part, name string) bool {
	members, _ := object(part)
	return member(members, name) != nil
}

// member returns the value of the name, or nil.
func member(members []adapters.Member, name string) jsontext.Value {
	for _, m := range members {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// Claim returns the text of a claim that nobody has verified, and "" if it is
// no text: good for choosing who verifies the token, and nothing else.
func (t Token) Claim(name string) string {
	parts := strings.Split(t.text, ".")
	if len(parts) != 3 {
		return ""
	}
	members, _ := object(parts[1])
	text, _ := adapters.Text(member(members, name))
	return text
}
