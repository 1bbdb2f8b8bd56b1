package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"rekey/adapters/licensespring"
	"rekey/adapters/unleash"
	"rekey/adapters/zap"
	"rekey/config"
	"rekey/config/secret"
	"rekey/core"
	"rekey/core/seal"
)

// The two tenants of a dev installation. Keys and the administrator serve the
// first.
const (
	devTenant   core.TenantID = "acme"
	otherTenant core.TenantID = "globex"
)

// devLinks stands for the server's own address, which is known once it listens.
const devLinks = "http://localhost"

// devKeys are the secrets of one run.
type devKeys struct {
	apiKey, sharedKey               string
	refusedAPIKey, refusedSharedKey string
	hmacSecret                      string
	unleashAdmin                    string
	sealing                         string
}

func newDevKeys() devKeys {
	return devKeys{
		apiKey: rand.Text(), sharedKey: rand.Text() + rand.Text(),
		refusedAPIKey: rand.Text(), refusedSharedKey: rand.Text() + rand.Text(),
		hmacSecret:   rand.Text() + rand.Text(),
		unleashAdmin: "*:*." + strings.ToLower(rand.Text()+rand.Text()),
		sealing:      newSealingKey(),
	}
}

// newSealingKey returns a key as the section sealing takes it.
func newSealingKey() string {
	key := make([]byte, seal.KeySize)
	_, _ = rand.Read(key)
	return base64.StdEncoding.EncodeToString(key)
}

// devConfig returns the configuration that --config and the environment are
// laid over.
func devConfig(keys devKeys, address, dsn string) config.Config {
	cfg := config.Default()
	cfg.Server.Address, cfg.Operations.Address = address, "127.0.0.1:0"
	cfg.Server.DrainDelay = 0
	cfg.Operations.Socket = ""
	cfg.Store.DSN = secret.New(dsn)
	cfg.Log.Format = "text"
	cfg.Manage.Enabled, cfg.Manage.BaseURL = true, devLinks
	cfg.Console.Enabled = true
	cfg.Pages.Enabled, cfg.Pages.Tenant, cfg.Pages.BaseURL = true, devTenant, devLinks
	cfg.Pages.Brand.Name = "Acme"
	cfg.Sealing = config.Sealing{Active: "dev", Keys: map[string]secret.Value{"dev": secret.New(keys.sealing)}}

	company := func(tenant core.TenantID, apiKey, sharedKey string, allowed bool) licensespring.Company {
		c := licensespring.Company{Tenant: tenant, APIKey: secret.New(apiKey), SharedKey: secret.New(sharedKey)}
		c.SetDefaults()
		c.AllowChangePassword = allowed
		return c
	}
	cfg.Adapters.LicenseSpring.Enabled = true
	cfg.Adapters.LicenseSpring.Companies = map[string]licensespring.Company{
		"acme":    company(devTenant, keys.apiKey, keys.sharedKey, true),
		"refused": company(devTenant, keys.refusedAPIKey, keys.refusedSharedKey, false),
	}
	cfg.Adapters.Unleash = unleash.Default()
	cfg.Adapters.Unleash.Enabled = true
	cfg.Adapters.Unleash.BaseURL, cfg.Adapters.Unleash.Tenant = devLinks, devTenant
	cfg.Adapters.Unleash.APITokens = map[string]unleash.APIToken{
		"admin": {Secret: secret.New(keys.unleashAdmin), Kind: unleash.Admin, Tenant: devTenant},
	}

	var issuer zap.Issuer
	issuer.SetDefaults()
	issuer.Tenant, issuer.Algorithm, issuer.Secret = devTenant, "HS256", secret.New(keys.hmacSecret)
	issuer.Issuer, issuer.Audience = devIssuer, []string{devAudience}
	issuer.AdminRoles = []string{devAdminRole}
	cfg.Adapters.ZAP.Enabled = true
	cfg.Adapters.ZAP.Issuers = map[string]zap.Issuer{"dev": issuer}
	return cfg
}

// sample is an account of a dev installation, with what its owner knows.
type sample struct {
	core.Account
	password string
	token    core.Token
}

// addSamples adds the sample accounts, three to the first tenant and one to
// the other, each with a reset token.
func addSamples(ctx context.Context, i *installation) ([]sample, error) {
	var samples []sample
	for _, s := range []struct {
		tenant core.TenantID
		name   string
	}{{devTenant, "ada"}, {devTenant, "grace"}, {devTenant, "alan"}, {otherTenant, "edsger"}} {
		added, err := addSample(ctx, i, s.tenant, s.name, "")
		if errors.Is(err, core.Conflict) {
			// The database is one that dev has used before.
			added, err = addSample(ctx, i, s.tenant, s.name, "-"+strings.ToLower(rand.Text()[:6]))
		}
		if err != nil {
			return nil, err
		}
		samples = append(samples, added)
	}
	return samples, nil
}

func addSample(ctx context.Context, i *installation, tenant core.TenantID, name, suffix string) (sample, error) {
	// Every rule of both presets is kept, so that any policy takes it.
	s := sample{password: "First-" + rand.Text()[:12] + "-pw1"}
	id := make([]byte, 12)
	_, _ = rand.Read(id)
	username, password := name+suffix, core.NewPassword(s.password)
	var err error
	s.Account, err = i.passwords.CreateAccount(ctx, core.NewAccount{
		Tenant: tenant, Username: username, Email: username + "@" + string(tenant) + ".example",
		ExternalIDs: map[string]string{zap.ExternalID: hex.EncodeToString(id)}, Password: &password,
	}, byOperator)
	if err != nil {
		return sample{}, err
	}
	s.token, _, err = i.passwords.IssueToken(ctx, tenant, core.Locator{ID: s.ID}, "dev", byOperator)
	return s, err
}

// The administrator of a dev installation, as the issuer names things.
const (
	devIssuer    = "https://issuer.dev.example"
	devAudience  = "rekey"
	devAdminRole = "site-admin"
	// devLifetime outlasts a day's session of trying things.
	devLifetime = 24 * time.Hour
)
