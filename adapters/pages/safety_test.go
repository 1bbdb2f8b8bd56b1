package pages_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rekey/adapters/pages"
	"rekey/core"
)

// visit calls every page in every state that can be had.
func (w *world) visit(token string) {
	w.t.Helper()
	for _, lang := range []string{"", "de"} {
		w.get("/reset-password?token=" + token + "&lang=" + lang)
		w.get("/forgot-password?lang=" + lang)
		w.get("/forgot-password?state=sent&lang=" + lang)
		w.get("/reset-password?state=done&lang=" + lang)
		w.get("/reset-password?lang=" + lang)
		w.get("/reset-password/nowhere?token=" + token)
		w.get("/pages/nowhere")
		w.get("/.well-known/change-password?token=" + token)
		w.get("/reset-password/check?token=" + token)
		for _, password := range []string{weak, present} {
			w.post("/reset-password", "token", token, "password", password, "repeat", password, "lang", lang)
			w.post("/reset-password", "token", token, "password", password, "repeat", weak+"x", "lang", lang)
			w.post("/reset-password/check", "token", token, "password", password, "lang", lang)
			w.post("/reset-password", "token", token, "password", password, password, token)
			w.post("/reset-password", "token", password, "password", token)
			w.post("/forgot-password", "email", password, "lang", password)
			w.send(request(http.MethodPut, "/reset-password?token="+token, password))
			w.send(request(http.MethodPost, "/reset-password", `{"token":"`+token+`","password":"`+password+`"}`, "Content-Type", "application/json"))
			w.send(request(http.MethodPost, "/reset-password?password="+url.QueryEscape(password), encode("token", token, "password", password)+"&password=%zz"))
		}
	}
	w.post("/reset-password", "token", token, "password", fresh)
	w.post("/reset-password", "token", token, "password", fresh)
	w.get("/reset-password?token=" + token)
}

// A token stands in a form's hidden field and nowhere else; a password nowhere.
func TestNoSecretIsToldBackOrLogged(t *testing.T) {
	w := newWorld(t)
	token := w.account("ada").Reveal()
	w.visit(token)
	hidden := `<input type="hidden" name="token" value="` + token + `">`
	told := 0
	for _, said := range append(w.said, w.log.String()) {
		told += strings.Count(said, hidden)
		said = strings.ReplaceAll(said, hidden, "")
		for name, secret := range map[string]string{"the token": token, "a password": weak, "the present password": present, "the new one": fresh} {
			for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
				if strings.Contains(said, form) {
					t.Errorf("%s is told: %s", name, said)
				}
			}
		}
	}
	if told == 0 || w.log.Len() == 0 {
		t.Errorf("nothing was looked at: %d fields, %d bytes of log", told, w.log.Len())
	}
}

func TestEveryAnswerKeepsItsBrowserInBounds(t *testing.T) {
	w := newWorld(t)
	w.visit(w.account("ada").Reveal())
	wants := map[string]string{
		"Content-Security-Policy":      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"X-Frame-Options":              "DENY",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"X-Content-Type-Options":       "nosniff",
		"Cache-Control":                "no-store",
	}
	for _, said := range w.said {
		for name, value := range wants {
			if !strings.Contains(said, name+": "+value+"\r\n") {
				t.Errorf("no %s: %s in %.1500s", name, value, said)
			}
		}
		if !strings.Contains(said, "Permissions-Policy: ") || strings.Contains(said, "Set-Cookie") {
			t.Errorf("abilities, or a cookie, in %.800s", said)
		}
		if strings.Contains(said, `name="token"`) && !strings.Contains(said, "Referrer-Policy: no-referrer\r\n") {
			t.Errorf("a page with a token tells its address: %.800s", said)
		}
		for _, inline := range []string{" style=", " onclick=", "<style", "javascript:", "http://", "https://"} {
			if strings.Contains(said, inline) {
				t.Errorf("%s in %s", inline, said)
			}
		}
	}
}

// A page with all that it loads.
func TestAPageIsLight(t *testing.T) {
	w := newWorld(t)
	bytes := len(w.get("/reset-password?token=" + w.account("ada").Reveal()).text)
	files, err := fs.Glob(pages.Static, "static/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := fs.ReadFile(pages.Static, file)
		if err != nil {
			t.Fatal(err)
		}
		bytes += len(data)
	}
	if bytes > 32<<10 {
		t.Errorf("%d bytes", bytes)
	}
}

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
