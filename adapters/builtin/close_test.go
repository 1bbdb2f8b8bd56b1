package builtin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rekey/adapters"
	"rekey/adapters/builtin"
	"rekey/adapters/licensespring"
	"rekey/adapters/zap"
	"rekey/config/secret"
)

// fetching is a configuration whose dialects fetch keys.
func fetching(address string) builtin.Config {
	cfg := builtin.Default()
	var company licensespring.Company
	company.SetDefaults()
	company.Tenant, company.IsOAuthRequired = "acme", true
	company.OAuth = licensespring.OAuth{
		ClientID: "c", Issuer: "https://login.example", Audience: []string{"rekey"}, Algorithm: "RS256", JWKSURL: address,
	}
	cfg.LicenseSpring = licensespring.Config{Enabled: true, Companies: map[string]licensespring.Company{"acme": company}}
	var issuer zap.Issuer
	issuer.SetDefaults()
	issuer.Tenant, issuer.Algorithm, issuer.JWKSURL = "acme", "ES256", address
	issuer.Issuer, issuer.Audience, issuer.AdminRoles = "https://login.example", []string{"rekey"}, []string{"admin"}
	cfg.ZAP.Enabled, cfg.ZAP.Issuers = true, map[string]zap.Issuer{"main": issuer}
	return cfg
}

func TestClosedDialectsLeaveNoGoroutine(t *testing.T) {
	issuer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done() // a fetch that hangs
	}))
	defer issuer.Close()
	before := goleak.IgnoreCurrent()
	cfg := fetching(issuer.URL)
	cfg.Validate(func(key, problem string) { t.Errorf("%s: %s", key, problem) })
	env := adapters.Env{Now: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)}
	all, err := cfg.Adapters(env)
	if err != nil || len(all) != 2 {
		t.Fatalf("got %d dialects, %v", len(all), err)
	}
	for range 2 {
		if err := adapters.Close(all...); err != nil {
			t.Error(err)
		}
	}
	goleak.VerifyNone(t, before)

	// A dialect that cannot be built takes those before it along.
	broken := cfg.ZAP.Issuers["main"]
	broken.PublicKey = publicPEM(t)
	cfg.ZAP.Issuers["main"] = broken
	if all, err := cfg.Adapters(env); err == nil {
		t.Errorf("got %d dialects", len(all))
	}
	goleak.VerifyNone(t, before)
}

func publicPEM(t *testing.T) secret.Value {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return secret.New(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
}
