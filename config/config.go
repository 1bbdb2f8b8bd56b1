// Package config chooses: one YAML file and the environment say how an
// installation runs. Each section belongs to the package that it configures,
// or to this one.
package config

import (
	"slices"
	"strings"
	"time"

	"rekey/adapters/builtin"
	"rekey/adapters/mail"
	"rekey/adapters/manage"
	"rekey/adapters/pages"
	"rekey/adapters/webhook"
	"rekey/config/load"
	"rekey/config/secret"
	"rekey/core/passhash"
)

// EnvPrefix begins the name of every environment variable that is read.
const EnvPrefix = "REKEY_"

// Config is the whole configuration.
type Config struct {
	// Server is the listener that clients reach.
	Server Server `key:"server"`
	// Operations is the listener for health checks.
	Operations Operations `key:"operations"`
	// Store is the database.
	Store Store `key:"store"`
	// Passwords says which may be chosen, and how they are kept.
	Passwords Passwords `key:"passwords"`
	// Attempts says what failed attempts cost the next ones.
	Attempts Attempts `key:"attempts"`
	// Tokens are reset tokens.
	Tokens Tokens `key:"tokens"`
	// Retention is how long is kept what has served.
	Retention Retention `key:"retention"`
	// Audit is how the audit trail is sealed.
	Audit Audit `key:"audit"`
	// Sealing holds the keys of what is encrypted in the database.
	Sealing Sealing `key:"sealing"`
	// Manage is the API of programs that manage a tenant.
	Manage manage.Config `key:"manage"`
	// Console is the operators' pages.
	Console Console `key:"console"`
	// Pages are what users look at.
	Pages pages.Config `key:"pages"`
	// Mail is what is written to the owners of accounts.
	Mail mail.Config `key:"mail"`
	// Webhooks are who else is told of events.
	Webhooks webhook.Config `key:"webhooks"`
	// Telemetry is what is told to those who watch the service.
	Telemetry Telemetry `key:"telemetry"`
	// Log is the server's log, on standard error.
	Log Log `key:"log"`
	// Adapters are the dialects.
	Adapters builtin.Config `key:"adapters"`
}

// Store is the section of the database.
type Store struct {
	// DSN is sqlite:PATH, or a postgres:// URL.
	DSN secret.Value `key:"dsn"`
	// MaxConnections bounds the connections to PostgreSQL.
	MaxConnections int `key:"max_connections"`
}

// Tokens is the section of reset tokens.
type Tokens struct {
	// TTL is how long a reset token lives.
	TTL time.Duration `key:"ttl"`
}

// Log is the section of the log.
type Log struct {
	// Level is debug, info, warn or error.
	Level string `key:"level"`
	// Format is json or text.
	Format string `key:"format"`
}

// Default returns the configuration of an installation that says nothing.
func Default() Config {
	return Config{
		Server:     defaultServer(),
		Operations: Operations{Address: "127.0.0.1:8081", Socket: SocketAuto},
		Store:      Store{DSN: secret.New("sqlite:rekey.db"), MaxConnections: 16},
		Passwords:  Passwords{Policy: Policy{Preset: PresetNIST}, History: 5, Hash: passhash.Default()},
		Attempts:   defaultAttempts(),
		Tokens:     Tokens{TTL: 24 * time.Hour},
		Retention:  defaultRetention(),
		Audit:      defaultAudit(),
		Manage:     manage.Default(),
		Console:    defaultConsole(),
		Pages:      pages.Default(),
		Mail:       mail.Default(),
		Webhooks:   webhook.Default(),
		Telemetry:  defaultTelemetry(),
		Log:        Log{Level: "info", Format: "json"},
		Adapters:   builtin.Default(),
	}
}

// Load lays the sources and then the environment, as os.Environ returns it,
// over base, and returns the result or every problem there is.
func Load(base Config, environ []string, sources ...load.Source) (Config, load.Problems) {
	c := base
	problems := load.Into(&c, load.Options{Sources: sources, Environ: environ, Prefix: EnvPrefix, Ignore: foreign})
	unread := problems
	c.lead()
	for _, problem := range c.Validate() {
		if !touches(unread, problem.Key) {
			problems = append(problems, problem)
		}
	}
	if len(problems) > 0 {
		problems.Sort()
		return Config{}, problems
	}
	return c, nil
}

// touches reports whether one of the problems is about the key, something
// below it or something above: then what was read there says nothing.
func touches(problems load.Problems, key string) bool {
	return slices.ContainsFunc(problems, func(p load.Problem) bool {
		return p.Key == key || strings.HasPrefix(p.Key, key+".") || p.Key != "" && strings.HasPrefix(key, p.Key+".")
	})
}

// foreign reports whether a variable with the prefix is not meant for the
// configuration: the tests' own, and those that Kubernetes sets for a service
// that is called rekey.
func foreign(name string) bool {
	rest := strings.TrimPrefix(name, EnvPrefix)
	return strings.HasPrefix(rest, "TEST_") || strings.HasPrefix(rest, "SERVICE_") || rest == "PORT" || strings.HasPrefix(rest, "PORT_")
}
