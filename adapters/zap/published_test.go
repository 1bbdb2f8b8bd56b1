package zap_test

import (
	"crypto"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"rekey/adapters/zap"
	"rekey/config/secret"
)

// publisher is an issuer that publishes its keys.
type publisher struct {
	*httptest.Server
	t       testing.TB
	down    atomic.Bool
	fetches atomic.Int64

	mu   sync.Mutex
	keys map[string]json.RawMessage // by kid
}

func newPublisher(t testing.TB) *publisher {
	p := &publisher{t: t, keys: map[string]json.RawMessage{}}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

func (p *publisher) serve(w http.ResponseWriter, _ *http.Request) {
	p.fetches.Add(1)
	if p.down.Load() {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	list := []json.RawMessage{}
	for _, key := range p.keys {
		list = append(list, key)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": list})
}

// publish publishes a key, and withdraws those of the kids.
func (p *publisher) publish(key crypto.PublicKey, told jwkset.JWKMetadataOptions, withdrawn ...string) {
	p.t.Helper()
	jwk, err := jwkset.NewJWKFromKey(key, jwkset.JWKOptions{Metadata: told})
	if err != nil {
		p.t.Fatal(err)
	}
	text, err := json.Marshal(jwk.Marshal())
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys[told.KID] = text
	for _, kid := range withdrawn {
		delete(p.keys, kid)
	}
}

// trusting returns a configuration whose issuer main signs with the algorithm
// and publishes its keys there.
func (p *publisher) trusting(algorithm string) zap.Config {
	cfg := issuers()
	i := cfg.Issuers["main"]
	i.Algorithm, i.Secret, i.JWKSURL = algorithm, secret.Value{}, p.URL
	cfg.Issuers["main"] = i
	return cfg
}

// signedBy returns a token of the issuer main with the kid.
func (p pair) signedBy(kid any, change jwt.MapClaims) string {
	token := jwt.NewWithClaims(p.method, claims(change))
	if kid != nil {
		token.Header["kid"] = kid
	}
	text, err := token.SignedString(p.private)
	if err != nil {
		panic(err)
	}
	return text
}

func TestPublishedKeysVerify(t *testing.T) {
	t.Parallel()
	for name, pair := range pairs(t) {
		p := newPublisher(t)
		p.publish(pair.private.Public(), jwkset.JWKMetadataOptions{KID: "one", ALG: jwkset.ALG(name), USE: jwkset.UseSig})
		server := serve(t, p.trusting(name))
		if w := post(server, "{}", "Bearer "+pair.signedBy("one", nil)); w.Code != passed {
			t.Errorf("%s: got %d", name, w.Code)
		}
		if w := post(server, "{}", "Bearer "+pair.signedBy("one", jwt.MapClaims{"role": "user"})); w.Code != http.StatusForbidden {
			t.Errorf("%s, without the role: got %d", name, w.Code)
		}
	}
}

func TestForgedTokensAreRefusedByPublishedKeys(t *testing.T) {
	t.Parallel()
	own, strangers := pairs(t), pairs(t)
	es, stranger := own["ES256"], strangers["ES256"]
	evil := newPublisher(t)
	evil.publish(stranger.private.Public(), jwkset.JWKMetadataOptions{KID: "evil"})
	p := newPublisher(t)
	tell := func(kid string, key pair, alg jwkset.ALG, use jwkset.USE) {
		p.publish(key.private.Public(), jwkset.JWKMetadataOptions{KID: kid, ALG: alg, USE: use})
	}
	tell("one", es, "", "")
	tell("two", own["RS256"], "", "")
	tell("three", own["ES384"], "", "")
	tell("for encryption", es, "", jwkset.UseEnc)
	tell("for another", es, jwkset.AlgES384, "")
	server := serve(t, p.trusting("ES256"))
	if w := post(server, "{}", "Bearer "+es.signedBy("one", nil)); w.Code != passed {
		t.Fatalf("got %d", w.Code)
	}
	jwk, err := jwkset.NewJWKFromKey(stranger.private.Public(), jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: "one"}})
	if err != nil {
		t.Fatal(err)
	}
	embedded, err := json.Marshal(jwk.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	public, foreign := es.public(), good()
	raw := func(header string, by pair) string { return signed(header, foreign, by.method, by.private) }
	before := p.fetches.Load()
	for name, token := range map[string]string{
		"another key under its kid":       stranger.signedBy("one", nil),
		"no kid":                          es.signedBy(nil, nil),
		"an empty kid":                    es.signedBy("", nil),
		"a kid that is a number":          es.signedBy(1, nil),
		"a kid that is a list":            es.signedBy([]string{"one"}, nil),
		"a kid that is an object":         es.signedBy(map[string]any{"one": true}, nil),
		"a kid that is true":              es.signedBy(true, nil),
		"a kid of 257 bytes":              es.signedBy(strings.Repeat("k", 257), nil),
		"a key for encryption":            es.signedBy("for encryption", jwt.MapClaims{"iat": at(-2 * time.Hour), "exp": at(-time.Hour)}),
		"the public key as a secret":      signed(`{"alg":"HS256","kid":"one"}`, foreign, jwt.SigningMethodHS256, []byte(public)),
		"the JWK as a secret":             signed(`{"alg":"HS256","kid":"one"}`, foreign, jwt.SigningMethodHS256, embedded),
		"no algorithm":                    signed(`{"alg":"none","kid":"one"}`, foreign, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType) + "AA",
		"a published key, not of its alg": own["RS256"].signedBy("two", nil),
		"another curve's":                 own["ES384"].signedBy("three", nil),
		"another alg by its key":          raw(`{"alg":"ES384","kid":"three"}`, own["ES384"]),
		"a key of its own":                raw(`{"alg":"ES256","kid":"one","jwk":`+string(embedded)+`}`, stranger),
		"a key of its own, no kid":        raw(`{"alg":"ES256","jwk":`+string(embedded)+`}`, stranger),
		"an address of its own":           raw(`{"alg":"ES256","kid":"one","jku":"`+evil.URL+`"}`, stranger),
		"an address of its own, no kid":   raw(`{"alg":"ES256","jku":"`+evil.URL+`","x5u":"`+evil.URL+`"}`, stranger),
		"a certificate of its own":        raw(`{"alg":"ES256","kid":"one","x5c":["AAAA"]}`, stranger),
		"two kids":                        raw(`{"alg":"ES256","kid":"one","kid":"one"}`, es),
		"an extension":                    raw(`{"alg":"ES256","kid":"one","crit":["kid"]}`, es),
		"another issuer":                  es.signedBy("one", jwt.MapClaims{"iss": "https://id.elsewhere.example"}),
		"another audience":                es.signedBy("one", jwt.MapClaims{"aud": "elsewhere"}),
		"expired":                         es.signedBy("one", jwt.MapClaims{"exp": at(-31 * time.Second)}),
		"no expiry":                       es.signedBy("one", jwt.MapClaims{"exp": nil}),
		"undated":                         es.signedBy("one", jwt.MapClaims{"iat": nil}),
		"issued in the future":            es.signedBy("one", jwt.MapClaims{"iat": at(31 * time.Second)}),
		"not valid yet":                   es.signedBy("one", jwt.MapClaims{"nbf": at(31 * time.Second)}),
		"no subject":                      es.signedBy("one", jwt.MapClaims{"sub": nil}),
		"a signature that is cut":         strings.TrimSuffix(es.signedBy("one", nil), "A")[:200],
	} {
		if w := post(server, "{}", "Bearer "+token); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: got %d", name, w.Code)
		}
	}
	if asked := p.fetches.Load() - before; asked > 2 { // for three, whose key is another algorithm's
		t.Errorf("forged tokens cost the issuer %d requests", asked)
	}
	// These are asked for once a second.
	for name, token := range map[string]string{
		"a key for encryption":   es.signedBy("for encryption", nil),
		"a key of another alg":   es.signedBy("for another", nil),
		"a kid that names files": es.signedBy("../../../dev/null", nil),
	} {
		if w := post(server, "{}", "Bearer "+token); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: got %d", name, w.Code)
		}
	}
	if evil.fetches.Load() > 0 {
		t.Error("a token's address was followed")
	}
}
