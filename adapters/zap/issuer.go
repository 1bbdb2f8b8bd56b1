package zap

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/golang-jwt/jwt/v5"

	"rekey/core"
)

// issuer verifies the tokens of one configured issuer.
type issuer struct {
	cfg    Issuer
	name   string
	now    func() time.Time
	keys   jwt.Keyfunc // where keys come from, and nothing else knows it
	parser *jwt.Parser
}

// newIssuers returns the issuers in the order of their names.
func newIssuers(configured map[string]Issuer, now func() time.Time) ([]issuer, error) {
	var all []issuer
	for _, name := range slices.Sorted(maps.Keys(configured)) {
		cfg := configured[name]
		key, field, problem := cfg.key()
		if problem != "" {
			return nil, fmt.Errorf("issuers.%s.%s: %s", name, field, problem)
		}
		all = append(all, issuer{
			cfg: cfg, name: name, now: now,
			keys: func(*jwt.Token) (any, error) { return key, nil }, // what the token says of keys is not asked
			parser: jwt.NewParser(
				jwt.WithValidMethods([]string{cfg.Algorithm}), jwt.WithStrictDecoding(),
				jwt.WithExpirationRequired(), jwt.WithLeeway(cfg.Leeway), jwt.WithTimeFunc(now),
				jwt.WithIssuer(cfg.Issuer), jwt.WithAudience(cfg.Audience...), // empty ones are not checked
			),
		})
	}
	return all, nil
}

// verify returns the administrator that the token names. Unauthenticated if
// this issuer does not vouch for the token, Forbidden if the token has no
// administrator's role. The signature is judged before any claim.
func (i issuer) verify(text string) (admin, error) {
	claims := jwt.MapClaims{}
	token, err := i.parser.ParseWithClaims(text, claims, i.keys)
	if err != nil || !i.accepts(token.Header) || !i.timely(claims) {
		return admin{}, core.Unauthenticated
	}
	subject, _ := claimAt(claims, i.cfg.SubjectClaim).(string)
	if !printable(subject) {
		return admin{}, core.Unauthenticated
	}
	if !hasRole(claimAt(claims, i.cfg.RoleClaim), i.cfg.AdminRoles) {
		return admin{}, core.Forbidden
	}
	issued, _ := claims.GetIssuedAt()
	return admin{core.Actor{Subject: subject, Issuer: i.name, IssuedAt: issued.UTC()}, i.cfg.Tenant}, nil
}

// accepts judges what the header demands (RFC 7515, section 4.1). Names of
// keys in it are ignored; what must be understood is refused, because no
// extension is.
func (i issuer) accepts(header map[string]any) bool {
	if _, demands := header["crit"]; demands {
		return false
	}
	typ, _ := header["typ"].(string)
	return i.cfg.Type == "" || mediaType(typ) == mediaType(i.cfg.Type)
}

// mediaType returns a typ in one spelling (RFC 7515, section 4.1.9).
func mediaType(typ string) string { return strings.TrimPrefix(strings.ToLower(typ), "application/") }

// timely judges the times beyond exp and nbf, which the library did: it takes
// a token without iat, and bounds neither age nor lifetime. Whole seconds are
// compared, because a float that fits no time wraps around.
func (i issuer) timely(claims jwt.MapClaims) bool {
	issued, err := claims.GetIssuedAt()
	if err != nil || issued == nil {
		return false
	}
	expires, _ := claims.GetExpirationTime() // it is there, and a time
	now, from, to := i.now().Unix(), issued.Unix(), expires.Unix()
	leeway, age, life := seconds(i.cfg.Leeway), seconds(i.cfg.MaxAge), seconds(i.cfg.MaxLifetime)
	return 0 < from && from <= now+leeway &&
		(age == 0 || now-from <= age+leeway) &&
		(life == 0 || to-from <= life)
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// maxSubject bounds a subject, in bytes: it goes into the audit trail.
const maxSubject = 255

// printable reports whether a subject may stand in the audit trail.
func printable(subject string) bool {
	return strings.TrimSpace(subject) != "" && len(subject) <= maxSubject && !strings.ContainsFunc(subject, unicode.IsControl)
}

// claimAt returns the claim at the path, or nil. A name that has dots itself,
// as a namespaced claim's, is found as it stands.
func claimAt(claims map[string]any, path string) any {
	if claim, ok := claims[path]; ok {
		return claim
	}
	head, rest, nested := strings.Cut(path, ".")
	inner, _ := claims[head].(map[string]any)
	if !nested || inner == nil {
		return nil
	}
	return claimAt(inner, rest)
}

// hasRole reports whether the claim, a string or an array of strings, has one
// of the roles exactly. Any other type has none.
func hasRole(claim any, roles []string) bool {
	many, ok := claim.([]any)
	if !ok {
		many = []any{claim}
	}
	found := false
	for _, one := range many {
		role, ok := one.(string)
		if !ok {
			return false
		}
		found = found || slices.Contains(roles, role)
	}
	return found
}
