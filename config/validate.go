package config

import (
	"slices"
	"strings"
	"time"

	"rekey/config/load"
)

// Validate returns every problem of the configuration, sorted by key. It
// changes nothing.
func (c Config) Validate() load.Problems {
	var problems load.Problems
	under := func(section string) func(key, problem string) {
		return func(key, problem string) {
			problems = append(problems, load.Problem{Key: section + "." + key, Text: problem})
		}
	}
	c.Server.validate(under("server"))
	c.Operations.validate(under("operations"))
	c.Store.validate(under("store"))
	c.Passwords.validate(under("passwords"))
	if c.Attempts.Enabled {
		c.Attempts.validate(under("attempts"))
	}
	if c.Tokens.TTL < time.Minute || c.Tokens.TTL > 30*24*time.Hour {
		under("tokens")("ttl", "set 1m to 720h")
	}
	c.Retention.validate(under("retention"))
	c.Audit.validate(under("audit"))
	if c.Console.Enabled {
		c.Console.validate(under("console"))
	}
	c.Sealing.validate(under("sealing"))
	c.Passwords.Pepper.validateApart(c.Sealing, under("passwords.pepper"))
	if c.Manage.Enabled || c.Console.Enabled { // the console is served at its address
		c.Manage.Validate(under("manage"))
	}
	if c.Pages.Enabled {
		c.Pages.Validate(under("pages"))
	}
	if c.Mail.Enabled {
		c.Mail.Validate(under("mail"))
	}
	c.Webhooks.Validate(under("webhooks"))
	c.validateRefusals(under("webhooks"))
	c.Telemetry.validate(under("telemetry"))
	c.Log.validate(under("log"))
	c.Adapters.Validate(under("adapters"))
	slices.SortStableFunc(problems, func(a, b load.Problem) int { return strings.Compare(a.Key, b.Key) })
	return problems
}

func (s Store) validate(report func(key, problem string)) {
	scheme, _, _ := strings.Cut(s.DSN.Reveal(), ":")
	if !slices.Contains([]string{"sqlite", "postgres", "postgresql"}, scheme) {
		report("dsn", "write sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE")
	}
	if s.MaxConnections < 1 || s.MaxConnections > 1000 {
		report("max_connections", "set 1 to 1000")
	}
}

func (l Log) validate(report func(key, problem string)) {
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, l.Level) {
		report("level", "write debug, info, warn or error")
	}
	if l.Format != "json" && l.Format != "text" {
		report("format", "write json or text")
	}
}
