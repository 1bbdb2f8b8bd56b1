package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// FuzzConnection holds what any bytes on a connection get: no panic and no 5xx,
// for every request one answer in its dialect, and one line in the log; no
// secret in either, and nothing back of what was sent as one. {{name}} stands for
// what a hostile client may know, {{length}} for the body's.
func FuzzConnection(f *testing.F) {
	for _, seed := range append(recorded(f), connectionSeeds()...) {
		f.Add([]byte(seed.head), []byte(seed.body))
	}
	g := newTarget(f)
	f.Fuzz(func(t *testing.T, head, body []byte) {
		raw := g.expand(head, body)
		exchanges, beside, log := g.attack(t, raw)
		for i, x := range exchanges {
			if last := i == len(exchanges)-1 && len(beside) == 0; !last && len(x.TransferEncoding) > 0 {
				t.Errorf("%s %s: what follows its chunks was read as a request", x.Method, x.RequestURI)
			}
			if err := x.flaw(g); err != nil {
				t.Errorf("%v: %s %s: got %d %v %q", err, x.Method, x.RequestURI, x.status, x.header, x.body)
			}
			if s := x.leak(g.secrets()); s != "" {
				t.Errorf("%s %s: %q stands in %v %q", x.Method, x.RequestURI, s, x.header, x.body)
			}
		}
		if s := string(beside); s != "" && !besides(s) {
			t.Errorf("beside %d answers came %q", len(exchanges), s)
		}
		g.judgeLog(t, log, len(exchanges))
	})
}

// besides reports whether the text is one refusal of net/http itself.
func besides(text string) bool {
	text = strings.TrimPrefix(text, "HTTP/1.1 100 Continue\r\n\r\n")
	return text == "" || strings.HasPrefix(text, "HTTP/1.1 4") && strings.Count(text, "HTTP/1.") == 1 ||
		strings.HasPrefix(text, "HTTP/1.1 50") && strings.Count(text, "HTTP/1.") == 1 // 501 and 505: its own words for what is no HTTP/1.1
}

// judgeLog reports a log that is not one line of JSON a request.
func (g *target) judgeLog(t testing.TB, log string, requests int) {
	lines := 0
	for line := range strings.Lines(log) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil || len(line) > 1<<10 {
			t.Errorf("a line of the log is no JSON, or too long: %q", line)
		}
		if entry["msg"] == "request" {
			lines++
		}
	}
	if lines != requests {
		t.Errorf("%d requests left %d lines: %q", requests, lines, log)
	}
	for _, s := range g.secrets() {
		if strings.Contains(log, s) && s != adasToken {
			t.Errorf("%q stands in the log: %q", s, log)
		}
	}
}

// expand puts what a hostile client knows into the bytes.
func (g *target) expand(head, body []byte) []byte {
	var pairs []string
	for name, value := range g.placeholders() {
		pairs = append(pairs, "{{"+name+"}}", value)
	}
	known := strings.NewReplacer(pairs...)
	content := known.Replace(string(body))
	return []byte(strings.ReplaceAll(known.Replace(string(head)), "{{length}}", strconv.Itoa(len(content))) + content)
}

// fuzzSeed is one request, or what looks like one.
type fuzzSeed struct{ head, body string }

// recorded returns the requests of all transcripts.
func recorded(f testing.TB) []fuzzSeed {
	files, err := filepath.Glob("../../adapters/*/testdata/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatalf("no transcripts: %v", err)
	}
	var seeds []fuzzSeed
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if strings.Contains(file, "unleash") {
			text = []byte(strings.ReplaceAll(string(text), "{{admin}}", "{{unleash}}"))
		}
		for _, section := range txtar.Parse(text).Files {
			if strings.HasPrefix(section.Name, "request") && len(section.Data) < 4<<10 {
				seeds = append(seeds, seedOf(string(section.Data)))
			}
		}
	}
	return seeds
}

func seedOf(text string) fuzzSeed {
	head, body, _ := strings.Cut(text, "\n\n")
	head = strings.TrimSuffix(head, "\n")
	if !strings.Contains(strings.ToLower(head), "\nhost:") {
		head += "\nHost: x"
	}
	if !strings.Contains(strings.ToLower(head), "\ncontent-length:") && !strings.Contains(strings.ToLower(head), "\ntransfer-encoding:") {
		head += "\nContent-Length: {{length}}"
	}
	return fuzzSeed{strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n", strings.TrimSuffix(body, "\n")}
}

// connectionSeeds are requests full of what must not come back.
func connectionSeeds() []fuzzSeed {
	var seeds []fuzzSeed
	for _, text := range []string{
		"POST /api/v4/change_password HTTP/1.1\nDate: {{date}}\nAuthorization: Bearer {{oauth}}\n\n{\"username\":\"ada\",\"password\":\"{{canary}}\",\"new_password\":\"{{canary}}\"}",
		"POST /api/v4/change_password HTTP/1.1\nDate: {{acme.date}}\nAuthorization: {{acme.authorization}}\n\n{\"username\":\"ada\",\"password\":[\"{{canary}}\"],\"new_password\":{\"a\":\"{{canary}}\"}}",
		"POST /api/v4/change_password HTTP/1.1\nDate: {{acme.date}}\nAuthorization: {{acme.authorization}}\nContent-Type: application/x-www-form-urlencoded\n\nusername=ada&password={{canary}}&new_password={{canary}}",
		"GET /api/v4/oauth_url?login_type=client_credentials HTTP/1.1",
		"POST /auth/reset/password HTTP/1.1\nContent-Type: application/json\n\n{\"token\":[\"{{canary}}\"],\"password\":\"{{canary}}\"}",
		"POST /auth/reset/password HTTP/1.1\nContent-Type: application/json\n\n{\"token\":\"{{canary}}\",\"password\":{\"a\":\"{{canary}}\"}}",
		"POST /auth/reset/password HTTP/1.1\nContent-Type: application/json\n\n{\"token\":\"r3set\",\"password\":\"{{canary}}\"}",
		"GET /auth/reset/validate?token=r3set HTTP/1.1",
		"GET /auth/reset/validate?token={{canary}} HTTP/1.1",
		"POST /api/admin/user-admin/reset-password HTTP/1.1\nContent-Type: application/json\nAuthorization: {{unleash}}\n\n{\"id\":\"ada\"}",
		"POST /v1/changePassword HTTP/1.1\nContent-Type: application/json\nAuthorization: Bearer {{admin}}\n\n{\"userId\":\"43af9a8989ffb63cc9cdd0537\",\"email\":\"ada@acme.example\",\"oldPassword\":\"forgotten tomorrow\",\"newPassword\":\"{{canary}}\",\"otp\":\"{{code}}\"}",
		"POST /v1/otp/ HTTP/1.1\nContent-Type: application/json\nAuthorization: Bearer {{admin}}\n\n{\"email\":\"ada@acme.example\",\"userId\":\"{{canary}}\"}",
		"PRI * HTTP/2.0", "CONNECT /v1/changePassword HTTP/1.1", "OPTIONS * HTTP/1.1", http.MethodTrace + " /v1/otp HTTP/1.1",
	} {
		seeds = append(seeds, seedOf(text))
	}
	return seeds
}
