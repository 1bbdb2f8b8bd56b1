package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// exchange is a request that reached the handler, and its answer.
type exchange struct {
	served
	answer
	response *http.Response
}

// paired gives each request its answer. What is left over is what the server
// answered by itself.
func paired(t testing.TB, reached []served, out []byte) (all []exchange, beside []byte) {
	t.Helper()
	from := bufio.NewReader(bytes.NewReader(out))
	for _, r := range reached {
		response, err := http.ReadResponse(from, r.Request)
		for err == nil && response.StatusCode == http.StatusContinue {
			response, err = http.ReadResponse(from, r.Request)
		}
		if err != nil {
			t.Fatalf("%s %s: no answer: %v in %q", r.Method, r.RequestURI, err, out)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatalf("%s %s: the answer breaks off: %v in %q", r.Method, r.RequestURI, err, out)
		}
		all = append(all, exchange{r, answer{response.StatusCode, response.Header, string(body), response.Close}, response})
	}
	beside, _ = io.ReadAll(from)
	return all, beside
}

// ownerOf returns the dialect of a path, by what README says of prefixes, or
// false.
func ownerOf(path string) (dialect, bool) {
	for _, d := range dialects() {
		for _, prefix := range map[string][]string{
			"licensespring": {"/api/v4"}, "unleash": {"/auth/reset", "/api/admin/user-admin/reset-password"}, "zap": {"/v1"},
		}[d.name] {
			if path == prefix || strings.HasPrefix(path, prefix+"/") {
				return d, true
			}
		}
	}
	return dialect{}, false
}

var properTarget = regexp.MustCompile(`^(/|https?://)`)

var safeRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// flaw returns what is wrong with an answer, whatever the request was.
func (x exchange) flaw(g *target) error {
	h := x.header
	switch {
	case x.status >= http.StatusInternalServerError:
		return fmt.Errorf("it failed")
	case h.Get("Cache-Control") != "no-store", h.Get("X-Content-Type-Options") != "nosniff", !safeRequestID.MatchString(h.Get("X-Request-Id")):
		return fmt.Errorf("a safe header is missing")
	case !utf8.ValidString(x.body):
		return fmt.Errorf("the body is not UTF-8")
	case len(x.body) > 64<<10+len(x.RequestURI)+len(x.content):
		return fmt.Errorf("the answer is larger than what was asked")
	}
	if x.status != http.StatusNotFound && !properTarget.MatchString(x.RequestURI) {
		return fmt.Errorf("a route is reached by an odd target")
	}
	if path := x.URL.Path; path == "/manage/v1" || strings.HasPrefix(path, "/manage/v1/") {
		return x.flawOfManagement(g)
	}
	d, owned := ownerOf(x.URL.Path)
	switch head := x.Method == http.MethodHead; {
	case !owned && x.status == http.StatusNotFound && (head || x.body == `{"error":"not found"}`):
		return nil
	case !owned:
		return fmt.Errorf("it is nobody's path")
	case x.status == http.StatusOK:
		return x.flawOfYes(g, d)
	case head:
		return nil
	case strings.HasPrefix(x.refusalIn(d).code, "not in the dialect"):
		return fmt.Errorf("it is not in the dialect")
	}
	return g.contracts[d.name].Answers(x.Request, x.response, []byte(x.body))
}

// flawOfManagement judges an answer of the management API, of which nobody has a
// key.
func (x exchange) flawOfManagement(g *target) error {
	switch {
	case x.status < http.StatusBadRequest:
		return fmt.Errorf("it is granted without a key")
	case x.Method == http.MethodHead:
		return nil
	case x.header.Get("Content-Type") != "application/problem+json; charset=utf-8":
		return fmt.Errorf("it is no problem of RFC 9457")
	}
	return g.contracts["manage"].Answers(x.Request, x.response, []byte(x.body))
}

// flawOfYes judges the answer to a request that was granted.
func (x exchange) flawOfYes(g *target, d dialect) error {
	charset := "; charset=utf-8"
	switch media := x.header.Get("Content-Type"); {
	case x.body == "" && d.name == "unleash": // which says nothing of what is not there
	case x.body == "password_changed" && media == "text/plain"+charset, x.body != "" && media == "application/json"+charset:
	case x.Method == http.MethodHead:
	default:
		return fmt.Errorf("it has no charset")
	}
	return g.contracts[d.name].Answers(x.Request, x.response, []byte(x.body))
}
