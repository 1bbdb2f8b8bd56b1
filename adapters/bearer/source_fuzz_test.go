package bearer_test

import (
	"strings"
	"testing"

	"rekey/adapters/bearer"
	"rekey/config/secret"
)

// FuzzSource holds that what an operator pastes as a key or an address is taken
// or refused in words that repeat nothing of it.
func FuzzSource(f *testing.F) {
	f.Add("RS256", "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n", "")
	f.Add("EdDSA", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n", "")
	f.Add("ES256", "", "https://login.example.com/keys")
	f.Add("PS512", "", "http://[::1]:80/%zz")
	f.Fuzz(func(t *testing.T, algorithm, key, address string) {
		s := bearer.Source{Algorithm: algorithm, PublicKey: secret.New(key), JWKSURL: address}
		field, problem := s.Problem()
		if (problem == "") != (field == "") && problem == "" {
			t.Errorf("%q: the field %s has no problem", s, field)
		}
		for _, text := range []string{key, address} {
			if len(text) > 12 && strings.Contains(problem, text) {
				t.Errorf("%q is repeated: %s", text, problem)
			}
		}
		if problem == "" && !s.Meets(s) {
			t.Errorf("%q %q %q does not meet itself", algorithm, key, address)
		}
	})
}
