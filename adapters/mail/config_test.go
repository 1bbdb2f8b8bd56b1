package mail_test

import (
	"slices"
	"testing"
	"time"

	"rekey/adapters/mail"
	"rekey/core"
)

func TestProblemsOfTheSection(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*mail.Config)
		keys   []string
	}{
		"none":                        {func(*mail.Config) {}, nil},
		"nothing set":                 {func(c *mail.Config) { *c = mail.Default() }, []string{"base_url", "from", "smtp.host"}},
		"links in clear":              {func(c *mail.Config) { c.BaseURL = "http://accounts.acme.example" }, []string{"base_url"}},
		"links on loopback":           {func(c *mail.Config) { c.BaseURL = "http://127.0.0.1:8080/x" }, nil},
		"links on localhost":          {func(c *mail.Config) { c.BaseURL = "http://localhost:8080" }, nil},
		"links that only look local":  {func(c *mail.Config) { c.BaseURL = "http://127.0.0.1.evil.example" }, []string{"base_url"}},
		"links without a host":        {func(c *mail.Config) { c.BaseURL = "https:accounts" }, []string{"base_url"}},
		"links with a query":          {func(c *mail.Config) { c.BaseURL = "https://a.example?x=1" }, []string{"base_url"}},
		"links with a fragment":       {func(c *mail.Config) { c.BaseURL = "https://a.example#x" }, []string{"base_url"}},
		"links with a user":           {func(c *mail.Config) { c.BaseURL = "https://a@b.example" }, []string{"base_url"}},
		"links of another scheme":     {func(c *mail.Config) { c.BaseURL = "javascript://a.example" }, []string{"base_url"}},
		"a sender that ends the line": {func(c *mail.Config) { c.From = "A <a@b.example>\r\nBcc: eve@evil.example" }, []string{"from"}},
		"a sender without an address": {func(c *mail.Config) { c.From = "Acme" }, []string{"from"}},
		"a product of two lines":      {func(c *mail.Config) { c.Product = "a\r\nb" }, []string{"product", "templates", "templates", "templates", "templates"}},
		"a host with a port":          {func(c *mail.Config) { c.SMTP.Host = "a b" }, []string{"smtp.host"}},
		"no port":                     {func(c *mail.Config) { c.SMTP.Port = 0 }, []string{"smtp.port"}},
		"a great port":                {func(c *mail.Config) { c.SMTP.Port = 65536 }, []string{"smtp.port"}},
		"opportunism":                 {func(c *mail.Config) { c.SMTP.TLS = "opportunistic" }, []string{"smtp.tls"}},
		"a password in clear": {func(c *mail.Config) {
			c.SMTP.Host, c.SMTP.Username, c.SMTP.Password = "smtp.acme.example", "u", password("p")
		}, []string{"smtp.tls"}},
		"half of a sign-in":      {func(c *mail.Config) { c.SMTP.Username = "u" }, []string{"smtp.username"}},
		"the other half":         {func(c *mail.Config) { c.SMTP.Password = password("p") }, []string{"smtp.username"}},
		"no authority":           {func(c *mail.Config) { c.SMTP.CA = "/no/such/file" }, []string{"smtp.ca"}},
		"a file of something":    {func(c *mail.Config) { c.SMTP.CA = "config_test.go" }, []string{"smtp.ca"}},
		"impatience":             {func(c *mail.Config) { c.SMTP.Timeout = time.Millisecond }, []string{"smtp.timeout"}},
		"patience":               {func(c *mail.Config) { c.SMTP.Timeout = time.Hour }, []string{"smtp.timeout"}},
		"limits below nothing":   {func(c *mail.Config) { c.Limits = mail.Limits{AddressEvery: -1, ClientEvery: -1, ClientBurst: 0} }, []string{"limits.address_every", "limits.client_burst", "limits.client_every"}},
		"limits without an end":  {func(c *mail.Config) { c.Limits = mail.Limits{AddressEvery: 25 * time.Hour, ClientBurst: 10001} }, []string{"limits.address_every", "limits.client_burst"}},
		"no limits":              {func(c *mail.Config) { c.Limits = mail.Limits{ClientBurst: 1} }, nil},
		"links below a path":     {func(c *mail.Config) { c.BaseURL = "https://acme.example/accounts/" }, nil},
		"links that are nothing": {func(c *mail.Config) { c.BaseURL = "https://%zz" }, []string{"base_url"}},
	} {
		conf := config(t, "127.0.0.1:25")
		c.change(&conf)
		var keys []string
		conf.Validate(func(key, _ string) { keys = append(keys, key) })
		slices.Sort(keys)
		if !slices.Equal(keys, c.keys) {
			t.Errorf("%s: got %v, want %v", name, keys, c.keys)
		}
	}
}

func TestTheLimitsByDefault(t *testing.T) {
	want := core.MailLimits{
		PerAddress: core.Limit{Every: time.Minute, Burst: 1},
		PerClient:  core.Limit{Every: 2 * time.Minute, Burst: 30},
	}
	if got := mail.Default().MailLimits(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
