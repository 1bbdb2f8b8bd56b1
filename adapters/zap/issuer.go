package zap

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"rekey/adapters/bearer"
	"rekey/core"
)

// issuer verifies the tokens of one configured issuer.
type issuer struct {
	cfg    Issuer
	name   string
	tokens *bearer.Verifier
}

// newIssuers returns the issuers in the order of their names.
func newIssuers(configured map[string]Issuer, ring *bearer.Ring) ([]issuer, error) {
	var all []issuer
	for _, name := range slices.Sorted(maps.Keys(configured)) {
		cfg := configured[name]
		tokens, err := ring.Verifier(bearer.Rules{
			Source: cfg.source(), Issuer: cfg.Issuer, Audience: cfg.Audience, Type: cfg.Type,
			Leeway: cfg.Leeway, MaxAge: cfg.MaxAge, MaxLifetime: cfg.MaxLifetime,
		})
		if err != nil {
			return nil, fmt.Errorf("issuers.%s.%w", name, err)
		}
		all = append(all, issuer{cfg, name, tokens})
	}
	return all, nil
}

// verify returns the administrator that the token names. Unauthenticated if
// this issuer does not vouch for the token, Forbidden if the token has no
// administrator's role, Unavailable if the issuer's keys cannot be had.
func (i issuer) verify(ctx context.Context, token bearer.Token) (admin, error) {
	claims, err := i.tokens.Verify(ctx, token)
	if err != nil {
		return admin{}, err
	}
	subject := claims.Name(i.cfg.SubjectClaim)
	switch {
	case subject == "":
		return admin{}, core.Unauthenticated
	case !hasRole(claims.At(i.cfg.RoleClaim), i.cfg.AdminRoles):
		return admin{}, core.Forbidden
	}
	who := admin{Actor: core.Actor{Subject: subject, Issuer: i.name, IssuedAt: claims.IssuedAt()}, tenant: i.cfg.Tenant}
	if i.cfg.EmailClaim != "" {
		who.email = claims.Name(i.cfg.EmailClaim)
	}
	return who, nil
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
