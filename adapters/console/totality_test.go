package console_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/adapters"
	"rekey/adapters/console"
	"rekey/core"
)

// without returns all scopes but one.
func without(scope core.Scope) []core.Scope {
	return slices.DeleteFunc(core.Scopes(), func(s core.Scope) bool { return s == scope })
}

func (w *world) at(path string) string {
	return strings.Replace(path, ":id", "01998c3e-0000-7000-8000-000000000000", 1)
}

func TestAPageWithoutItsScopeSaysSoAndIsNotLinked(t *testing.T) {
	w := newWorld(t)
	for _, page := range append(console.Sights(), console.Deeds()...) {
		b := w.signedIn(without(page.Scope)...)
		got := b.get(w.at(page.Path))
		if got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), "This needs the scope "+string(page.Scope)) {
			t.Errorf("%s without %s: got %d %s", page.Path, page.Scope, got.Code, got.Body)
		}
		if page.Name != "" && strings.Contains(got.Body.String(), `<a href="`+page.Path+`"`) && page.Path != "/console" {
			t.Errorf("%s is linked", page.Path)
		}
	}
	for _, page := range console.Deeds() {
		b := w.signedIn(without(page.Scope)...)
		if got := b.post(w.at(page.Path), url.Values{"key": {b.key}}); got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), "This needs the scope "+string(page.Scope)) {
			t.Errorf("POST %s without %s: got %d %s", page.Path, page.Scope, got.Code, got.Body)
		}
	}
}

func TestEveryPageLetsOneSignOut(t *testing.T) {
	b := newWorld(t).signedIn()
	for _, page := range append(console.Sights(), console.Deeds()...) {
		got := b.get(b.at(page.Path))
		if kind := got.Header().Get("Content-Type"); strings.HasPrefix(kind, "text/html") &&
			!strings.Contains(got.Body.String(), `<form method="post" action="/console/sign-out"><button`) {
			t.Errorf("%s: got %d %s", page.Path, got.Code, got.Body)
		}
	}
}

func TestNobodySeesAPageWithoutASession(t *testing.T) {
	w := newWorld(t)
	for _, page := range append(console.Sights(), console.Deeds()...) {
		if got := w.browser().get(w.at(page.Path)); got.Code != http.StatusSeeOther || !strings.HasPrefix(got.Header().Get("Location"), "/console/sign-in") {
			t.Errorf("%s: got %d %v", page.Path, got.Code, got.Header())
		}
	}
	for _, page := range console.Deeds() {
		if got := w.browser().post(w.at(page.Path), nil); got.Code != http.StatusSeeOther {
			t.Errorf("POST %s: got %d", page.Path, got.Code)
		}
	}
	if len(w.asked) > 0 {
		t.Errorf("the management API was asked %d times", len(w.asked))
	}
}

// writes counts the requests of the management API that are no reading.
func (w *world) writes() (n int) {
	for _, r := range w.asked {
		if r.Method != http.MethodGet {
			n++
		}
	}
	return n
}

func TestNothingIsWrittenUnlessItIsConfirmed(t *testing.T) {
	w := newWorld(t)
	id := string(w.account(core.NewAccount{Username: "ada"}).ID)
	other := w.key("other", core.Scopes()...)
	for _, deed := range console.Deeds() {
		path := strings.Replace(deed.Path, ":id", id, 1)
		w.now = w.now.Add(time.Hour) // wrong keys make the next ones wait
		b := w.signedIn()
		for name, try := range map[string]func() *httptest.ResponseRecorder{
			"GET":                       func() *httptest.ResponseRecorder { return b.get(path) },
			"GET with the key":          func() *httptest.ResponseRecorder { return b.get(path + "?key=" + b.key) },
			"no key":                    func() *httptest.ResponseRecorder { return b.post(path, nil) },
			"a wrong key":               func() *httptest.ResponseRecorder { return b.post(path, url.Values{"key": {"rekey_wrong"}}) },
			"another key of the tenant": func() *httptest.ResponseRecorder { return b.post(path, url.Values{"key": {other}}) },
			"the key in the address":    func() *httptest.ResponseRecorder { return b.post(path+"?key="+b.key, nil) },
			"another site":              func() *httptest.ResponseRecorder { return b.fromElsewhere(path, "Sec-Fetch-Site", "cross-site") },
			"another site of the host":  func() *httptest.ResponseRecorder { return b.fromElsewhere(path, "Sec-Fetch-Site", "same-site") },
			"an older browser":          func() *httptest.ResponseRecorder { return b.fromElsewhere(path, "Origin", "https://evil.example") },
		} {
			got := try()
			asks := strings.Contains(got.Body.String(), `name="key"`)
			switch strings.HasPrefix(name, "GET") {
			case true:
				if got.Code != http.StatusOK || !asks {
					t.Errorf("%s, %s: got %d %s", path, name, got.Code, got.Body)
				}
			default:
				if name == "no key" && !strings.Contains(got.Body.String(), "Give the management key") {
					t.Errorf("%s, %s: got %s", path, name, got.Body)
				}
				if got.Code != http.StatusForbidden || !asks && !strings.Contains(got.Body.String(), "not allowed") {
					t.Errorf("%s, %s: got %d %s", path, name, got.Code, got.Body)
				}
			}
			if w.writes() > 0 {
				t.Fatalf("%s, %s: something was written", path, name)
			}
		}
	}
}

func (b *browser) fromElsewhere(path, header, value string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodPost, path, strings.NewReader(url.Values{"key": {b.key}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set(header, value)
	return b.send(r)
}

func TestEveryFailureIsWorded(t *testing.T) {
	if missing := console.Faults().Missing(); len(missing) > 0 {
		t.Errorf("no words for %v", missing)
	}
	for err, f := range console.Faults() {
		if console.Advice(f.Code) == "" {
			t.Errorf("of %v (%s) nobody is told what to do", err, f.Code)
		}
	}
}

func TestEveryAnswerHasTheHeadersOfAPage(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn()
	answers := map[string]*httptest.ResponseRecorder{
		"no route": b.get("/console/none"), "the door": b.get("/console/sign-in"), "away": w.browser().get("/console"),
		"no method": b.post("/console/audit", nil), "elsewhere": b.fromElsewhere("/console/sign-in", "Origin", "https://evil.example"),
		"an asset": b.get(console.AssetURL("console.css")), "no asset": b.get("/console/assets/none.css"), "live": b.get("/console/live"),
	}
	for _, page := range append(console.Sights(), console.Deeds()...) {
		answers[page.Path] = b.get(w.at(page.Path))
	}
	for name, got := range answers {
		for header, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Frame-Options":         "DENY", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
		} {
			if got.Header().Get(header) != want {
				t.Errorf("%s: %s is %q", name, header, got.Header().Get(header))
			}
		}
		if cached := got.Header().Get("Cache-Control"); cached != "no-store" && name != "an asset" {
			t.Errorf("%s: Cache-Control is %q", name, cached)
		}
		if body := got.Body.String(); strings.Contains(body, "style=") || strings.Contains(body, "<style") || strings.Contains(body, "javascript:") || strings.Contains(body, " on") && strings.Contains(body, ` onclick=`) {
			t.Errorf("%s has something inline", name)
		}
	}
}

func TestFailuresArePagesWithTheRequestsID(t *testing.T) {
	b := newWorld(t).signedIn()
	for path, want := range map[string]int{"/console/none": 404, "/console/accounts/nobody": 404, "/console/accounts/": 200, "/console/audit?cursor=x": 400} {
		got := b.get(path)
		if got.Code != want || !strings.Contains(got.Header().Get("Content-Type"), "text/html") || !strings.Contains(got.Body.String(), "<code>"+got.Header().Get("X-Request-Id")+"</code>") {
			t.Errorf("%s: got %d %v %s", path, got.Code, got.Header(), got.Body)
		}
	}
}

var _ = adapters.NoRoute
