package zap_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// passed is what a token that holds earns with an empty body.
const passed = http.StatusBadRequest

func TestForgedTokensAreRefused(t *testing.T) {
	server := serve(t, issuers())
	hs, own := jwt.SigningMethodHS256, []byte(mainSecret)
	admin := hs256(mainSecret, nil)
	parts := strings.Split(admin, ".")
	encode := base64.RawURLEncoding.EncodeToString
	_, stranger, _ := ed25519.GenerateKey(rand.Reader)
	for name, token := range map[string]string{
		// RFC 8725, 2.1 and 3.1: the algorithm is not the token's to choose.
		"no algorithm, no signature":       encode([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".",
		"no algorithm, some signature":     encode([]byte(`{"alg":"none"}`)) + "." + parts[1] + "." + parts[2],
		"no algorithm in other case":       signed(`{"alg":"nOnE"}`, good(), hs, own),
		"an empty algorithm":               signed(`{"alg":""}`, good(), hs, own),
		"a missing algorithm":              signed(`{}`, good(), hs, own),
		"an algorithm that is no text":     signed(`{"alg":256}`, good(), hs, own),
		"the algorithm in other case":      signed(`{"alg":"hs256"}`, good(), hs, own),
		"another algorithm, the same key":  signed(`{"alg":"HS512"}`, good(), jwt.SigningMethodHS512, own),
		"another name for it":              signed(`{"alg":"HS512"}`, good(), hs, own),
		"an algorithm that stands twice":   signed(`{"alg":"none","alg":"HS256"}`, good(), hs, own),
		"the algorithm under another name": signed(`{"ALG":"HS256"}`, good(), hs, own),

		// 2.2, 2.3, 3.3: every signature is verified, and all of it.
		"an empty secret":            signed(`{"alg":"HS256"}`, good(), hs, []byte{}),
		"half of the secret":         signed(`{"alg":"HS256"}`, good(), hs, own[:16]),
		"a signature that is cut":    admin[:len(admin)-8],
		"a signature that goes on":   admin + "AAAA",
		"no signature":               parts[0] + "." + parts[1] + ".",
		"claims of another token":    parts[0] + "." + encode([]byte(but("sub", `"mallory"`))) + "." + parts[2],
		"a header of another token":  encode([]byte(`{"typ":"JWT","alg":"HS256"}`)) + "." + parts[1] + "." + parts[2],
		"a signature spelt in other": respelt(admin),
		"padding":                    admin + "=",
		"five parts, as JWE has":     admin + ".e30.e30",
		"two parts":                  parts[0] + "." + parts[1],
		"a line end within":          parts[0] + ".\n" + parts[1] + "." + parts[2],
		"JSON serialization":         `{"payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`,

		// 3.10: a key that the token brings is nobody's.
		"a key of its own":        signed(`{"alg":"EdDSA","jwk":{"kty":"OKP"}}`, good(), jwt.SigningMethodEdDSA, stranger),
		"a kid that names a file": signed(`{"alg":"HS256","kid":"../../../dev/null"}`, good(), hs, []byte{}),
		"a key at an address":     signed(`{"alg":"HS256","jku":"https://evil.example/","x5u":"https://evil.example/"}`, good(), hs, []byte("evil's secret, of 32 bytes or more")),
		"an extension":            with(`,"crit":["b64"],"b64":false`, good()),
		"an empty extension":      with(`,"crit":[]`, good()),

		// 2.5, 3.8, 3.9: issuer, subject and audience.
		"another issuer":              with(``, but("iss", `"https://id.example/"`)),
		"the issuer in other case":    with(``, but("iss", `"https://ID.example"`)),
		"no issuer":                   with(``, but("iss", `""`)),
		"issuers in an array":         with(``, but("iss", `["https://id.example"]`)),
		"another audience":            with(``, but("aud", `"rekey2"`)),
		"other audiences":             with(``, but("aud", `["a","b"]`)),
		"no audience":                 with(``, but("aud", `[]`)),
		"audiences of other types":    with(``, but("aud", `["rekey",1]`)),
		"an audience of another type": with(``, but("aud", `{"rekey":true}`)),
		"no subject":                  with(``, but("sub", `null`)),
		"an empty subject":            with(``, but("sub", `""`)),
		"a blank subject":             with(``, but("sub", `" "`)),
		"a subject that is a number":  with(``, but("sub", `1`)),
		"a subject with line ends":    with(``, but("sub", `"root\nother:root"`)),
		"a subject that goes on":      with(``, but("sub", `"`+strings.Repeat("x", 256)+`"`)),

		// Times.
		"expired":                       with(``, but("exp", `1772452770`)),
		"an expiry of another type":     with(``, but("exp", `"1772456400"`)),
		"no expiry":                     with(``, but("exp", `null`)),
		"the expiry 0":                  with(``, but("exp", `0`)),
		"an expiry beyond all numbers":  with(``, but("exp", `1e400`)),
		"not valid yet":                 with(``, but("nbf", `1772452831`)),
		"a start of another type":       with(``, but("nbf", `"1"`)),
		"issued in the future":          with(``, but("iat", `1772452831`)),
		"issued beyond all times":       with(``, but("iat", `1e300`)),
		"issued before all times":       with(``, but("iat", `-1`)),
		"issued at 0":                   with(``, but("iat", `0`)),
		"an issue date of another type": with(``, but("iat", `"1772452740"`)),

		// What two readers would read in two ways.
		"a claim that stands twice": with(``, strings.TrimSuffix(good(), "}")+`,"sub":"mallory"}`),
		"claims in other case":      with(``, strings.ReplaceAll(good(), `"exp"`, `"EXP"`)),
		"claims that are no object": with(``, `[]`),
		"claims that are null":      with(``, `null`),
		"claims that are cut":       with(``, `{"exp":`),
		"more than one value":       with(``, good()+good()),
		"claims that are no UTF-8":  with(``, but("sub", "\"\xff\"")),
		"half a surrogate pair":     with(``, strings.Replace(good(), `"root"`, `"\ud800"`, 1)),
	} {
		if w := post(server, "{}", "Bearer "+token); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: got %d", name, w.Code)
		} else if got := w.Header().Get("Www-Authenticate"); got != `Bearer error="invalid_token"` {
			t.Errorf("%s: got challenge %q", name, got)
		}
	}
}

func TestWhatATokenSaysOfKeysIsIgnored(t *testing.T) {
	server := serve(t, issuers())
	for _, header := range []string{
		``, `,"typ":"JWT"`, `,"kid":"a"`, `,"kid":7`, `,"jku":"https://evil.example/"`, `,"x5u":"https://evil.example/"`, `,"jwk":{"kty":"oct","k":""}`,
	} {
		if w := post(server, "{}", "Bearer "+with(header, good())); w.Code != passed {
			t.Errorf("%s: got %d", header, w.Code)
		}
	}
}

func TestAuthorizationIsReadAsTheStandardSays(t *testing.T) {
	server := serve(t, issuers())
	token := hs256(mainSecret, nil)
	room := 8<<10 - len("Bearer ") - len(token)
	for _, test := range []struct {
		name          string
		authorization []string
		want          int
	}{
		{"one space", []string{"Bearer " + token}, passed},
		{"two", []string{"Bearer  " + token}, passed},
		{"any case", []string{"bEaReR " + token}, passed},
		{"8 KiB", []string{"Bearer " + strings.Repeat(" ", room) + token}, passed},
		{"more", []string{"Bearer " + strings.Repeat(" ", room+1) + token}, 401},
		{"a tab", []string{"Bearer\t" + token}, 401},
		{"no space", []string{"Bearer" + token}, 401},
		{"a colon", []string{"Bearer: " + token}, 401},
		{"quotes", []string{`Bearer "` + token + `"`}, 401},
		{"another scheme", []string{"Token " + token}, 401},
		{"a list", []string{"Bearer " + token + ", Bearer " + token}, 401},
		{"two headers", []string{"Bearer " + token, "Bearer " + token}, 401},
		{"another header first", []string{"Basic eDp5", "Bearer " + token}, 401},
		{"nothing", []string{""}, 401},
		{"no header", nil, 401},
	} {
		if w := post(server, "{}", test.authorization...); w.Code != test.want {
			t.Errorf("%s: got %d, want %d", test.name, w.Code, test.want)
		}
	}
}
