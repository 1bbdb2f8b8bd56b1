package zap

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"rekey/adapters/bearer"
	"rekey/config/secret"
	"rekey/core"
)

// Config is the dialect's section of the configuration.
type Config struct {
	// Enabled switches the dialect on.
	Enabled bool `key:"enabled"`
	// SecureOTP says when the user's one-time code is asked for: off (never, and one that is sent is ignored),
	// enrolled (of users that have a factor enrolled) or required (always).
	SecureOTP core.FactorRule `key:"secure_otp"`
	// Issuers are those whose tokens prove an administrator, by a name of the operator's choice. The audit trail
	// calls an administrator by the issuer's name and the token's subject.
	Issuers map[string]Issuer `key:"issuers"`
}

// Issuer is one maker of tokens, and the tenant that they open. Tokens of the
// vendor's own shape are {"user":{"email","roleId","id"},"iat","exp"}. For
// them set vendor_shape: true, subject_claim: user.id, role_claim:
// user.roleId, and max_lifetime: 6h, which is how long the vendor's access
// tokens live: its refresh tokens differ from them in nothing else.
type Issuer struct {
	// Tenant is where the users live whose passwords the issuer's administrators may change.
	Tenant core.TenantID `key:"tenant"`
	// Algorithm is the one that signs its tokens: HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512,
	// ES256, ES384, ES512 or EdDSA.
	Algorithm string `key:"algorithm"`
	// Secret signs and verifies with HS256 (at least 32 bytes), HS384 (48) and HS512 (64).
	Secret secret.Value `key:"secret"`
	// PublicKey verifies with all others: one public key in PEM, best as {file: PATH}.
	PublicKey secret.Value `key:"public_key"`
	// JWKSURL is where the issuer publishes its public keys, in place of PublicKey: https, or this machine.
	JWKSURL string `key:"jwks_url"`
	// Issuer is what a token's iss must be. It may be empty, and is then not checked, with vendor_shape only.
	Issuer string `key:"issuer"`
	// Audience has what a token's aud must name one of. It may be empty, and is then not checked, with vendor_shape only.
	Audience []string `key:"audience"`
	// VendorShape says that the issuer's tokens may lack iss and aud, as the vendor's own do.
	VendorShape bool `key:"vendor_shape"`
	// SubjectClaim is where a token names its subject; in nested claims a path such as user.id.
	SubjectClaim string `key:"subject_claim"`
	// EmailClaim is where a token has its subject's e-mail address, for issuers whose subjects are no userIds: by it,
	// too, the administrator's own account is found, whose changes of password end older tokens. It may be empty.
	EmailClaim string `key:"email_claim"`
	// RoleClaim is where a token names its subject's role or roles: a string or an array of strings, at a path such
	// as user.roleId.
	RoleClaim string `key:"role_claim"`
	// AdminRoles are the roles that make an administrator. One of them must stand in the token exactly.
	AdminRoles []string `key:"admin_roles"`
	// Type is what the header's typ must be, such as at+jwt; empty is not checked.
	Type string `key:"type"`
	// Leeway is how far the issuer's clock may be off.
	Leeway time.Duration `key:"leeway"`
	// MaxAge is how long after its iat a token is taken at most; 0 until its exp.
	MaxAge time.Duration `key:"max_age"`
	// MaxLifetime is how far a token's exp may lie after its iat; 0 for any.
	MaxLifetime time.Duration `key:"max_lifetime"`
}

// Default returns the section of an installation that says nothing.
func Default() Config { return Config{SecureOTP: core.FactorEnrolled} }

// IsEnabled reports whether the dialect is switched on.
func (c Config) IsEnabled() bool { return c.Enabled }

// SetDefaults prepares an issuer before the configuration fills it.
func (i *Issuer) SetDefaults() {
	i.SubjectClaim, i.RoleClaim, i.Leeway = "sub", "role", 30*time.Second
}

// Validate reports every problem under its key, relative to the section.
func (c Config) Validate(report func(key, problem string)) {
	rules := []core.FactorRule{core.FactorOff, core.FactorEnrolled, core.FactorRequired}
	if !slices.Contains(rules, c.SecureOTP) {
		report("secure_otp", "write off, enrolled or required")
	}
	if len(c.Issuers) == 0 {
		report("issuers", "add at least one issuer with tenant, algorithm and its key, or disable the dialect")
	}
	var before []string
	for _, name := range slices.Sorted(maps.Keys(c.Issuers)) {
		key := "issuers." + name
		if !issuerName.MatchString(name) {
			report(key, "name issuers with lower-case letters, digits, - and _, at most 64")
		}
		c.Issuers[name].validate(func(field, problem string) { report(key+"."+field, problem) })
		c.tellApart(name, before, report)
		before = append(before, name)
	}
}

// issuerName excludes ':', which follows the name in the audit trail.
var issuerName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// maxLeeway bounds what is still a clock's error.
const maxLeeway = 5 * time.Minute

// source is where the issuer's keys come from.
func (i Issuer) source() bearer.Source {
	return bearer.Source{Algorithm: i.Algorithm, Secret: i.Secret, PublicKey: i.PublicKey, JWKSURL: i.JWKSURL}
}

func (i Issuer) validate(report func(field, problem string)) {
	if field, problem := i.source().Problem(); problem != "" {
		report(field, problem)
	}
	blank := func(list []string) bool { return slices.Contains(list, "") }
	for _, check := range []struct {
		wrong          bool
		field, problem string
	}{
		{!i.Tenant.Valid(), "tenant", "name a tenant: lower-case letters, digits, - and _, at most 64"},
		{i.Issuer == "" && !i.VendorShape, "issuer", "say what a token's iss is, or write vendor_shape: true for tokens that have none"},
		{len(i.Audience) == 0 && !i.VendorShape, "audience", "list what a token's aud is, or write vendor_shape: true for tokens that have none"},
		{blank(i.Audience), "audience", "remove the empty entry"},
		{!isPath(i.SubjectClaim), "subject_claim", "name the claim that holds the subject, such as sub or user.id"},
		{!isPath(i.RoleClaim), "role_claim", "name the claim that holds the role, such as role or user.roleId"},
		{i.EmailClaim != "" && !isPath(i.EmailClaim), "email_claim", "name the claim that holds the e-mail address, such as email or user.email, or none"},
		{len(i.AdminRoles) == 0, "admin_roles", "list the roles of administrators; without one nobody may change a password"},
		{blank(i.AdminRoles), "admin_roles", "remove the empty entry"},
		{i.Leeway < 0 || i.Leeway > maxLeeway, "leeway", fmt.Sprintf("write a duration from 0s to %s", maxLeeway)},
		{i.MaxAge < 0 || i.MaxAge%time.Second != 0, "max_age", "write whole seconds, or 0s for none"},
		{i.MaxLifetime < 0 || i.MaxLifetime%time.Second != 0, "max_lifetime", "write whole seconds, or 0s for none"},
		{
			len(i.Audience) == 0 && i.Type == "" && i.VendorShape && i.MaxLifetime == 0, "max_lifetime",
			"bound it, such as 6h for the vendor's access tokens: nothing else keeps a refresh token from passing for one",
		},
	} {
		if check.wrong {
			report(check.field, check.problem)
		}
	}
}

func isPath(claim string) bool { return !slices.Contains(strings.Split(claim, "."), "") }

// tellApart reports an issuer whose tokens could be those of one before it,
// which would open another tenant.
func (c Config) tellApart(name string, before []string, report func(key, problem string)) {
	this := c.Issuers[name]
	for _, other := range before {
		that := c.Issuers[other]
		distinct := this.Issuer != "" && that.Issuer != "" && this.Issuer != that.Issuer
		if !distinct && this.source().Meets(that.source()) {
			report("issuers."+name+"."+this.source().Field(), "give each issuer a key or an issuer (iss) of its own; issuers."+other+" has these")
		}
	}
}
