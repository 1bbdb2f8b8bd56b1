package bearer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rekey/core"
)

// ErrExpired is the error of a token that holds in everything but its exp. It
// is [core.Unauthenticated].
var ErrExpired = fmt.Errorf("token is expired: %w", core.Unauthenticated)

// Rules are what an issuer's tokens must keep. exp and iat are required always.
type Rules struct {
	Source
	Issuer      string        // what iss must be; empty is not checked
	Audience    []string      // aud must name one; empty is not checked
	Type        string        // what typ must be, such as at+jwt; empty is not checked
	Leeway      time.Duration // how far the issuer's clock may be off
	MaxAge      time.Duration // how long after its iat a token is taken; 0 until its exp
	MaxLifetime time.Duration // how far exp may lie after iat; 0 for any
}

// Verifier verifies the tokens of one issuer. It is safe for concurrent use.
type Verifier struct {
	rules     Rules
	now       func() time.Time
	keys      keys
	parser    *jwt.Parser
	validator *jwt.Validator
}

func newVerifier(rules Rules, k keys, now func() time.Time) *Verifier {
	return &Verifier{
		rules: rules, now: now, keys: k,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{rules.Algorithm}), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation(),
		),
		validator: jwt.NewValidator(
			jwt.WithExpirationRequired(), jwt.WithLeeway(rules.Leeway), jwt.WithTimeFunc(now),
			jwt.WithIssuer(rules.Issuer), jwt.WithAudience(rules.Audience...), // empty ones are not checked
		),
	}
}

// Verify returns the claims of a token that holds. Errors are Unauthenticated,
// ErrExpired, and Unavailable for a token that cannot be judged because the
// issuer's keys cannot be had.
//
// The claims are judged before the key is looked up, so that a token which
// could not hold costs the issuer no request; what they are worth is told only
// if the signature holds.
func (v *Verifier) Verify(ctx context.Context, t Token) (Claims, error) {
	if v.rules.Issuer != "" && t.Claim("iss") != v.rules.Issuer {
		return nil, core.Unauthenticated
	}
	claims, worth := jwt.MapClaims{}, error(nil)
	_, err := v.parser.ParseWithClaims(t.text, claims, func(token *jwt.Token) (any, error) {
		if !v.accepts(token.Header) {
			return nil, core.Unauthenticated
		}
		worth = v.judge(claims)
		return v.keys.key(ctx, token.Header["kid"], worth == nil)
	})
	switch {
	case err != nil && errors.Is(err, core.Unavailable):
		return nil, err
	case err != nil:
		return nil, core.Unauthenticated
	case worth != nil:
		return nil, worth
	}
	return Claims(claims), nil
}

// accepts judges what the header demands (RFC 7515, section 4.1). What must be
// understood is refused, because no extension is.
func (v *Verifier) accepts(header map[string]any) bool {
	if _, demands := header["crit"]; demands {
		return false
	}
	typ, _ := header["typ"].(string)
	return v.rules.Type == "" || mediaType(typ) == mediaType(v.rules.Type)
}

// mediaType returns a typ in one spelling (RFC 7515, section 4.1.9).
func mediaType(typ string) string { return strings.TrimPrefix(strings.ToLower(typ), "application/") }

// judge returns what the claims are worth, if the signature holds.
func (v *Verifier) judge(claims jwt.MapClaims) error {
	err := v.validator.Validate(claims)
	if !v.timely(claims) {
		return core.Unauthenticated
	}
	for _, flaw := range []error{
		jwt.ErrTokenNotValidYet, jwt.ErrTokenInvalidIssuer, jwt.ErrTokenInvalidAudience,
		jwt.ErrTokenRequiredClaimMissing, jwt.ErrInvalidType,
	} {
		if errors.Is(err, flaw) {
			return core.Unauthenticated
		}
	}
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return ErrExpired
	case err != nil:
		return core.Unauthenticated
	}
	return nil
}

// timely judges the times beyond exp and nbf, which the library does: it takes
// a token without iat, bounds neither age nor lifetime, and reads a number that
// fits no time as another time, which one depends on the processor.
func (v *Verifier) timely(claims jwt.MapClaims) bool {
	for _, name := range []string{"exp", "nbf", "iat"} {
		if at, present := claims[name]; present && !isTime(at) {
			return false
		}
	}
	issued, err := claims.GetIssuedAt()
	if err != nil || issued == nil {
		return false
	}
	expires, err := claims.GetExpirationTime()
	if err != nil || expires == nil {
		return false
	}
	now, from, to := v.now().Unix(), issued.Unix(), expires.Unix()
	leeway, age, life := seconds(v.rules.Leeway), seconds(v.rules.MaxAge), seconds(v.rules.MaxLifetime)
	return 0 < from && from <= now+leeway &&
		(age == 0 || now-from <= age+leeway) &&
		(life == 0 || to-from <= life)
}

// lastSecond is the end of the year 9999, beyond which no calendar goes.
const lastSecond = 253402300799

// isTime reports whether a claim is a number of seconds that fits a time.
func isTime(claim any) bool {
	at, ok := claim.(float64)
	return ok && 0 <= at && at <= lastSecond
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
