package bearer_test

import (
	"context"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"

	"rekey/adapters/bearer"
)

// set returns the JWK Set of the keys.
func set(keys ...json.RawMessage) []byte {
	text, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		panic(err)
	}
	return text
}

func ecKey(t testing.TB) crypto.PublicKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key.Public()
}

func TestOneOriginAndABoundedAnswer(t *testing.T) {
	good := set(jwk(t, ecKey(t), jwkset.JWKMetadataOptions{KID: "a"}))
	serve := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(good) }
	elsewhere := httptest.NewServer(http.HandlerFunc(serve))
	defer elsewhere.Close()
	routes := http.NewServeMux()
	routes.HandleFunc("/keys", serve)
	routes.Handle("/moved", http.RedirectHandler("/keys", http.StatusMovedPermanently))
	routes.Handle("/twice", http.RedirectHandler("/moved", http.StatusFound))
	routes.Handle("/forever", http.RedirectHandler("/forever", http.StatusFound))
	routes.Handle("/elsewhere", http.RedirectHandler(elsewhere.URL+"/", http.StatusFound))
	routes.Handle("/secure", http.RedirectHandler("https://127.0.0.1/", http.StatusFound))
	routes.HandleFunc("/error", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		serve(w, r)
	})
	routes.HandleFunc("/empty", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	routes.HandleFunc("/full", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(strings.Repeat(" ", 256<<10-len(good))))
		serve(w, r)
	})
	routes.HandleFunc("/overfull", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(strings.Repeat(" ", 256<<10-len(good)+1)))
		serve(w, r)
	})
	routes.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write(good)
	})
	server := httptest.NewServer(routes)
	defer server.Close()
	for path, want := range map[string]bool{
		"/keys": true, "/moved": true, "/twice": true, "/full": true,
		"/forever": false, "/elsewhere": false, "/secure": false, "/error": false, "/empty": false, "/overfull": false,
		"/broken": false, "/nowhere": false,
	} {
		keys, err := bearer.Fetch(t.Context(), server.URL+path, "ES256")
		if (err == nil) != want || (len(keys) == 1) != want {
			t.Errorf("%s: got %d keys, %v", path, len(keys), err)
		}
	}
}

func TestAFetchEndsWithItsContext(t *testing.T) {
	arrived := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	}))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	begin := time.Now()
	if _, err := bearer.Fetch(ctx, server.URL, "ES256"); err == nil || time.Since(begin) > 2*time.Second {
		t.Errorf("got %v after %s", err, time.Since(begin))
	}
}

func TestOnlyKeysThatVerifyTheAlgorithmCount(t *testing.T) {
	kid := jwkset.JWKMetadataOptions{KID: "a"}
	ec := ecKey(t)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	ed, _, _ := ed25519.GenerateKey(rand.Reader)
	x25519, _ := ecdh.X25519().GenerateKey(rand.Reader)
	rsa2048, _ := rsa.GenerateKey(rand.Reader, 2048)
	rsa1024, _ := rsa.GenerateKey(rand.Reader, 1024)
	text := func(key crypto.PublicKey) string { return string(jwk(t, key, kid)) }
	with := func(key crypto.PublicKey, members string) string {
		return strings.TrimSuffix(text(key), "}") + "," + members + "}"
	}
	for name, test := range map[string]struct {
		algorithm, key string
		want           bool
	}{
		"its key":                        {"ES256", text(ec), true},
		"its key, told so":               {"ES256", with(ec, `"alg":"ES256","use":"sig","key_ops":["verify"]`), true},
		"a key of many uses":             {"ES256", with(ec, `"key_ops":["sign","verify"]`), true},
		"members that nobody knows":      {"ES256", with(ec, `"x5t#S256":"AA","nbf":1,"ext":true`), true},
		"a certificate that is none":     {"ES256", with(ec, `"x5c":["AA"],"x5u":"http://127.0.0.1:1/"`), true},
		"RSA":                            {"RS256", text(rsa2048.Public()), true},
		"RSA for PSS":                    {"PS256", text(rsa2048.Public()), true},
		"Ed25519":                        {"EdDSA", text(ed), true},
		"another algorithm's":            {"ES256", with(ec, `"alg":"ES384"`), false},
		"RS256 for PSS":                  {"PS256", with(rsa2048.Public(), `"alg":"RS256"`), false},
		"for encryption":                 {"ES256", with(ec, `"use":"enc"`), false},
		"for another use":                {"ES256", with(ec, `"use":"tls"`), false},
		"for signing only":               {"ES256", with(ec, `"key_ops":["sign"]`), false},
		"for no operation":               {"ES256", with(ec, `"key_ops":[]`), false},
		"another curve":                  {"ES256", text(p384.Public()), false},
		"another kind":                   {"ES256", text(rsa2048.Public()), false},
		"for key agreement":              {"EdDSA", text(x25519.Public()), false},
		"short RSA":                      {"RS256", text(rsa1024.Public()), false},
		"a secret":                       {"ES256", `{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","kid":"a"}`, false},
		"a point off its curve":          {"ES256", `{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ","kid":"a"}`, false},
		"a kind that nobody knows":       {"ES256", `{"kty":"XYZ","kid":"a"}`, false},
		"no kid":                         {"ES256", string(jwk(t, ec, jwkset.JWKMetadataOptions{})), false},
		"a kid that is a number":         {"ES256", strings.Replace(text(ec), `"a"`, `7`, 1), false},
		"a kid that goes on":             {"ES256", string(jwk(t, ec, jwkset.JWKMetadataOptions{KID: strings.Repeat("k", 257)})), false},
		"a text":                         {"ES256", `"key"`, false},
		"null":                           {"ES256", `null`, false},
		"a key whose private half slips": {"ES256", with(ec, `"d":"AQ"`), true},
	} {
		keys, err := bearer.ParseSet(set(json.RawMessage(test.key)), test.algorithm)
		if err != nil || (len(keys) == 1) != test.want {
			t.Errorf("%s: got %v, %v", name, keys, err)
		}
		for _, key := range keys {
			if _, private := key.(crypto.Signer); private {
				t.Errorf("%s: got a private key", name)
			}
		}
		// It does not shut out its neighbour.
		beside, err := bearer.ParseSet(set(json.RawMessage(test.key), jwk(t, p384.Public(), jwkset.JWKMetadataOptions{KID: "b"})), "ES384")
		if err != nil || beside["b"] == nil {
			t.Errorf("%s: got %v, %v for its neighbour", name, beside, err)
		}
	}
}

func TestTheFirstOfTwoKeysWithOneKidCounts(t *testing.T) {
	one, two := ecKey(t), ecKey(t)
	told := jwkset.JWKMetadataOptions{KID: "a"}
	foreign := strings.Replace(string(jwk(t, two, told)), `"kid"`, `"use":"enc","kid"`, 1)
	keys, err := bearer.ParseSet(set(json.RawMessage(foreign), jwk(t, one, told), jwk(t, two, told)), "ES256")
	if err != nil || !slices.Equal(slices.Collect(maps.Keys(keys)), []string{"a"}) || !keys["a"].(*ecdsa.PublicKey).Equal(one) {
		t.Errorf("got %v, %v", keys, err)
	}
}

func TestWhatIsNoSetIsAFailure(t *testing.T) {
	for _, body := range []string{
		``, `null`, `[]`, `{}`, `{"keys":{}}`, `{"keys":null}`, `{"KEYS":[]}`, `{"keys":[]} {}`, `{"keys":[`, "{\"keys\":[\"\xff\"]}",
		`{"keys":[],"keys":[]}`, `<html></html>`,
	} {
		if keys, err := bearer.ParseSet([]byte(body), "ES256"); err == nil {
			t.Errorf("%q: got %v", body, keys)
		}
	}
	if keys, err := bearer.ParseSet([]byte(`{"keys":[]}`), "ES256"); err != nil || len(keys) != 0 {
		t.Errorf("no keys: got %v, %v", keys, err)
	}
}

func FuzzParseSet(f *testing.F) {
	f.Add(set(jwk(f, ecKey(f), jwkset.JWKMetadataOptions{KID: "a"})), "ES256")
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"a"},{"kty":"OKP","crv":"Ed25519","x":""},7]}`), "RS256")
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"","e":"AAAAAAAAAAAAAAAA","kid":"a"}]}`), "PS512")
	f.Fuzz(func(t *testing.T, body []byte, algorithm string) {
		if (bearer.Source{Algorithm: algorithm}).Shared() || strings.Contains(problem(bearer.Source{Algorithm: algorithm}), "one of") {
			return
		}
		keys, err := bearer.ParseSet(body, algorithm)
		for kid, key := range keys {
			if err != nil || kid == "" || key == nil {
				t.Errorf("%q: got %q, %v, %v", body, kid, key, err)
			}
		}
	})
}
