package licensespring

import (
	"maps"
	"slices"
	"strings"

	"rekey/config/secret"
	"rekey/core"
)

// Config is the dialect's section of the configuration.
type Config struct {
	// Enabled switches the dialect on.
	Enabled bool `key:"enabled"`
	// ResponseKey signs successful answers, for companies that have no key of their own: an RSA private key in PEM,
	// best as {file: PATH}. Without one the LicenseSignature header is not sent.
	ResponseKey secret.Value `key:"response_key"`
	// Companies are those whose clients may call, by a name of the operator's choice.
	Companies map[string]Company `key:"companies"`
}

// Company is one customer of the vendor: its keys, and the tenant they open.
type Company struct {
	// Tenant is where the company's users live.
	Tenant core.TenantID `key:"tenant"`
	// APIKey names the company in a request. Not a secret by itself, but masked like one. It and SharedKey may be
	// left out where OAuth is required.
	APIKey secret.Value `key:"api_key"`
	// SharedKey signs the company's requests.
	SharedKey secret.Value `key:"shared_key"`
	// AllowChangePassword is the company's own switch for this endpoint, whatever the credentials.
	AllowChangePassword bool `key:"allow_change_password"`
	// Revoked refuses the API key as a revoked one.
	Revoked bool `key:"revoked"`
	// ReadOnly refuses the API key as one that may only read.
	ReadOnly bool `key:"read_only"`
	// IsOAuthRequired refuses requests that are signed with the API key.
	IsOAuthRequired bool `key:"is_oauth_required"`
	// OAuth is the company's OAuth client, if it has one.
	OAuth OAuth `key:"oauth"`
	// ResponseKey signs successful answers to the company; without one the dialect's does.
	ResponseKey secret.Value `key:"response_key"`
}

// Default returns the section of an installation that says nothing.
func Default() Config { return Config{} }

// IsEnabled reports whether the dialect is switched on.
func (c Config) IsEnabled() bool { return c.Enabled }

// SetDefaults prepares a company before the configuration fills it.
func (c *Company) SetDefaults() {
	c.AllowChangePassword = true
	c.OAuth.Algorithm = "RS256"
}

// Validate reports every problem under its key, relative to the section.
func (c Config) Validate(report func(key, problem string)) {
	if len(c.Companies) == 0 {
		report("companies", "add at least one company with tenant, api_key and shared_key, or disable the dialect")
	}
	if problem := responseKeyProblem(c.ResponseKey); problem != "" {
		report("response_key", problem)
	}
	taken := owners{apiKeys: map[string]string{}, clients: map[client]string{}}
	for _, name := range slices.Sorted(maps.Keys(c.Companies)) {
		company, key := c.Companies[name], "companies."+name+"."
		taken.validate(company, name, func(field, problem string) { report(key+field, problem) })
	}
}

// owners are the companies before this one, by what must be theirs alone.
type owners struct {
	apiKeys  map[string]string
	clients  map[client]string
	tokenURL string // all companies share one
}

func (o *owners) validate(c Company, name string, report func(field, problem string)) {
	if !c.Tenant.Valid() {
		report("tenant", "name a tenant: lower-case letters, digits, - and _, at most 64")
	}
	if c.APIKey.IsSet() || c.SharedKey.IsSet() || !c.IsOAuthRequired {
		o.validateKeys(c, report)
	}
	if problem := responseKeyProblem(c.ResponseKey); problem != "" {
		report("response_key", problem)
	}
	if c.OAuth.isSet() {
		o.validateOAuth(c.OAuth, report)
	} else if c.IsOAuthRequired {
		report("oauth", "describe the company's OAuth client, or remove is_oauth_required")
	}
	o.apiKeys[c.APIKey.Reveal()] = name
	o.clients[c.OAuth.client()] = name
	if o.tokenURL == "" {
		o.tokenURL = c.OAuth.TokenURL
	}
}

func (o *owners) validateKeys(c Company, report func(field, problem string)) {
	if !c.APIKey.IsSet() || strings.ContainsAny(c.APIKey.Reveal(), "\",\r\n") {
		report("api_key", "set the company's API key, without quotes, commas or line ends")
	} else if other, taken := o.apiKeys[c.APIKey.Reveal()]; taken {
		report("api_key", "give each company a key of its own; companies."+other+" has this one")
	}
	if !c.SharedKey.IsSet() {
		report("shared_key", "set the key that signs the company's requests")
	}
}
