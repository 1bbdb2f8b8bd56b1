package zap_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"rekey/adapters/adaptertest"
	"rekey/adapters/zap"
	"rekey/config/secret"
)

// pair is a key pair of a public-key algorithm.
type pair struct {
	method  jwt.SigningMethod
	private crypto.Signer
}

// public returns the public key in PEM.
func (p pair) public() string {
	der, err := x509.MarshalPKIXPublicKey(p.private.Public())
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// pairs returns a pair for every public-key algorithm.
func pairs(t *testing.T) map[string]pair {
	t.Helper()
	must := func(key crypto.Signer, err error) crypto.Signer {
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	ec := func(curve elliptic.Curve) crypto.Signer {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		return must(key, err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	rsaKey := must(key, err)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	return map[string]pair{
		"RS256": {jwt.SigningMethodRS256, rsaKey}, "RS384": {jwt.SigningMethodRS384, rsaKey}, "RS512": {jwt.SigningMethodRS512, rsaKey},
		"PS256": {jwt.SigningMethodPS256, rsaKey}, "PS384": {jwt.SigningMethodPS384, rsaKey}, "PS512": {jwt.SigningMethodPS512, rsaKey},
		"ES256": {jwt.SigningMethodES256, ec(elliptic.P256())}, "ES384": {jwt.SigningMethodES384, ec(elliptic.P384())},
		"ES512": {jwt.SigningMethodES512, ec(elliptic.P521())}, "EdDSA": {jwt.SigningMethodEdDSA, must(ed, err)},
	}
}

// es256 returns a pair for ES256.
func es256(t testing.TB) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return pair{jwt.SigningMethodES256, key}
}

func TestPublicKeysVerifyTheirOwnAlgorithmOnly(t *testing.T) {
	all := pairs(t)
	for name, configured := range all {
		i := issuer(adaptertest.Tenant, "")
		i.Algorithm, i.Secret, i.PublicKey = name, secret.Value{}, secret.New(configured.public())
		cfg := zap.Default()
		cfg.Issuers = map[string]zap.Issuer{"main": i}
		server := serve(t, cfg)
		for other, pair := range all {
			want := http.StatusUnauthorized
			if other == name {
				want = passed
			}
			if w := post(server, "{}", "Bearer "+sign(pair.method, pair.private, claims(nil))); w.Code != want {
				t.Errorf("%s by an issuer of %s: got %d, want %d", other, name, w.Code, want)
			}
		}
		// The public key as an HMAC's secret, in every form of it.
		block, _ := pem.Decode([]byte(configured.public()))
		for _, known := range []string{configured.public(), strings.TrimSpace(configured.public()), string(block.Bytes)} {
			for _, hmac := range []jwt.SigningMethod{jwt.SigningMethodHS256, jwt.SigningMethodHS384, jwt.SigningMethodHS512} {
				token := sign(hmac, []byte(known), claims(nil))
				if w := post(server, "{}", "Bearer "+token); w.Code != http.StatusUnauthorized {
					t.Errorf("%s with the public key of %s: got %d", hmac.Alg(), name, w.Code)
				}
			}
		}
	}
}

func TestIssuersOfOneKeyAreToldApartByName(t *testing.T) {
	cfg := issuers()
	here, there := cfg.Issuers["main"], cfg.Issuers["other"]
	there.Secret, there.Issuer, there.AdminRoles = here.Secret, "https://id.other.example", []string{"owner"}
	cfg.Issuers["other"] = there
	server := serve(t, cfg)
	for name, test := range map[string]struct {
		change jwt.MapClaims
		want   int
	}{
		"main's admin":       {nil, passed},
		"other's admin":      {jwt.MapClaims{"iss": "https://id.other.example", "role": "owner"}, passed},
		"main's, as other's": {jwt.MapClaims{"role": "owner"}, 403},
		"other's, as main's": {jwt.MapClaims{"iss": "https://id.other.example"}, 403},
		"nobody's":           {jwt.MapClaims{"iss": "https://id.elsewhere.example"}, 401},
	} {
		if w := post(server, "{}", "Bearer "+hs256(mainSecret, test.change)); w.Code != test.want {
			t.Errorf("%s: got %d, want %d", name, w.Code, test.want)
		}
	}
}
