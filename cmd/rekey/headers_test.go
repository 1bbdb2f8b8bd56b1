package main

import (
	"database/sql"
	"encoding/json"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/config"
)

// unsafeIn says what an answer lacks: it must not be kept, nor be taken for
// another type than it is told to be, and text must say how it is encoded.
func unsafeIn(a answer) string {
	kind := a.header.Get("Content-Type")
	switch {
	case !slices.Equal(a.header.Values("Cache-Control"), []string{"no-store"}):
		return "Cache-Control"
	case !slices.Equal(a.header.Values("X-Content-Type-Options"), []string{"nosniff"}):
		return "X-Content-Type-Options"
	case a.body != "" && !strings.Contains(kind, "; charset=utf-8"):
		return "a charset"
	case len(a.header.Values("Content-Type")) > 1, a.header.Get("Content-Length") == "0" && kind != "":
		return "one type, and of a body"
	}
	return ""
}

// everyWay calls the paths with every method and with bodies and headers that
// fail at every step, and returns how often each status was answered.
func (r *running) everyWay(paths []string, tries ...request) map[int]int {
	r.t.Helper()
	r.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	seen := map[int]int{}
	for _, path := range paths {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW", "TRACE"} {
			for _, try := range tries {
				if q := try.at(method, path); method != "TRACE" || q.body == "" { // whose body no client sends
					a := r.send(q)
					seen[a.status]++
					if lacks := unsafeIn(a); lacks != "" {
						r.t.Errorf("%s %s is answered %d without %s: %v %.200s", method, path, a.status, lacks, a.header, a.body)
					}
				}
			}
		}
	}
	return seen
}

// tries are requests that fail, each in a way of its own.
func tries() []request {
	in := func(kind string) map[string]string { return map[string]string{"Content-Type": kind} }
	encoded := map[string]string{"Content-Type": "application/json", "Content-Encoding": "gzip"}
	return []request{
		{}, {header: in("application/json"), body: "{"}, {header: in("application/json"), body: `{"password":1}`},
		{header: in("application/json"), body: strings.Repeat("x", 101<<10)},
		{header: in("text/plain"), body: "{}"}, {header: in("application/json; charset=latin1"), body: "{}"}, {header: encoded, body: "{}"},
		{header: map[string]string{"Content-Type": "application/json", "Authorization": "Bearer a.b.c"}, body: "{}"},
	}
}

// paths are those of every dialect, what lies below and beside them, and some
// that nobody owns.
func (r *running) paths() []string {
	_, text := r.probe("/openapi.json")
	var contract struct{ Paths map[string]any }
	if err := json.Unmarshal([]byte(text), &contract); err != nil {
		r.t.Fatal(err)
	}
	all := []string{"/", "//", "/favicon.ico", "/v1", "/v1/", "/api", "/api/v4", "/auth/reset", "/%2e%2e/v1/changePassword",
		"/reset-password", "/reset-password/", "/reset-password/more", "/reset-password?token=x", "/reset-password/check", "/forgot-password", "/.well-known/change-password", "/pages", "/pages/x",
		"/console", "/console/", "/console/sign-in", "/console/live", "/console/none", "/console/accounts/1/disable"}
	for path := range maps.Keys(contract.Paths) {
		all = append(all, path, path+"/", path+"/more", path+"?token=x")
	}
	return all
}

func TestEveryAnswerHasSafeHeaders(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes too long under the race detector")
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rekey.db")
	r := startDev(t, withDSN("sqlite:"+path), func(cfg *config.Config) {
		cfg.Server.RequestTimeout, cfg.Server.DrainDelay = 200*time.Millisecond, 3*time.Second
	})
	good := []request{r.firstChange(licensespringDialect, 0, "A fresh sample staple 1"), r.firstChange(unleashDialect, 1, "A fresh sample staple 1"),
		r.firstChange(zapDialect, 2, "A fresh sample staple 1"), asking(r.Accounts[0].Email).with("Authorization", r.Unleash.AdminToken)}
	all := r.paths()
	r.saw("while it serves", r.everyWay(all, append(tries(), good...)...), 200, 400, 401, 404, 405, 413, 415)
	operations := *r
	operations.BaseURL = r.operations
	checks := []string{"/healthz", "/readyz", "/metrics", "/openapi.json", "/", "/more", "//healthz", "/healthz/../readyz"}
	operations.saw("of the operations", operations.everyWay(checks, tries()...), 200, 307, 404, 405)

	unlock := lockFile(t, path)
	const fresh = "A fresh sample staple 3"
	for _, q := range []request{ // whose proofs hold: each waits for as long as a request may
		licensespringDialect.change(r.facts, 0, "A fresh sample staple 1", fresh), r.firstChange(unleashDialect, 3, fresh),
		zapDialect.change(r.facts, 2, "A fresh sample staple 1", fresh),
	} {
		r.saw("without a database", r.everyWay([]string{q.path}, q), 405, 503)
	}
	if a := operations.send(request{method: "GET", path: "/readyz"}); a.status != 503 || unsafeIn(a) != "" {
		t.Errorf("without a database, /readyz answers %d without %s", a.status, unsafeIn(a))
	}
	unlock()

	ended := make(chan error, 1)
	go func() { ended <- r.stop() }()
	r.eventually("it drains", func() bool {
		_, text := r.probe("/readyz")
		return text == "draining\n"
	})
	r.saw("while it drains", r.everyWay(all, request{}), 401, 404, 405) // what still comes is served
	operations.saw("while it drains", operations.everyWay(checks, request{}), 200, 404, 405, 503)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// saw holds that the statuses were really provoked.
func (r *running) saw(when string, seen map[int]int, want ...int) {
	r.t.Helper()
	for _, status := range want {
		if seen[status] == 0 {
			r.t.Errorf("%s nothing was answered %d: %v", when, status, seen)
		}
	}
	r.t.Logf("%s, answers by status: %v", when, seen)
}

// lockFile keeps everybody else from the SQLite file until unlock is called.
func lockFile(t *testing.T, path string) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), "PRAGMA busy_timeout(5000); BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	return func() { _ = db.Close() }
}
