package bearer_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rekey/adapters"
	"rekey/adapters/bearer"
	"rekey/config/secret"
)

// An administrator's token, from the header to its claims.
func BenchmarkVerify(b *testing.B) {
	shared := strings.Repeat("s", 64)
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		b.Fatal(err)
	}
	public := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	for _, c := range []struct {
		method jwt.SigningMethod
		signs  any
		source bearer.Source
	}{
		{jwt.SigningMethodHS256, []byte(shared), bearer.Source{Algorithm: "HS256", Secret: secret.New(shared)}},
		{jwt.SigningMethodES256, private, bearer.Source{Algorithm: "ES256", PublicKey: secret.New(public)}},
	} {
		b.Run(c.source.Algorithm, func(b *testing.B) {
			now := time.Now()
			signed, err := jwt.NewWithClaims(c.method, jwt.MapClaims{
				"iss": "https://issuer.example", "aud": "rekey", "sub": "admin", "roles": []string{"site-admin"},
				"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
			}).SignedString(c.signs)
			if err != nil {
				b.Fatal(err)
			}
			ring := bearer.NewRing(adapters.Env{Now: func() time.Time { return now }})
			verifier, err := ring.Verifier(bearer.Rules{Source: c.source, Issuer: "https://issuer.example", Audience: []string{"rekey"}})
			if err != nil {
				b.Fatal(err)
			}
			header := http.Header{"Authorization": {"Bearer " + signed}}
			b.ReportAllocs()
			for b.Loop() {
				token, err := bearer.Read(header)
				if err == nil {
					_, err = verifier.Verify(b.Context(), token)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
