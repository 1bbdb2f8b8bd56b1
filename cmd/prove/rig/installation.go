package rig

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"rekey/core"
	"rekey/core/seal"
)

// The two tenants of an installation.
const (
	Acme   core.TenantID = "acme"
	Globex core.TenantID = "globex"
)

// What the issuer of administrators' tokens puts into them.
const (
	issuer    = "https://issuer.example"
	audience  = "rekey"
	adminRole = "site-admin"
)

// Options say what an installation is like.
type Options struct {
	// DSN is its database; empty for a SQLite file of its own.
	DSN string
	// SMTP is the host:port that takes its mails. Empty: one that never
	// answers, so that every mail stays in the outbox.
	SMTP string
	// Settings are laid over the configuration, by their dotted keys, such as
	// "passwords.history": 3.
	Settings map[string]any
}

// Installation is a configuration with all three dialects on, for both
// tenants, with random keys. Passwords cost as little as rekey allows: argon2id
// at OWASP's 7 MiB and 5 passes (21 ms where 19 MiB and 2 passes take 29, and
// bcrypt's least cost 76).
type Installation struct {
	Rig  *Rig
	Dir  string
	File string // the configuration
	DSN  string
	Keys map[core.TenantID]Keys

	mute net.Listener // takes connections and never says a word; nil if there is a real server
}

// Keys are a tenant's credentials.
type Keys struct {
	APIKey, SharedKey string // of LicenseSpring's company
	AdminToken        string // of Unleash's API
	IssuerName        string // of ZAP's issuer
	IssuerSecret      string
}

// Install writes the configuration of a new installation into a folder of its
// own, and brings its database up to date. The caller closes it, before the rig.
func (r *Rig) Install(ctx context.Context, o Options) (*Installation, error) {
	dir, err := os.MkdirTemp(r.Dir, "installation-")
	if err != nil {
		return nil, err
	}
	i := &Installation{Rig: r, Dir: dir, File: filepath.Join(dir, "rekey.yaml"), DSN: o.DSN, Keys: map[core.TenantID]Keys{}}
	if i.DSN == "" {
		i.DSN = "sqlite:" + filepath.Join(dir, "rekey.db")
	}
	for _, tenant := range []core.TenantID{Acme, Globex} {
		i.Keys[tenant] = newKeys(tenant)
	}
	if o.SMTP == "" {
		if i.mute, err = net.Listen("tcp", "127.0.0.1:0"); err != nil { //nolint:noctx // it does not wait
			return nil, err
		}
		o.SMTP = i.mute.Addr().String()
	}
	if err := errors.Join(i.write(o), i.migrate(ctx)); err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

// Close ends what the installation listens on. Its files go with the rig.
func (i *Installation) Close() error {
	if i.mute == nil {
		return nil
	}
	return i.mute.Close()
}

func newKeys(tenant core.TenantID) Keys {
	return Keys{
		APIKey: rand.Text(), SharedKey: rand.Text() + rand.Text(),
		AdminToken: "*:*." + strings.ToLower(rand.Text()+rand.Text()),
		IssuerName: issuer + "/" + string(tenant), IssuerSecret: rand.Text() + rand.Text(),
	}
}

// write writes the configuration.
func (i *Installation) write(o Options) error {
	set := i.settings(o.SMTP)
	for tenant, keys := range i.Keys {
		maps.Copy(set, keys.settings(tenant))
	}
	maps.Copy(set, o.Settings)
	text, err := yaml.Marshal(nested(set))
	if err != nil {
		return err
	}
	return os.WriteFile(i.File, text, 0o600)
}

func (i *Installation) settings(smtp string) map[string]any {
	host, port, _ := net.SplitHostPort(smtp)
	key := make([]byte, seal.KeySize)
	_, _ = rand.Read(key)
	return map[string]any{
		"server.address":                     "127.0.0.1:0",
		"server.drain_delay":                 "0s",
		"operations.address":                 "127.0.0.1:0",
		"store.dsn":                          i.DSN,
		"passwords.hash.argon2id.memory":     7168,
		"passwords.hash.argon2id.iterations": 5,
		"sealing.active":                     "rig",
		"sealing.keys.rig":                   base64.StdEncoding.EncodeToString(key),
		"mail.enabled":                       true,
		"mail.base_url":                      "https://accounts.example",
		"mail.from":                          "no-reply@rekey.example",
		"mail.smtp.host":                     host,
		"mail.smtp.port":                     number(port),
		"mail.smtp.tls":                      "none",
		"mail.smtp.timeout":                  "2s",
		"adapters.licensespring.enabled":     true,
		"adapters.unleash.enabled":           true,
		"adapters.unleash.base_url":          "https://accounts.example",
		"adapters.unleash.tenant":            string(Acme),
		"adapters.zap.enabled":               true,
	}
}

func (k Keys) settings(tenant core.TenantID) map[string]any {
	company := "adapters.licensespring.companies." + string(tenant)
	token := "adapters.unleash.api_tokens." + string(tenant)
	issuer := "adapters.zap.issuers." + string(tenant)
	return map[string]any{
		company + ".tenant":     string(tenant),
		company + ".api_key":    k.APIKey,
		company + ".shared_key": k.SharedKey,
		token + ".secret":       k.AdminToken,
		token + ".kind":         "admin",
		token + ".tenant":       string(tenant),
		issuer + ".tenant":      string(tenant),
		issuer + ".algorithm":   "HS256",
		issuer + ".secret":      k.IssuerSecret,
		issuer + ".issuer":      k.IssuerName,
		issuer + ".audience":    []string{audience},
		issuer + ".admin_roles": []string{adminRole},
	}
}

// nested makes sections of dotted keys.
func nested(flat map[string]any) map[string]any {
	root := map[string]any{}
	for key, value := range flat {
		section, path := root, strings.Split(key, ".")
		for _, name := range path[:len(path)-1] {
			below, ok := section[name].(map[string]any)
			if !ok {
				below = map[string]any{}
				section[name] = below
			}
			section = below
		}
		section[path[len(path)-1]] = value
	}
	return root
}
