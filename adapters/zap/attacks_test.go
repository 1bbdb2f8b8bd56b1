package zap_test

import (
	"bytes"
	"compress/flate"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"rekey/config/secret"
)

// None is no algorithm, however it is spelt and whatever stands for a signature.
func TestNoSpellingOfNoneIsAnAlgorithm(t *testing.T) {
	server := serve(t, issuers())
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	parts := strings.Split(hs256(mainSecret, nil), ".")
	for _, none := range []string{
		`"none"`, `"None"`, `"NONE"`, `"nOnE"`, `"none "`, `" none"`, `"none\u0000"`, `"n\u006fne"`, `"\u200bnone"`, `"ｎone"`,
		`""`, `null`, `0`, `false`, `[]`, `{}`, `["none"]`, `["HS256"]`, `{"alg":"HS256"}`, `"HS256\u0000"`, `"HS256 "`, `"hs256"`, `"HS256,none"`,
	} {
		header := encode(`{"typ":"JWT","alg":` + none + `}`)
		for _, signature := range []string{"", parts[2], "AA", encode("none")} {
			if w := post(server, "{}", "Bearer "+header+"."+parts[1]+"."+signature); w.Code != http.StatusUnauthorized {
				t.Errorf("alg %s with the signature %q: got %d", none, signature, w.Code)
			}
		}
		own := signed(`{"typ":"JWT","alg":`+none+`}`, good(), jwt.SigningMethodHS256, []byte(mainSecret))
		if w := post(server, "{}", "Bearer "+own); w.Code != http.StatusUnauthorized {
			t.Errorf("alg %s, signed with the secret: got %d", none, w.Code)
		}
	}
}

// Whatever the public key is written as, it is no secret to sign with.
func TestAPublicKeyIsNoSecretInAnyForm(t *testing.T) {
	rsa := pairs(t)["RS256"]
	cfg := issuers()
	main := cfg.Issuers["main"]
	main.Algorithm, main.Secret, main.PublicKey = "RS256", secret.Value{}, secret.New(rsa.public())
	cfg.Issuers["main"] = main
	server := serve(t, cfg)
	if w := post(server, "{}", "Bearer "+signed(`{"alg":"RS256"}`, good(), rsa.method, rsa.private)); w.Code != passed {
		t.Fatalf("the issuer's own token: got %d", w.Code)
	}
	der, err := x509.MarshalPKIXPublicKey(rsa.private.Public())
	if err != nil {
		t.Fatal(err)
	}
	pem := rsa.public()
	for form, key := range map[string]string{
		"PEM": pem, "PEM without an end": strings.TrimSpace(pem), "PEM in one line": strings.ReplaceAll(pem, "\n", ""), "PEM of Windows": strings.ReplaceAll(pem, "\n", "\r\n"),
		"DER": string(der), "Base64": base64.StdEncoding.EncodeToString(der), "nothing": "", "a NUL": "\x00",
	} {
		for _, method := range []*jwt.SigningMethodHMAC{jwt.SigningMethodHS256, jwt.SigningMethodHS384, jwt.SigningMethodHS512} {
			for _, alg := range []string{method.Alg(), "RS256"} {
				if w := post(server, "{}", "Bearer "+signed(`{"alg":"`+alg+`"}`, good(), method, []byte(key))); w.Code != http.StatusUnauthorized {
					t.Errorf("%s as the secret of %s, called %s: got %d", form, method.Alg(), alg, w.Code)
				}
			}
		}
	}
}

// What a token says of where its key is, is asked of nobody.
func TestATokenSendsNobodyAnywhere(t *testing.T) {
	var asked atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer elsewhere.Close()
	server := serve(t, issuers())
	for _, header := range []string{
		`,"jku":"%s/keys"`, `,"x5u":"%s/cert"`, `,"kid":"%s/keys"`, `,"jwk":{"kty":"oct","k":"AA","x5u":"%s"}`, `,"x5c":["%s"]`, `,"typ":"%s"`, `,"cty":"%s"`,
	} {
		text := fmt.Sprintf(header, elsewhere.URL)
		post(server, "{}", "Bearer "+signed(`{"alg":"HS256"`+text+`}`, good(), jwt.SigningMethodHS256, []byte("a secret that no issuer has")))
		post(server, "{}", "Bearer "+with(text, good()))
		post(server, "{}", "Bearer "+with(text, but("iss", `"`+elsewhere.URL+`"`)))
	}
	if got := asked.Load(); got != 0 {
		t.Errorf("%d requests went to where a token pointed", got)
	}
}

// Each of these is signed with the issuer's secret, so only its own shape stands
// against it.
func TestOddClaimsOfATrueIssuerAreRefused(t *testing.T) {
	server := serve(t, issuers())
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	var packed bytes.Buffer
	w, _ := flate.NewWriter(&packed, flate.BestCompression)
	_, _ = w.Write([]byte(good()))
	_ = w.Close()
	for name, token := range map[string]string{
		"compressed claims":           with(`,"zip":"DEF"`, packed.String()),
		"claims that are not encoded": with(`,"b64":false`, "x"),
		"an unencoded payload":        with(`,"b64":false,"crit":["b64"]`, good()),
		"a crit of another type":      with(`,"crit":"exp"`, good()),
		"a crit that is null":         with(`,"crit":null`, good()),
		"two heads":                   with(`,"alg":"HS256"`, good()),
		"a subject in an array":       with(``, but("sub", `["root"]`)),
		"a subject in an object":      with(``, but("sub", `{"root":1}`)),
		"a subject that is true":      with(``, but("sub", `true`)),
		"a subject with an escape":    with(``, but("sub", `"\u001b[31mroot"`)),
		"a subject that is C1":        with(``, but("sub", `"\u0085"`)),
		"an audience within another":  with(``, but("aud", `[["rekey"]]`)),
		"an audience with a space":    with(``, but("aud", `"rekey "`)),
		"an audience in other case":   with(``, but("aud", `"Rekey"`)),
		"an expiry in an array":       with(``, but("exp", `[1772456400]`)),
		"an expiry that is true":      with(``, but("exp", `true`)),
		"the least expiry":            with(``, but("exp", `-9223372036854775808`)),
		"less than the least":         with(``, but("exp", `-1e308`)),
		"issued at the end of time":   with(``, but("iat", `9223372036854775807`)),
		"issued beyond it":            with(``, but("iat", `1e308`)),
		"issued before all":           with(``, but("iat", `-9223372036854775809`)),
		"issued at almost 0":          with(``, but("iat", `1e-320`)),
		"a start beyond all":          with(``, but("nbf", `1e308`)),
		"a start before all":          with(``, but("nbf", `-1e308`)),
		"a start in the year 10000":   with(``, but("nbf", `253402300800`)),
		"an expiry in the year 10000": with(``, but("exp", `253402300800`)),
		"an expiry beyond all":        with(``, but("exp", `1e308`)),
		"an issuer of 3000 levels":    with(``, but("iss", deep(1500))),
		"the same name 500 times":     with(``, strings.TrimSuffix(good(), "}")+strings.Repeat(`,"x":1`, 500)+"}"),
		"a name by two escapes":       with(``, strings.TrimSuffix(good(), "}")+`,"r\u006fle":"user"}`),
		"claims in UTF-16":            with(``, "\xff\xfe{\x00}\x00"),
		"claims with a mark":          with(``, "\ufeff"+good()),
	} {
		if w := post(server, "{}", "Bearer "+token); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: got %d %s", name, w.Code, w.Body)
		}
	}
	for name, token := range map[string]string{ // what is odd and harmless, or told to be forbidden
		"3000 levels, unasked": with(``, strings.TrimSuffix(good(), "}")+`,"x":`+deep(1500)+"}"),
		"600 claims":           with(``, strings.TrimSuffix(good(), "}")+manyClaims(600)+"}"),
		"the last second":      with(``, but("exp", `253402300799`)),
		"audiences":            with(``, but("aud", `["a","rekey"]`)),
	} {
		if w := post(server, "{}", "Bearer "+token); w.Code != passed {
			t.Errorf("%s: got %d %s", name, w.Code, w.Body)
		}
	}
}

func manyClaims(n int) string {
	var all strings.Builder
	for i := range n {
		name, _ := json.Marshal(fmt.Sprint("c", i))
		_, _ = fmt.Fprintf(&all, ",%s:1", name)
	}
	return all.String()
}
