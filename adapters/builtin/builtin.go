// Package builtin is the one list of the dialects that rekey has. A new one is
// a field of [Config] and a line of [Config.dialects].
package builtin

import (
	"fmt"

	"rekey/adapters"
	"rekey/adapters/licensespring"
	"rekey/adapters/unleash"
	"rekey/adapters/zap"
)

// Config is the section of the configuration that holds the dialects'.
type Config struct {
	LicenseSpring licensespring.Config `key:"licensespring"`
	Unleash       unleash.Config       `key:"unleash"`
	ZAP           zap.Config           `key:"zap"`
}

func (c *Config) dialects() []dialect {
	return []dialect{
		of("licensespring", &c.LicenseSpring, licensespring.Default, licensespring.New),
		of("unleash", &c.Unleash, unleash.Default, unleash.New),
		of("zap", &c.ZAP, zap.Default, zap.New),
	}
}

// Default returns every dialect's defaults. All are disabled.
func Default() Config {
	var c Config
	for _, d := range c.dialects() {
		d.reset()
	}
	return c
}

// Validate reports every problem of the dialects that are enabled, under keys
// relative to the section. A disabled one is not judged.
func (c Config) Validate(report func(key, problem string)) {
	for _, d := range c.dialects() {
		if d.section.IsEnabled() {
			d.section.Validate(func(key, problem string) { report(d.name+"."+key, problem) })
		}
	}
}

// Enabled returns the names of the dialects that are enabled.
func (c Config) Enabled() []string {
	var names []string
	for _, d := range c.dialects() {
		if d.section.IsEnabled() {
			names = append(names, d.name)
		}
	}
	return names
}

// Names returns the names of all dialects.
func (c Config) Names() []string {
	var names []string
	for _, d := range c.dialects() {
		names = append(names, d.name)
	}
	return names
}

// Example returns a curl command for the dialect, signed with this
// configuration's credentials.
func (c Config) Example(name string, x adapters.Example) (string, error) {
	for _, d := range c.dialects() {
		if d.name == name {
			return d.section.Example(x)
		}
	}
	return "", fmt.Errorf("no dialect %q; there are %v", name, c.Names())
}

// Adapters returns the adapters that are enabled. The configuration has been
// validated. The caller closes them, see [adapters.Close].
func (c Config) Adapters(env adapters.Env) ([]adapters.Adapter, error) {
	var all []adapters.Adapter
	for _, d := range c.dialects() {
		if !d.section.IsEnabled() {
			continue
		}
		a, err := d.build(env)
		if err != nil {
			_ = adapters.Close(all...)
			return nil, fmt.Errorf("adapters.%s: %w", d.name, err)
		}
		all = append(all, a)
	}
	return all, nil
}

// section is a dialect's section of the configuration.
type section interface {
	IsEnabled() bool
	Validate(report func(key, problem string))
	Example(x adapters.Example) (string, error)
}

// dialect is one line of the list.
type dialect struct {
	name    string
	section section
	reset   func()
	build   func(adapters.Env) (adapters.Adapter, error)
}

func of[S section, A adapters.Adapter](name string, s *S, standard func() S, build func(S, adapters.Env) (A, error)) dialect {
	return dialect{
		name: name, section: *s,
		reset: func() { *s = standard() },
		build: func(env adapters.Env) (adapters.Adapter, error) { return build(*s, env) },
	}
}
