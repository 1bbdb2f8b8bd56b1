package unleash

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"rekey/config/secret"
	"rekey/core"
)

// Config is the dialect's section of the configuration.
type Config struct {
	// Enabled switches the dialect on.
	Enabled bool `key:"enabled"`
	// Authorization says whether a request needs an admin API token: optional, because the reset
	// token is the proof and the vendor asks for no other; or required.
	Authorization Authorization `key:"authorization"`
	// BaseURL is where users reach the page of a reset link: BASE_URL/reset-password?token=…
	BaseURL string `key:"base_url"`
	// Tenant is whose accounts may ask for a reset link by mail. Empty: nobody's.
	Tenant core.TenantID `key:"tenant"`
	// DefaultRole is the root role of an account without the attribute unleash.role: admin, editor or viewer.
	DefaultRole string `key:"default_role"`
	// APITokens are the API tokens that are known, by a name of the operator's choice.
	APITokens map[string]APIToken `key:"api_tokens"`
}

// APIToken is one token as it stands in an Authorization header.
type APIToken struct {
	// Secret is the token's text.
	Secret secret.Value `key:"secret"`
	// Kind is admin, backend or frontend. Only an admin token may be used here.
	Kind Kind `key:"kind"`
	// Tenant is whose accounts an admin token reaches.
	Tenant core.TenantID `key:"tenant"`
}

// Authorization says whether a request needs an API token.
type Authorization string

// The closed set of answers.
const (
	Optional Authorization = "optional"
	Required Authorization = "required"
)

// Kind is what an API token is for.
type Kind string

// The closed set of kinds.
const (
	Admin    Kind = "admin"
	Backend  Kind = "backend"
	Frontend Kind = "frontend"
)

// Default returns the section of an installation that says nothing.
func Default() Config { return Config{Authorization: Optional, DefaultRole: "viewer"} }

// IsEnabled reports whether the dialect is switched on.
func (c Config) IsEnabled() bool { return c.Enabled }

// minSecret is the least length of an API token, in bytes. The vendor's hold
// 28 random bytes, written as 56.
const minSecret = 20

// Validate reports every problem under its key, relative to the section.
func (c Config) Validate(report func(key, problem string)) {
	admins, owners := 0, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.APITokens)) {
		token, key := c.APITokens[name], "api_tokens."+name
		token.validate(func(field, problem string) { report(key+"."+field, problem) })
		text := token.Secret.Reveal()
		if owner, taken := owners[text]; taken && text != "" {
			report(key+".secret", "give each token a secret of its own; api_tokens."+owner+" has this one")
		} else {
			owners[text] = name
		}
		if token.Kind == Admin {
			admins++
		}
	}
	c.validateLinks(admins > 0, report)
	switch {
	case c.Authorization != Optional && c.Authorization != Required:
		report("authorization", "choose optional or required")
	case c.Authorization == Required && admins == 0:
		report("authorization", "add an API token of kind admin to api_tokens, or choose optional: without one nobody could call")
	}
}

func (c Config) validateLinks(admins bool, report func(key, problem string)) {
	base, err := url.Parse(c.BaseURL)
	switch {
	case c.BaseURL == "" && admins:
		report("base_url", "say where users reach the page of a reset link, such as https://unleash.acme.example: an admin API token can ask for one")
	case c.BaseURL != "" && (err != nil || base.Scheme != "https" && base.Scheme != "http" || base.Host == "" || base.RawQuery != "" || base.Fragment != ""):
		report("base_url", "write an address such as https://unleash.acme.example")
	}
	if c.Tenant != "" && !c.Tenant.Valid() {
		report("tenant", "name a tenant: lower-case letters, digits, - and _, at most 64")
	}
	if _, ok := rootRoles[c.DefaultRole]; !ok {
		report("default_role", "choose admin, editor or viewer")
	}
}

func (t APIToken) validate(report func(field, problem string)) {
	text := t.Secret.Reveal()
	switch {
	case len(text) < minSecret:
		report("secret", fmt.Sprintf("set the token's text, at least %d characters, or leave the entry out", minSecret))
	case strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }):
		report("secret", "take out what is not visible ASCII, also spaces and line ends: no Authorization header can hold it")
	}
	if t.Kind != Admin && t.Kind != Backend && t.Kind != Frontend {
		report("kind", "choose admin, backend or frontend")
	}
	if !t.Tenant.Valid() && (t.Kind == Admin || t.Tenant != "") {
		report("tenant", "name a tenant: lower-case letters, digits, - and _, at most 64")
	}
}
