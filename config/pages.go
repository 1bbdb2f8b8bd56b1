package config

import (
	"slices"

	"rekey/core"
)

// lead lets links that nothing else is said of lead to the pages.
func (c *Config) lead() {
	if !c.Pages.Enabled {
		return
	}
	for _, base := range []*string{&c.Mail.BaseURL, &c.Manage.BaseURL, &c.Adapters.Unleash.BaseURL} {
		if *base == "" {
			*base = c.Pages.BaseURL
		}
	}
}

// MailsLinks reports whether somebody mails the reset links that users ask for: this
// server, or a system that is told by webhook.
func (c Config) MailsLinks() bool {
	return c.Mail.Enabled || c.tellsOfRequests()
}

func (c Config) tellsOfRequests() bool {
	return slices.ContainsFunc(c.Webhooks.Told(), func(e core.Endpoint) bool {
		return slices.Contains(e.Actions, core.ResetRequested) && (len(e.Tenants) == 0 || slices.Contains(e.Tenants, c.Pages.Tenant))
	})
}
