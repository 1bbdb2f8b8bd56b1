package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rekey/adapters/licensespring"
	"rekey/config/secret"
)

// oauthCompany returns a company of LicenseSpring with an OAuth client, and a
// token of the client.
func oauthCompany(t testing.TB) (licensespring.Company, string) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	noError(t, err)
	der, err := x509.MarshalPKIXPublicKey(public)
	noError(t, err)
	now := time.Now()
	token, err := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
		"iss": devIssuer, "aud": devAudience, "azp": "client", "iat": now.Unix(), "exp": now.Add(devLifetime).Unix(),
	}).SignedString(private)
	noError(t, err)
	c := licensespring.Company{Tenant: devTenant}
	c.SetDefaults()
	c.AllowChangePassword = true
	c.OAuth = licensespring.OAuth{
		ClientID: "client", Issuer: devIssuer, Audience: []string{devAudience}, Algorithm: "EdDSA",
		PublicKey: secret.New(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))), TokenURL: devIssuer + "/token",
	}
	return c, token
}
