package config_test

import (
	"strings"
	"testing"

	"rekey/config"
	"rekey/config/load"
)

// Links lead to the pages, unless a section says where its own lead.
func TestLinksLeadToThePages(t *testing.T) {
	const text = `
pages: {enabled: true, base_url: "https://accounts.acme.example/id"}
mail: {enabled: true, from: no-reply@acme.example, smtp: {host: smtp.acme.example}}
adapters: {unleash: {enabled: true, api_tokens: {ops: {secret: "*:*.0123456789012345678901234567890", kind: admin, tenant: acme}}}}
`
	read := func(text string) config.Config {
		cfg, problems := config.Load(config.Default(), nil, load.Text("rekey.yaml", []byte(text)))
		if len(problems) > 0 {
			t.Fatalf("%v", problems)
		}
		return cfg
	}
	cfg := read(text)
	for name, got := range map[string]string{"mail": cfg.Mail.BaseURL, "manage": cfg.Manage.BaseURL, "unleash": cfg.Adapters.Unleash.BaseURL} {
		if got != "https://accounts.acme.example/id" {
			t.Errorf("%s: links begin with %q", name, got)
		}
	}
	cfg = read(text + "manage: {base_url: 'https://elsewhere.example'}\n")
	if cfg.Manage.BaseURL != "https://elsewhere.example" {
		t.Errorf("what is said is overruled: %q", cfg.Manage.BaseURL)
	}
	_, problems := config.Load(config.Default(), nil, load.Text("rekey.yaml", []byte(strings.Replace(text, "enabled: true, base_url", "enabled: false, base_url", 1))))
	if len(problems) != 2 {
		t.Errorf("pages that are off lead somewhere: %v", problems)
	}
}

func TestSomebodyMailsLinks(t *testing.T) {
	const endpoint = "webhooks: {endpoints: {crm: {url: 'https://crm.acme.example', secrets: ['whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='], %s}}}\npages: {enabled: true, tenant: acme}\n"
	for text, want := range map[string]bool{
		"": false,
		"mail: {enabled: true, base_url: 'https://a.example', from: a@a.example, smtp: {host: a.example}}": true,
		strings.Replace(endpoint, "%s", "timeout: 5s", 1):                                                  true,
		strings.Replace(endpoint, "%s", "events: [reset.requested], tenants: [acme]", 1):                   true,
		strings.Replace(endpoint, "%s", "tenants: [globex]", 1):                                            false,
		strings.Replace(endpoint, "%s", "events: [password.changed]", 1):                                   false,
	} {
		cfg, problems := config.Load(config.Default(), nil, load.Text("rekey.yaml", []byte(text)))
		if len(problems) > 0 {
			t.Fatalf("%s: %v", text, problems)
		}
		if got := cfg.MailsLinks(); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}
