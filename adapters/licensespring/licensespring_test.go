package licensespring_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"rekey/adapters"
	"rekey/adapters/adaptertest"
	"rekey/adapters/licensespring"
	"rekey/config/load"
	"rekey/config/secret"
	"rekey/core"
)

const (
	apiKey    = "5f2c8a1e-7a2e-4a7e-9e0a-acme00000001"
	sharedKey = "kw4qSnpSwXzgiv5yxYpZZmFEd9QAeiKTQ6OuyMja"
)

// companies are what every transcript finds configured.
func companies() licensespring.Config {
	cfg := licensespring.Default()
	cfg.Enabled = true
	cfg.Companies = map[string]licensespring.Company{}
	for name, change := range map[string]func(*licensespring.Company){
		"acme":     func(*licensespring.Company) {},
		"other":    func(c *licensespring.Company) { c.Tenant = "other" },
		"refused":  func(c *licensespring.Company) { c.AllowChangePassword = false },
		"revoked":  func(c *licensespring.Company) { c.Revoked = true },
		"readonly": func(c *licensespring.Company) { c.ReadOnly = true },
		"oauth":    func(c *licensespring.Company) { c.OAuth = oauth("rekey-oauth") },
		"required": func(c *licensespring.Company) { c.OAuth, c.IsOAuthRequired = oauth("rekey-required"), true },
		"closed":   func(c *licensespring.Company) { c.OAuth, c.AllowChangePassword = oauth("rekey-closed"), false },
		"signing":  func(c *licensespring.Company) { c.ResponseKey = responseKey.private },
	} {
		company := licensespring.Company{
			Tenant: adaptertest.Tenant, APIKey: secret.New(strings.Replace(apiKey, "acme", name, 1)), SharedKey: secret.New(sharedKey),
		}
		company.SetDefaults()
		change(&company)
		cfg.Companies[name] = company
	}
	return cfg
}

func build(yaml []byte, env adapters.Env) (adapters.Adapter, error) {
	cfg := companies()
	if problems := load.Into(&cfg, load.Options{Sources: []load.Source{load.Text("config", yaml)}}); len(problems) > 0 {
		return nil, problems
	}
	var problems load.Problems
	cfg.Validate(func(key, problem string) { problems = append(problems, load.Problem{Key: key, Text: problem}) })
	if len(problems) > 0 {
		return nil, problems
	}
	return licensespring.New(cfg, env)
}

// constants are the headers that clients send.
func constants() map[string]string {
	names := map[string]string{}
	at := func(name, company string, now time.Time) {
		date, authorization := licensespring.Sign(strings.Replace(apiKey, "acme", company, 1), sharedKey, now)
		names[name+".date"], names[name+".authorization"] = date, authorization
	}
	for _, company := range []string{"acme", "other", "refused", "revoked", "readonly", "required", "signing", "unknown"} {
		at(company, company, adaptertest.Now)
	}
	at("oldest", "acme", adaptertest.Now.Add(-15*time.Minute))
	at("stale", "acme", adaptertest.Now.Add(-15*time.Minute-time.Second))
	at("newest", "acme", adaptertest.Now.Add(15*time.Minute))
	at("future", "acme", adaptertest.Now.Add(15*time.Minute+time.Second))
	_, forged := licensespring.Sign(apiKey, "not the shared key", adaptertest.Now)
	names["forged.authorization"] = forged
	signed := names["acme.authorization"]
	names["camel.authorization"] = strings.Replace(signed, "apikey", "apiKey", 1)
	names["spaced.authorization"] = strings.ReplaceAll(signed, `",`, `", `)
	names["mac"] = strings.Split(signed, `"`)[5]
	names["key"] = apiKey
	// A day without its leading zero is signed as it is written.
	short := "Mon, 2 Mar 2026 12:00:00 GMT"
	names["short.date"] = short
	names["short.authorization"] = fmt.Sprintf(
		`algorithm="hmac-sha256",headers="date",signature="%s",apiKey="%s"`, licensespring.MAC(sharedKey, short), apiKey)
	for name, token := range tokens() {
		names["token."+name] = token
	}
	names["response.signature"] = responseKey.sign("password_changed")
	return names
}

func TestTranscripts(t *testing.T) {
	adaptertest.Run(t, adaptertest.Dialect{New: build, Constants: constants()})
}

func TestSignMatchesThePublishedVector(t *testing.T) {
	at, err := time.Parse(http.TimeFormat, "Tue, 07 Jun 2011 20:51:35 GMT")
	if err != nil {
		t.Fatal(err)
	}
	date, authorization := licensespring.Sign("key", sharedKey, at)
	if date != "Tue, 07 Jun 2011 20:51:35 GMT" || !strings.Contains(authorization, `signature="UDysfR6MndUZReo07Y9r+vErn8vSxrnQ5ulit18iJ/Q="`) {
		t.Errorf("got %s, %s", date, authorization)
	}
}

func TestEveryFailureHasItsWords(t *testing.T) {
	if missing := licensespring.Faults().Missing(); len(missing) > 0 {
		t.Errorf("no row for %v", missing)
	}
	for _, rule := range core.Rules() {
		if licensespring.RuleWords()[rule] == "" {
			t.Errorf("no words for %s", rule)
		}
	}
	for _, reason := range adapters.JSONReasons() {
		if licensespring.JSONReasons()[reason] == "" {
			t.Errorf("no words for %s", reason)
		}
	}
	if f := licensespring.Faults(); f[core.NotFound] != f[core.WrongPassword] || f[core.Disabled] != f[core.WrongPassword] {
		t.Error("an answer tells whether an account exists")
	}
}

func TestValidateReportsEveryProblem(t *testing.T) {
	cfg := companies()
	broken := cfg.Companies["acme"]
	broken.Tenant, broken.APIKey, broken.SharedKey = "Not A Tenant", secret.New(""), secret.New("")
	cfg.Companies["acme"] = broken
	twin := cfg.Companies["other"]
	twin.APIKey = cfg.Companies["refused"].APIKey
	cfg.Companies["other"] = twin
	var got []string
	cfg.Validate(func(key, _ string) { got = append(got, key) })
	want := "companies.acme.tenant companies.acme.api_key companies.acme.shared_key companies.refused.api_key"
	if strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got = nil
	licensespring.Default().Validate(func(key, _ string) { got = append(got, key) })
	if strings.Join(got, " ") != "companies" {
		t.Errorf("got %q for no companies", got)
	}
}
