package main

import (
	"net/http"
	"strings"
	"testing"
)

// What the router, the limits of a body and the decoder refuse is refused in
// the words of the dialect that has the path's prefix.
func TestEveryRefusalIsInItsDialect(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	for n, d := range dialects() {
		good := r.firstChange(d, n, "A fresh sample staple 1")
		large := r.firstChange(d, n, strings.Repeat("x", 1<<20))
		for how, c := range map[string]struct {
			want situation
			send func(request) answer
			request
		}{
			"a path below":          {noRoute, r.send, good.at(http.MethodPost, d.path+"/more")},
			"a path beside":         {noRoute, r.send, good.at(http.MethodPost, d.path+"s")},
			"GET":                   {badMethod, r.send, good.at(http.MethodGet, d.path)},
			"PUT, with a slash":     {badMethod, r.send, good.at(http.MethodPut, d.path+"/")},
			"OPTIONS":               {badMethod, r.send, good.at(http.MethodOptions, d.path)},
			"a method of its own":   {badMethod, r.send, good.at("BREW", d.path)},
			"TRACE":                 {badMethod, r.send, good.saying("").at(http.MethodTrace, d.path)},
			"1 MB":                  {tooLarge, r.send, large},
			"1 MB in chunks":        {tooLarge, r.sendChunked, large},
			"half an object":        {malformed, r.send, good.saying(good.body[:len(good.body)/2])},
			"a trailing comma":      {malformed, r.send, good.saying(strings.TrimSuffix(good.body, "}") + ",}")},
			"two objects, chunked":  {malformed, r.sendChunked, good.saying(good.body + good.body)},
			"half a surrogate pair": {malformed, r.send, good.saying(strings.Replace(good.body, "staple", `\ud800`, 1))},
			"bytes that are no text": {malformed, r.send,
				good.saying(strings.Replace(good.body, "staple", "\xff\xfe", 1))},
		} {
			a := c.send(c.request)
			if got := a.refusalIn(d); got != d.refusals[c.want] {
				t.Errorf("%s: %s: got %v, want %v in %s", d.name, how, got, d.refusals[c.want], a.body)
			}
			if allow := a.header.Get("Allow"); (allow == http.MethodPost) != (c.want == badMethod) {
				t.Errorf("%s: %s: Allow is %q", d.name, how, allow)
			}
		}
		r.succeeds(d, r.send(good), "the change, after all that")
	}
}

// curl and the like read nothing before all is written.
func TestAClientThatWritesAllBeforeItReadsGetsItsRefusal(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	for n, d := range dialects() {
		q := r.firstChange(d, n, strings.Repeat("x", 4<<20))
		w := r.dial()
		w.write(q.head() + q.body)
		r.fails(d, w.answer(), tooLarge)
	}
}

func TestOutsideEveryPrefixNoDialectAnswers(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	for _, path := range []string{"/", "/healthz", "/api", "/api/v5/change_password", "/auth", "/v11/changePassword", "/%2e%2e/v1/changePassword"} {
		if a := r.send(request{method: http.MethodPost, path: path}); a.status != 404 || a.body != `{"error":"not found"}` {
			t.Errorf("%s: got %d %s", path, a.status, a.body)
		}
	}
}

func TestADisabledDialectIsNeitherServedNorJudged(t *testing.T) {
	t.Parallel()
	r := startServe(t, write(t, "rekey.yaml", `
server: {address: '127.0.0.1:0', drain_delay: 0s}
operations: {address: '127.0.0.1:0'}
store: {dsn: 'sqlite:`+t.TempDir()+`/rekey.db'}
adapters:
  licensespring: {enabled: false, companies: {half: {tenant: Not A Tenant}}}
  unleash: {enabled: true}
  zap: {enabled: false, issuers: {half: {algorithm: none}}}
`))
	for _, d := range []dialect{licensespringDialect, zapDialect} {
		if a := r.send(request{method: http.MethodPost, path: d.path}); a.status != 404 || a.body != `{"error":"not found"}` {
			t.Errorf("%s: got %d %s", d.name, a.status, a.body)
		}
	}
	q := unleashDialect.change(r.facts, 0, "no such token", "A fresh sample staple 1")
	r.fails(unleashDialect, r.send(q), spent)
}
