package webhook_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/adapters/webhook"
	"rekey/config/secret"
	"rekey/core"
)

// problems returns the keys that are at fault.
func problems(c webhook.Config) (keys []string) {
	c.Validate(func(key, _ string) { keys = append(keys, key) })
	slices.Sort(keys)
	return keys
}

func TestWhatIsNoEndpointIsRefused(t *testing.T) {
	set := func(change func(*webhook.Endpoint)) webhook.Endpoint {
		e := settings("https://hooks.acme.example/rekey")
		change(&e)
		return e
	}
	url := func(text string) webhook.Endpoint { return set(func(e *webhook.Endpoint) { e.URL = text }) }
	signedBy := func(text string) webhook.Endpoint {
		return set(func(e *webhook.Endpoint) { e.Secrets = []secret.Value{secret.New(text)} })
	}
	ofBytes := func(n int) webhook.Endpoint {
		return signedBy("whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", n))))
	}
	for name, c := range map[string]struct {
		endpoint webhook.Endpoint
		want     string
	}{
		"a good one":           {url("https://hooks.acme.example:8443/rekey?a=b"), ""},
		"this machine":         {url("http://127.0.0.1:9000"), ""},
		"this machine by name": {url("http://localhost/"), ""},
		"IPv6":                 {url("http://[::1]:9000/"), ""},
		"none":                 {url(""), "url"},
		"no host":              {url("https:///rekey"), "url"},
		"no address":           {url("hooks"), "url"},
		"in clear":             {url("http://hooks.acme.example/"), "url"},
		"in clear, allowed":    {set(func(e *webhook.Endpoint) { e.URL, e.AllowHTTP = "http://hooks.acme.example/", true }), ""},
		"another scheme":       {set(func(e *webhook.Endpoint) { e.URL, e.AllowHTTP = "ftp://hooks.acme.example/", true }), "url"},
		"a password":           {url("https://ops:hunter2@hooks.acme.example/"), "url"},
		"a fragment":           {url("https://hooks.acme.example/#a"), "url"},
		"no secret":            {set(func(e *webhook.Endpoint) { e.Secrets = nil }), "secrets"},
		"an unmarked secret":   {signedBy(strings.TrimPrefix(first, "whsec_")), "secrets"},
		"an empty one":         {signedBy("whsec_"), "secrets"},
		"no base64":            {signedBy("whsec_%"), "secrets"},
		"23 bytes":             {ofBytes(23), "secrets"},
		"24 bytes":             {ofBytes(24), ""},
		"64 bytes":             {ofBytes(64), ""},
		"65 bytes":             {ofBytes(65), "secrets"},
		"an event there isn't": {set(func(e *webhook.Endpoint) { e.Events = []core.Action{core.TokenIssued} }), "events"},
		"no tenant's name":     {set(func(e *webhook.Endpoint) { e.Tenants = []core.TenantID{"Acme"} }), "tenants"},
		"no such file":         {set(func(e *webhook.Endpoint) { e.CA = "nowhere.pem" }), "ca"},
		"too short a time":     {set(func(e *webhook.Endpoint) { e.Timeout = time.Millisecond }), "timeout"},
		"too long a time":      {set(func(e *webhook.Endpoint) { e.Timeout = time.Minute }), "timeout"},
		"nobody at work":       {set(func(e *webhook.Endpoint) { e.Workers = 0 }), "workers"},
	} {
		var want []string
		if c.want != "" {
			want = []string{"endpoints.siem." + c.want}
		}
		if got := problems(webhook.Config{RefusedAfter: 1, Endpoints: map[string]webhook.Endpoint{"siem": c.endpoint}}); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	for _, name := range []string{"SIEM", "", "a b", "-a", strings.Repeat("a", 33)} {
		if got := problems(webhook.Config{RefusedAfter: 1, Endpoints: map[string]webhook.Endpoint{name: settings("https://a.example")}}); len(got) != 1 {
			t.Errorf("%q: got %v", name, got)
		}
	}
	for _, n := range []int{0, core.MaxStop + 1} {
		if got := problems(webhook.Config{RefusedAfter: n}); !slices.Equal(got, []string{"refused_after"}) {
			t.Errorf("%d: got %v", n, got)
		}
	}
}

func TestEndpointsAreToldOfWhatTheyNameOrOfAll(t *testing.T) {
	all, some := settings("https://a.example"), settings("https://a.example")
	some.Events, some.Tenants = []core.Action{core.AccountLocked}, []core.TenantID{"acme"}
	got := webhook.Config{Endpoints: map[string]webhook.Endpoint{"some": some, "all": all}}.Told()
	if len(got) != 2 || got[0].Name != "all" || !slices.Equal(got[0].Actions, core.ToldActions()) || len(got[0].Tenants) != 0 ||
		!slices.Equal(got[1].Actions, some.Events) || !slices.Equal(got[1].Tenants, some.Tenants) {
		t.Errorf("got %+v", got)
	}
}
