package bearer_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"rekey/adapters/bearer"
	"rekey/config/secret"
)

// problem returns the source's problem, as "field: text", or "".
func problem(s bearer.Source) string {
	field, text := s.Problem()
	if field == "" && text == "" {
		return ""
	}
	return field + ": " + text
}

func publicPEM(t testing.TB, key crypto.PublicKey) secret.Value {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return secret.New(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
}

func TestASourceHasExactlyOneKey(t *testing.T) {
	own, ec := secret.New(strings.Repeat("x", 32)), publicPEM(t, ecKey(t))
	for name, test := range map[string]struct {
		source bearer.Source
		want   string // the field, or nothing
	}{
		"a secret":                  {bearer.Source{Algorithm: "HS256", Secret: own}, ""},
		"a public key":              {bearer.Source{Algorithm: "ES256", PublicKey: ec}, ""},
		"an address":                {bearer.Source{Algorithm: "ES256", JWKSURL: address}, ""},
		"nothing":                   {bearer.Source{}, "algorithm"},
		"no algorithm of ours":      {bearer.Source{Algorithm: "none", JWKSURL: address}, "algorithm"},
		"no key":                    {bearer.Source{Algorithm: "ES256"}, "public_key"},
		"no secret":                 {bearer.Source{Algorithm: "HS256"}, "secret"},
		"a secret's address":        {bearer.Source{Algorithm: "HS256", Secret: own, JWKSURL: address}, "jwks_url"},
		"an address without secret": {bearer.Source{Algorithm: "HS256", JWKSURL: address}, "jwks_url"},
		"a key and an address":      {bearer.Source{Algorithm: "ES256", PublicKey: ec, JWKSURL: address}, "jwks_url"},
		"a secret and an address":   {bearer.Source{Algorithm: "ES256", Secret: own, JWKSURL: address}, "secret"},
		"a key of another kind":     {bearer.Source{Algorithm: "RS256", PublicKey: ec}, "public_key"},
		"plain HTTP":                {bearer.Source{Algorithm: "ES256", JWKSURL: "http://login.example/keys"}, "jwks_url"},
	} {
		field, text := test.source.Problem()
		if field != test.want || (text == "") != (test.want == "") {
			t.Errorf("%s: got %q, %q", name, field, text)
		}
	}
}

func TestAddressesAreSecureOrOfThisMachine(t *testing.T) {
	for address, want := range map[string]bool{
		"https://login.example/keys":               true,
		"https://login.example:8443/a/b?c=d":       true,
		"https://10.0.0.1/keys":                    true,
		"http://127.0.0.1:8080/keys":               true,
		"http://127.9.9.9/keys":                    true,
		"http://[::1]:8080/keys":                   true,
		"http://localhost/keys":                    true,
		"http://login.example/keys":                false,
		"http://10.0.0.1/keys":                     false,
		"http://localhost.example/keys":            false,
		"http://127.0.0.1.example/keys":            false,
		"https://user:password@login.example/keys": false,
		"https://login.example/keys#a":             false,
		"https:///keys":                            false,
		"https://":                                 false,
		"https:login.example":                      false,
		"//login.example/keys":                     false,
		"/keys":                                    false,
		"file:///etc/passwd":                       false,
		"ftp://localhost/keys":                     false,
		"login.example/keys":                       false,
		"https://login.example/\x7f":               false,
		"":                                         false,
	} {
		if got := bearer.AddressProblem(address); (got == "") != want {
			t.Errorf("%q: got %q", address, got)
		}
	}
}

func TestSourcesThatCouldGiveOneKeyMeet(t *testing.T) {
	ed, _, _ := ed25519.GenerateKey(rand.Reader)
	sources := map[string]bearer.Source{
		"a secret":         {Algorithm: "HS256", Secret: secret.New(strings.Repeat("x", 64))},
		"another secret":   {Algorithm: "HS256", Secret: secret.New(strings.Repeat("y", 64))},
		"a key":            {Algorithm: "ES256", PublicKey: publicPEM(t, ecKey(t))},
		"another key":      {Algorithm: "EdDSA", PublicKey: publicPEM(t, ed)},
		"an address":       {Algorithm: "ES256", JWKSURL: address},
		"another address":  {Algorithm: "ES256", JWKSURL: address + "2"},
		"nothing, broken":  {},
		"no secret at all": {Algorithm: "HS256"},
	}
	for one, s := range sources {
		for two, other := range sources {
			if want := one == two && problem(s) == ""; s.Meets(other) != want {
				t.Errorf("%s and %s: got %v", one, two, !want)
			}
		}
	}
	same := sources["a secret"]
	same.Algorithm = "HS512"
	if !same.Meets(sources["a secret"]) {
		t.Error("one secret for two algorithms does not meet itself")
	}
}
