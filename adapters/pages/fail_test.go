package pages_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"rekey/adapters/pages"
	"rekey/core"
)

// failing is a store that is away when a change is to be stored, or a token read.
type failing struct {
	core.Store
	apply, token error
}

func (s *failing) Apply(context.Context, core.Mutation) error { return s.apply }

func (s *failing) Token(ctx context.Context, d core.Digest) (core.ResetToken, error) {
	if s.token != nil {
		return core.ResetToken{}, s.token
	}
	return s.Store.Token(ctx, d)
}

func TestWhatPassesIsSaidInWordsAndNoPasswordIsFilledIn(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		words  string
		after  string
	}{
		{&core.Error{Code: core.Unavailable, RetryAfter: 7 * time.Second}, http.StatusServiceUnavailable, "Please try again in 7 s.", "7"},
		{core.Conflict, http.StatusServiceUnavailable, "Please try again in 1 s.", "1"},
		{&core.Error{Code: core.Throttled, RetryAfter: 15 * time.Minute}, http.StatusTooManyRequests, "Please try again in 15 min.", "900"},
	} {
		w := newWorld(t)
		token := w.account("ada").Reveal()
		w.parts.Store = &failing{Store: w.kept, apply: c.err}
		a := w.post("/reset-password", "token", token, "password", fresh)
		w.wants(a, c.status, c.words, "<title>Error:", `role="alert"`, `name="token" value="`+token+`"`)
		if strings.Contains(a.text, fresh) || a.Header().Get("Retry-After") != c.after {
			t.Errorf("%v: Retry-After %s in %s", c.err, a.Header().Get("Retry-After"), a.text)
		}
	}
	for _, c := range []struct {
		err    error
		status int
		words  string
	}{{core.Unavailable, http.StatusServiceUnavailable, "try again in 1 s."}, {core.Internal, http.StatusInternalServerError, "Something went wrong"}} {
		w := newWorld(t)
		token := w.account("ada").Reveal()
		w.parts.Store = &failing{Store: w.kept, token: c.err}
		for _, a := range []answer{w.get("/reset-password?token=" + token), w.post("/reset-password", "token", token, "password", fresh)} {
			if w.wants(a, c.status, c.words); strings.Contains(a.text, token) && c.status == http.StatusInternalServerError {
				t.Errorf("the token is told: %s", a.text)
			}
		}
	}
}

func TestEveryFailureIsWorded(t *testing.T) {
	if missing := pages.Faults.Missing(); len(missing) > 0 {
		t.Errorf("no words for %v", missing)
	}
}

func TestFailuresAreAPageWithTheRequestsID(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	w := newWorld(t)
	for _, c := range []struct {
		method, path, body, kind string
		status                   int
	}{
		{"GET", "/pages/nowhere", "", "", 404},
		{"GET", "/forgot-password/more", "", "", 404},
		{"DELETE", "/reset-password", "", "", 405},
		{"POST", "/.well-known/change-password", "", "", 405},
		{"POST", "/reset-password", "", "", 415},
		{"POST", "/reset-password", "{}", "application/json", 415},
		{"POST", "/reset-password", "token=x", form + "; charset=latin1", 415},
		{"POST", "/reset-password", "token=x", form + "; charset=UTF-8", 404},
		{"POST", "/reset-password", strings.Repeat("x", 65<<10), form, 413},
		{"POST", "/reset-password", "token=%zz", form, 400},
		{"POST", "/reset-password", "token=a&token=b", form, 400},
		{"POST", "/reset-password", "token=a;password=b", form, 400},
		{"POST", "/reset-password", "token=a&more=b", form, 400},
		{"POST", "/forgot-password", "email=a&token=b", form, 400},
	} {
		a := w.send(request(c.method, c.path, c.body, "Content-Type", c.kind, "X-Request-Id", "found-again"))
		id := "Request found-again"
		if c.status == 404 && c.method == "POST" {
			id = "This link does not work"
		}
		w.wants(a, c.status, "<!doctype html>", "<h1>", id)
		if got := a.Header().Get("Content-Type"); got != "text/html; charset=utf-8" {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// The page of a failure is in the language of whoever asked.
func TestAFailureSpeaksAsItIsAsked(t *testing.T) {
	w := newWorld(t)
	w.wants(w.get("/pages/nowhere", "Accept-Language", "de"), http.StatusNotFound, "Diese Seite gibt es nicht")
}

func FuzzForm(f *testing.F) {
	for _, seed := range []string{"token=r3set&password=x", "password=%ff%00&token=&repeat=", "a=b&a=c", "%=;", "lang=de&token=r3set", "token=" + strings.Repeat("+", 2000)} {
		f.Add([]byte(seed), "application/x-www-form-urlencoded", "de,*;q=0.1")
	}
	w := newWorld(f)
	w.account("ada")
	f.Fuzz(func(t *testing.T, body []byte, kind, accept string) {
		for _, path := range []string{"/reset-password", "/reset-password/check", "/forgot-password"} {
			w.t, w.said = t, nil
			r := request(http.MethodPost, path, string(body))
			r.Header["Content-Type"], r.Header["Accept-Language"] = []string{kind}, []string{accept}
			a := w.send(r)
			if a.Code >= 500 || a.Code < 300 || a.Header().Get("Content-Security-Policy") == "" {
				t.Errorf("%s %q of %q: %d %s", path, body, kind, a.Code, a.text)
			}
			if strings.Contains(fmt.Sprint(a.Header()), "password=") {
				t.Errorf("%q: %v", body, a.Header())
			}
		}
	})
}
