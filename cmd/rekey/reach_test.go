package main

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// What is fuzzed begins from seeds that are granted, on every route of every
// dialect: a fuzzer does not guess a signature.
func TestTheSeedsOfTheFuzzerReachEveryRoute(t *testing.T) {
	g := newTarget(t)
	granted := map[string]bool{}
	for _, s := range append(recorded(t), connectionSeeds()...) {
		exchanges, _, _ := g.attack(t, g.expand([]byte(s.head), []byte(s.body)))
		for _, x := range exchanges {
			if x.status == http.StatusOK {
				granted[x.Method+" "+strings.TrimSuffix(x.URL.Path, "/")] = true
			}
		}
	}
	got := strings.Join(slices.Sorted(maps.Keys(granted)), "\n")
	if want := `GET /api/v4/oauth_url
GET /auth/reset/validate
HEAD /auth/reset/validate
POST /api/admin/user-admin/reset-password
POST /api/v4/change_password
POST /auth/reset/password
POST /auth/reset/password-email
POST /auth/reset/validate-password
POST /v1/changePassword
POST /v1/otp`; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The fuzzer's judge has eyes: each of these answers is a finding.
func TestTheJudgeOfTheFuzzerFindsWhatIsPlanted(t *testing.T) {
	g := newTarget(t)
	ask := func(path, body string) exchange {
		raw := "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {{length}}\r\n\r\n"
		exchanges, _, _ := g.attack(t, g.expand([]byte(raw), []byte(body)))
		return exchanges[0]
	}
	for name, spoil := range map[string]func(x *exchange){
		"a 5xx":                   func(x *exchange) { x.status = 503 },
		"no nosniff":              func(x *exchange) { x.header.Del("X-Content-Type-Options") },
		"may be stored":           func(x *exchange) { x.header.Set("Cache-Control", "private") },
		"no charset":              func(x *exchange) { x.header.Set("Content-Type", "application/json") },
		"an odd request id":       func(x *exchange) { x.header.Set("X-Request-Id", "a b") },
		"no JSON":                 func(x *exchange) { x.body = "<html>" },
		"no UTF-8":                func(x *exchange) { x.body = strings.Replace(x.body, "m", "\xff", 1) },
		"a member too many":       func(x *exchange) { x.body = strings.Replace(x.body, "{", `{"stack":"main.go:1",`, 1) },
		"another dialect's":       func(x *exchange) { x.body = `{"status":400,"code":"x","message":"x"}` },
		"a status of its own":     func(x *exchange) { x.status, x.response.StatusCode = 418, 418 },
		"200 without the yes":     func(x *exchange) { x.status, x.body = 200, "OK" },
		"more than was asked for": func(x *exchange) { x.body += strings.Repeat(" ", 1<<17) },
	} {
		x := ask("/v1/changePassword", "{}")
		if err := x.flaw(g); err != nil {
			t.Fatalf("as it is: %v", err)
		}
		if spoil(&x); x.flaw(g) == nil {
			t.Errorf("%s: not found", name)
		}
	}
	x := ask("/auth/reset/password", `{"token":"{{canary}}","password":"x","other":"forgotten tomorrow"}`)
	for text, want := range map[string]string{sentSecret: sentSecret, g.keys.hmacSecret: g.keys.hmacSecret, "forgotten tomorrow": "", "none": ""} {
		if x.body = text; x.leak(g.secrets()) != want {
			t.Errorf("%s: got %q, want %q", text, x.leak(g.secrets()), want)
		}
	}
}
