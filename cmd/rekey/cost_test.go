package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// The sizes that costs are compared at: a body at its limit and a part of it.
// What grows with its square costs 256 times as much there, what grows with its
// size 16 times.
const (
	smallSize = 3 << 10
	growth    = 16
	tooSteep  = 80
)

// bomb makes a request of about that many bytes.
type bomb struct {
	path, headers string
	body          func(size int) string // nil for none
	header        func(size int) string // further lines; nil for none
}

// numbered repeats a text that has its own number in it.
func numbered(size int, form string) string {
	var all strings.Builder
	for i := 0; all.Len() < size; i++ {
		_, _ = fmt.Fprintf(&all, form, i)
	}
	return all.String()
}

func bombs() map[string]bomb {
	const ls, un, zap = "/api/v4/change_password", "/auth/reset/password", "/v1/changePassword"
	signed, admin := "Date: {{acme.date}}\r\nAuthorization: {{acme.authorization}}", "Authorization: Bearer {{admin}}"
	all := map[string]bomb{}
	for path, headers := range map[string]string{ls: signed, un: "X-A: b", zap: admin} {
		body := func(name string, make func(size int) string) {
			all[name+" to "+path] = bomb{path: path, headers: headers, body: make}
		}
		fill := func(text string) func(int) string {
			return func(size int) string { return strings.Repeat(text, size/len(text)) }
		}
		fields := map[string]string{ls: `"username":"ada","password":"forgotten tomorrow","new_password":"`, un: `"token":"r3set","password":"`, zap: `"userId":"a","email":"ada@acme.example","oldPassword":"x","newPassword":"`}[path]
		for _, text := range []string{"a", "ab", "ada@acme.example", "e\u0301", "😀", "\u0130", `\n`, `\u0061`, "\u200d"} {
			body(fmt.Sprintf("a password of %+q", text), func(size int) string { return "{" + fields + fill(text)(size) + `"}` })
		}
		body("names", func(size int) string { return `{"a":1` + numbered(size, `,"b%d":1`) + "}" })
		body("names that share their hash of old", func(size int) string { return `{"Aa":1` + numbered(size, `,"AaBB%dBBAa":1`) + "}" })
		body("levels", func(size int) string { return `{"a":` + fill("[")(size/2) + fill("]")(size/2) + "}" })
		body("levels that never end", func(size int) string { return fill(`{"a":`)(size) })
		body("digits", func(size int) string { return `{"token":` + fill("9")(size) + `,"password":1}` })
		body("zeros after a point", func(size int) string { return `{"token":0.` + fill("0")(size) + `1e-999999999,"password":1}` })
		body("great numbers", func(size int) string { return `{"password":[1` + fill(",1e999999999")(size) + `]}` })
		body("white space", func(size int) string { return fill(" ")(size) + "{}" })
		body("backslashes", func(size int) string { return `{"token":"` + fill(`\\`)(size) + `"}` })
		body("quotes that never close", func(size int) string { return fill(`"`)(size) })
	}
	head := func(name, path, headers string, make func(size int) string) {
		all[name] = bomb{path: path, headers: headers, header: func(size int) string { return make(size / 4) }}
	}
	head("headers", un, "X-A: b", func(size int) string { return strings.TrimSuffix(numbered(size, "X-%d: a\r\n"), "\r\n") })
	head("forwarded addresses", un, "X-A: b", func(size int) string { return "X-Forwarded-For: " + numbered(size, "10.0.0.%d, ") })
	head("languages", un, "X-A: b", func(size int) string {
		return "Accept-Language: " + numbered(size, "a%d;q=0.1,") + "\r\nAccept-Encoding: " + numbered(size, "gzip%d,")
	})
	head("parameters of a signature", ls, "Date: {{date}}", func(size int) string { return "Authorization: " + numbered(size, `a%d="b",`) })
	head("parts of a token", zap, "X-A: b", func(size int) string { return "Authorization: Bearer " + numbered(size, "a%d.") })
	head("parameters of a type", un, "X-A: b", func(size int) string { return "Content-Type: application/json" + numbered(size, ";a%d=b") })
	head("escapes of a type", un, "X-A: b", func(size int) string { return `Content-Type: application/json; a="` + numbered(size, `\%d`) })
	all["fields of a form"] = bomb{path: ls, headers: signed + "\r\nContent-Type: application/x-www-form-urlencoded", body: func(size int) string { return numbered(size, "a%d=%%61&") }}
	all["parameters of a query"] = bomb{path: "/auth/reset/validate", headers: "X-A: b", body: func(int) string { return "" }}
	return all
}

// Nothing that a client may send costs more than its size: regular expressions,
// rules, tables and numbers are linear. Compared are the least of some times, so
// that a busy machine changes little.
func TestWhatARequestCostsGrowsWithItsSize(t *testing.T) {
	g := newTarget(t)
	for name, b := range bombs() {
		cost := func(size int) time.Duration {
			path, headers, body := b.path, b.headers, ""
			if b.header != nil {
				headers += "\r\n" + b.header(size)
			} else if body = b.body(size); body == "" {
				path += "?" + numbered(size/4, "token%d=a&")
			}
			if !strings.Contains(headers, "Content-Type") {
				headers += "\r\nContent-Type: application/json"
			}
			raw := g.expand([]byte("POST "+path+" HTTP/1.1\r\nHost: x\r\n"+headers+"\r\nContent-Length: {{length}}\r\n\r\n"), []byte(body))
			least := time.Hour
			for range 7 {
				begin := time.Now()
				exchanges, _, _ := g.attack(t, raw)
				least = min(least, time.Since(begin))
				if len(exchanges) != 1 || exchanges[0].status >= 500 {
					t.Fatalf("%s: %d bytes: got %v", name, size, exchanges)
				}
			}
			return least
		}
		small, large := cost(smallSize), cost(smallSize*growth)
		for range 4 { // what is steep is so each time
			if large <= small*tooSteep {
				break
			}
			small, large = cost(smallSize), cost(smallSize*growth)
		}
		if large > small*tooSteep {
			t.Errorf("%s: %d bytes take %v, and %d take %v", name, smallSize, small, smallSize*growth, large)
		}
	}
}

// A packed body is unpacked to the limit of a body and no further: ten times the
// bomb allocates no more.
func TestABombIsNotUnpacked(t *testing.T) {
	g := newTarget(t)
	allocated := func(size int) uint64 {
		var body bytes.Buffer
		w := gzip.NewWriter(&body)
		_, _ = w.Write(bytes.Repeat([]byte(" "), size))
		_ = w.Close()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for _, path := range []string{"/auth/reset/password", "/api/v4/change_password", "/v1/changePassword"} {
			headers := "Date: {{acme.date}}\r\nAuthorization: {{acme.authorization}}\r\nContent-Encoding: gzip"
			if path == "/v1/changePassword" {
				headers = "Authorization: Bearer {{admin}}\r\nContent-Encoding: gzip"
			}
			x := g.ask(t, path, headers, body.String())
			if x.status < 400 || x.status >= 500 {
				t.Errorf("%s: got %d %s", path, x.status, x.body)
			}
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	if small, large := allocated(1<<20), allocated(40<<20); large > 2*small+1<<20 {
		t.Errorf("a bomb of 1 MiB allocates %d bytes, one of 40 MiB %d", small, large)
	}
}
