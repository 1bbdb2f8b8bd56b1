package bearer

import (
	"strings"
	"time"
	"unicode"

	"github.com/golang-jwt/jwt/v5"
)

// Claims are the claims of a token that was verified.
type Claims map[string]any

// At returns the claim at the path, such as user.id, or nil. A name that has
// dots itself, as a namespaced claim's, is found as it stands.
func (c Claims) At(path string) any {
	if claim, ok := c[path]; ok {
		return claim
	}
	head, rest, nested := strings.Cut(path, ".")
	inner, _ := c[head].(map[string]any)
	if !nested || inner == nil {
		return nil
	}
	return Claims(inner).At(rest)
}

// maxName bounds a name, in bytes: it goes into the audit trail.
const maxName = 255

// Name returns the claim at the path if it is a text that can name somebody in
// an audit trail, and "" otherwise.
func (c Claims) Name(path string) string {
	name, _ := c.At(path).(string)
	if strings.TrimSpace(name) == "" || len(name) > maxName || strings.ContainsFunc(name, unicode.IsControl) {
		return ""
	}
	return name
}

// IssuedAt returns the token's iat, in whole seconds.
func (c Claims) IssuedAt() time.Time {
	issued, err := jwt.MapClaims(c).GetIssuedAt()
	if err != nil || issued == nil {
		return time.Time{}
	}
	return issued.UTC()
}
