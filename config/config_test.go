package config_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"rekey/config"
	"rekey/config/load"
	"rekey/core"
)

func TestTheExampleHoldsEveryDefault(t *testing.T) {
	cfg := config.Default()
	for _, problem := range load.Compare(example(t), &cfg) {
		t.Error(problem)
	}
}

func TestTheExamplesSamplesAreValid(t *testing.T) {
	text := string(example(t))
	text = strings.ReplaceAll(text, ": {}\n", ":\n")
	text = strings.ReplaceAll(text, "enabled: false", "enabled: true")
	text = strings.ReplaceAll(text, `base_url: ""`, "base_url: https://unleash.acme.example")
	text = strings.ReplaceAll(text, `from: ""`, "from: no-reply@acme.example")
	text = strings.ReplaceAll(text, `host: ""`, "host: smtp.acme.example")
	text = strings.ReplaceAll(text, `active: ""`, "active: k2026")
	text = regexp.MustCompile(`(?m)^(\s*)#(\S)`).ReplaceAllString(text, "$1$2")
	cfg, problems := config.Load(config.Default(), nil, load.Text("example.yaml", []byte(text)))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := len(cfg.Adapters.Enabled()); got != 3 || len(cfg.Adapters.ZAP.Issuers) != 3 {
		t.Errorf("got %d dialects, %d issuers", got, len(cfg.Adapters.ZAP.Issuers))
	}
}

func TestTheDefaultsAreValid(t *testing.T) {
	if problems := config.Default().Validate(); len(problems) > 0 {
		t.Error(problems)
	}
}

func TestTheEnvironmentWins(t *testing.T) {
	yaml := load.Text("f", []byte("server: {address: ':1'}\nadapters: {licensespring: {enabled: true, companies: {a-b: {tenant: t, api_key: k, shared_key: s}}}}"))
	cfg, problems := config.Load(config.Default(), []string{
		"REKEY_SERVER__ADDRESS=:2", "REKEY_ADAPTERS__LICENSESPRING__COMPANIES__A_B__SHARED_KEY=0123",
		"REKEY_SERVICE_HOST=10.0.0.1", "REKEY_PORT=tcp://10.0.0.1:80", "REKEY_TEST_POSTGRES_DSN=x", "PATH=/bin",
	}, yaml)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	company := cfg.Adapters.LicenseSpring.Companies["a-b"]
	if cfg.Server.Address != ":2" || company.SharedKey.Reveal() != "0123" || !company.AllowChangePassword {
		t.Errorf("got %s, %+v", cfg.Server.Address, company)
	}
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	yaml := `
server: {address: nowhere, read_timeout: 0s, tls: {certificate: /no/such/file}}
operations: {address: ":x"}
store: {dsn: "mysql://x", max_connections: 0}
passwords: {policy: {preset: strict, min_length: 5, max_length: 9, max_run: -1}, history: 99, hash: {bcrypt: {cost: 4}}}
tokens: {ttl: 1s}
log: {level: loud, format: xml}
mail: {enabled: true, base_url: "http://acme.example", smtp: {tls: maybe}}
adapters: {zap: {enabled: true}, licensespring: {enabled: true}, unleash: {enabled: false, authorization: never}}
`
	_, problems := config.Load(config.Default(), nil, load.Text("f", []byte(yaml)))
	var keys []string
	for _, p := range problems {
		keys = append(keys, p.Key)
	}
	for _, want := range []string{
		"server.address", "server.read_timeout", "server.tls", "server.tls.certificate", "operations.address",
		"store.dsn", "store.max_connections", "passwords.policy.preset", "passwords.policy.min_length",
		"passwords.policy.max_length", "passwords.policy.max_run", "passwords.history", "passwords.hash.bcrypt.cost",
		"tokens.ttl", "log.level", "log.format", "mail.base_url", "mail.from", "mail.smtp.host", "mail.smtp.tls", "adapters.zap.issuers", "adapters.licensespring.companies",
	} {
		found := 0
		for _, key := range keys {
			if key == want {
				found++
			}
		}
		if found == 0 {
			t.Errorf("%s is not reported; got %v", want, keys)
		}
	}
	if strings.Contains(strings.Join(keys, " "), "unleash") {
		t.Errorf("a disabled dialect is validated: %v", keys)
	}
}

func TestWhatCannotBeReadDoesNotHideTheRest(t *testing.T) {
	yaml := `
servr: {}
tokens: {ttl: forever}
log: {level: loud}
adapters: {zap: {enabled: true, issuers: {main: {tenant: 7}}}, licensespring: {enabled: true}}
`
	_, problems := config.Load(config.Default(), nil, load.Text("f", []byte(yaml)))
	got := map[string]int{}
	for _, p := range problems {
		got[p.Key]++
	}
	for _, key := range []string{"servr", "tokens.ttl", "log.level", "adapters.zap.issuers.main.tenant", "adapters.zap.issuers.main.issuer", "adapters.licensespring.companies"} {
		if got[key] != 1 {
			t.Errorf("%s is reported %d times: %v", key, got[key], problems)
		}
	}
}

func TestUnknownKeysAreRefusedByName(t *testing.T) {
	_, problems := config.Load(config.Default(), []string{"REKEY_SERVER__ADDR=:1"}, load.Text("f", []byte("adapters: {zapp: {enabled: true}}")))
	text := problems.Error()
	if len(problems) != 2 || !strings.Contains(text, "adapters.zapp") || !strings.Contains(text, "REKEY_SERVER__ADDR") {
		t.Errorf("got %v", text)
	}
}

func TestThePresetsAreWhatTheySay(t *testing.T) {
	for preset, want := range map[config.Preset]map[string]core.Rule{
		config.PresetNIST:    {"correct horse battery staple": "", "Password123": core.IsCommon},
		config.PresetUnleash: {"correct horse battery staple": core.NoUpper, "P@ssw0rd12": ""},
	} {
		cfg := config.Default()
		cfg.Passwords.Policy.Preset = preset
		for password, rule := range want {
			var first core.Rule
			if found := cfg.Passwords.Rules().Check(core.NewPassword(password)); len(found) > 0 {
				first = found[0].Rule
			}
			if first != rule {
				t.Errorf("%s: %q breaks %q, want %q", preset, password, first, rule)
			}
		}
	}
	cfg := config.Default()
	cfg.Passwords.Hash.Scheme = "bcrypt"
	cfg.Passwords.Policy.Digit = true
	cfg.Passwords.Policy.MinLength = 15
	if r := cfg.Passwords.Rules(); r.MaxBytes != 72 || !r.NoNUL || !r.Digit || r.MinLength != 15 || r.MaxLength != 128 {
		t.Errorf("got %+v", r)
	}
}

// loaded returns the configuration that the text makes, and the keys of its
// problems, none of which may tell what is hidden.
func loaded(t *testing.T, text string, hidden ...string) (cfg config.Config, keys []string) {
	t.Helper()
	cfg, problems := config.Load(config.Default(), nil, load.Text("f", []byte(text)))
	for _, p := range problems {
		keys = append(keys, p.Key)
		for _, secret := range hidden {
			if strings.Contains(p.Text, secret) {
				t.Errorf("%s: the problem tells the key: %v", text, p)
			}
		}
	}
	return cfg, keys
}

func example(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}
