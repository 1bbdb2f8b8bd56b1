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
	Enabled bool `koanf:"enabled"`
	// Companies are those whose clients may call, by a name of the operator's choice.
	Companies map[string]Company `koanf:"companies"`
}

// Company is one customer of the vendor: its keys, and the tenant they open.
type Company struct {
	// Tenant is where the company's users live.
	Tenant core.TenantID `koanf:"tenant"`
	// APIKey names the company in a request. Not a secret by itself, but masked like one.
	APIKey secret.Value `koanf:"api_key"`
	// SharedKey signs the company's requests.
	SharedKey secret.Value `koanf:"shared_key"`
	// AllowChangePassword is the company's own switch for this endpoint.
	AllowChangePassword bool `koanf:"allow_change_password"`
	// Revoked refuses the key as a revoked one.
	Revoked bool `koanf:"revoked"`
	// ReadOnly refuses the key as one that may only read.
	ReadOnly bool `koanf:"read_only"`
}

// Default returns the section of an installation that says nothing.
func Default() Config { return Config{} }

// IsEnabled reports whether the dialect is switched on.
func (c Config) IsEnabled() bool { return c.Enabled }

// SetDefaults prepares a company before the configuration fills it.
func (c *Company) SetDefaults() { c.AllowChangePassword = true }

// Validate reports every problem under its key, relative to the section.
func (c Config) Validate(report func(key, problem string)) {
	if len(c.Companies) == 0 {
		report("companies", "add at least one company with tenant, api_key and shared_key, or disable the dialect")
	}
	keys := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.Companies)) {
		company, key := c.Companies[name], "companies."+name
		if !company.Tenant.Valid() {
			report(key+".tenant", "name a tenant: lower-case letters, digits, - and _, at most 64")
		}
		if !company.APIKey.IsSet() || strings.ContainsAny(company.APIKey.Reveal(), "\",\r\n") {
			report(key+".api_key", "set the company's API key, without quotes, commas or line ends")
		} else if other, taken := keys[company.APIKey.Reveal()]; taken {
			report(key+".api_key", "give each company a key of its own; companies."+other+" has this one")
		}
		if !company.SharedKey.IsSet() {
			report(key+".shared_key", "set the key that signs the company's requests")
		}
		keys[company.APIKey.Reveal()] = name
	}
}
