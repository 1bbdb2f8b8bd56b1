package bearer_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"rekey/adapters"
	"rekey/adapters/bearer"
)

const address = "https://login.example/keys"

// issuer publishes keys, signs tokens, and may be down.
type issuer struct {
	t testing.TB

	mu      sync.Mutex
	keys    map[string]*ecdsa.PrivateKey
	down    bool
	hangs   bool // until the fetch is given up
	slow    time.Duration
	fetches int
}

func newIssuer(t testing.TB, kids ...string) *issuer {
	i := &issuer{t: t, keys: map[string]*ecdsa.PrivateKey{}}
	for _, kid := range kids {
		i.publish(kid)
	}
	return i
}

func (i *issuer) publish(kid string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		i.t.Fatal(err)
	}
	i.set(func() { i.keys[kid] = key })
}

// set changes the issuer.
func (i *issuer) set(change func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change()
}

func (i *issuer) asked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetches
}

// answer is what a fetch gets.
func (i *issuer) answer(ctx context.Context, _ string) ([]byte, error) {
	i.mu.Lock()
	i.fetches++
	down, hangs, slow, keys := i.down, i.hangs, i.slow, maps.Clone(i.keys)
	i.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	time.Sleep(slow)
	if down {
		return nil, errors.New("connection refused")
	}
	list := []json.RawMessage{}
	for kid, key := range keys {
		list = append(list, jwk(i.t, key.Public(), jwkset.JWKMetadataOptions{KID: kid}))
	}
	return json.Marshal(map[string]any{"keys": list})
}

// jwk returns the public key as a JWK.
func jwk(t testing.TB, key crypto.PublicKey, told jwkset.JWKMetadataOptions) json.RawMessage {
	t.Helper()
	if _, ok := key.(ed25519.PublicKey); ok {
		told.ALG = jwkset.AlgEdDSA
	}
	made, err := jwkset.NewJWKFromKey(key, jwkset.JWKOptions{Metadata: told})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(made.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// sign returns a token under the kid that the issuer publishes, or one of a
// key that nobody knows.
func (i *issuer) sign(kid string, change jwt.MapClaims) string {
	i.mu.Lock()
	key, known := i.keys[kid]
	i.mu.Unlock()
	if !known {
		key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	now := time.Now()
	claims := jwt.MapClaims{"iss": "https://login.example", "aud": "rekey", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	maps.Copy(claims, change)
	token := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	if kid != "" {
		token.Header["kid"] = kid
	}
	text, err := token.SignedString(key)
	if err != nil {
		i.t.Fatal(err)
	}
	return text
}

// rules are those of the issuer's tokens.
func rules() bearer.Rules {
	return bearer.Rules{
		Source: bearer.Source{Algorithm: "ES256", JWKSURL: address},
		Issuer: "https://login.example", Audience: []string{"rekey"}, Leeway: 30 * time.Second,
	}
}

func environment() adapters.Env {
	return adapters.Env{Now: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)}
}

// start returns a verifier of the issuer's tokens whose ring is running.
func (i *issuer) start() (*bearer.Verifier, *bearer.Ring) {
	ring := bearer.NewRingOf(environment(), i.answer)
	verifier, err := ring.Verifier(rules())
	if err != nil {
		i.t.Fatal(err)
	}
	ring.Start()
	return verifier, ring
}

// verify returns the error that the token earns.
func verify(t testing.TB, v *bearer.Verifier, text string) error {
	t.Helper()
	return verifyIn(t.Context(), t, v, text)
}

func verifyIn(ctx context.Context, t testing.TB, v *bearer.Verifier, text string) error {
	t.Helper()
	token, err := bearer.Read(http.Header{"Authorization": {"Bearer " + text}})
	if err != nil {
		return err
	}
	_, err = v.Verify(ctx, token)
	return err
}
