package config_test

import (
	"os"
	"strings"
	"testing"

	"rekey/config"
	"rekey/config/load"
)

// FuzzLoad holds that any document is a configuration or a list of problems,
// each with its key or its place; and that what is valid builds its dialects'
// rules without a panic.
func FuzzLoad(f *testing.F) {
	example, err := os.ReadFile("example.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(example)
	for _, seed := range []string{
		"adapters: {zap: {enabled: true, issuers: {a: {tenant: acme, algorithm: none, secret: x}}}}",
		"adapters: {licensespring: {enabled: true, companies: {a: {api_key: x, oauth: {jwks_url: 'http://x'}}}}}",
		"adapters: {unleash: {enabled: true, base_url: 'javascript://x', api_tokens: {a: {secret: x, kind: y}}}}",
		"sealing: {active: a, keys: {a: AAAA, b: ''}}", "passwords: {policy: {preset: nist, words: [a], min_length: -1}, hash: {scheme: x, workers: 99999999}}",
		"server: {address: ':99999', trusted_proxies: [10.0.0.0/33], read_timeout: -1s}", "mail: {enabled: true, from: 'a <b>', smtp: {address: x}}", "store: {dsn: x}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, word := range []string{"file", "tls", "templates", "ca:", "ca\"", "ca'"} {
			if strings.Contains(strings.ToLower(string(text)), word) && len(text) != len(example) {
				t.Skip("may name a file")
			}
		}
		cfg, problems := config.Load(config.Default(), nil, load.Text("fuzz", text))
		for _, p := range problems {
			if p.Text == "" || p.Key == "" && p.At == "" {
				t.Errorf("%q: got %#v", text, p)
			}
		}
		if len(problems) == 0 {
			cfg.Passwords.Rules()
			cfg.Sealing.Material()
		}
	})
}
