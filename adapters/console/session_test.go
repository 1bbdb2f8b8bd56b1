package console_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"rekey/adapters/console"
	"rekey/core"
)

func TestTheCookieIsTheBrowsersAlone(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*http.Request)
		cookie string
		secure bool
	}{
		"plain":                        {func(*http.Request) {}, "rekey-console", false},
		"TLS":                          {func(r *http.Request) { r.TLS = &tls.ConnectionState{} }, "__Host-rekey-console", true},
		"TLS at a trusted proxy":       {func(r *http.Request) { r.RemoteAddr = "10.1.2.3:1"; r.Header.Set("X-Forwarded-Proto", "https") }, "__Host-rekey-console", true},
		"no TLS at a trusted proxy":    {func(r *http.Request) { r.RemoteAddr = "10.1.2.3:1"; r.Header.Set("X-Forwarded-Proto", "http") }, "rekey-console", false},
		"somebody who says it was TLS": {func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") }, "rekey-console", false},
	} {
		w := newWorld(t)
		form := url.Values{"key": {w.key("operator", core.Scopes()...)}}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/console/sign-in", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		c.change(r)
		b := w.browser()
		b.send(r)
		got := b.cookies[c.cookie]
		if got == nil || got.Secure != c.secure || !got.HttpOnly || got.SameSite != http.SameSiteStrictMode || got.Path != "/" || got.Domain != "" || got.MaxAge != 0 || len(got.Value) < 43 {
			t.Errorf("%s: got %+v", name, b.cookies)
		}
	}
}

func TestWhoHasNoKeyStaysOutside(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	for _, key := range []string{"", "rekey_wrong", strings.Repeat("x", 5000)} {
		got := b.post("/console/sign-in", url.Values{"key": {key}, "to": {"/console/audit"}})
		if got.Code != http.StatusForbidden || len(b.cookies) > 0 || !strings.Contains(got.Body.String(), "This key does not open the console") ||
			!strings.Contains(got.Body.String(), `value="/console/audit"`) || key != "" && strings.Contains(got.Body.String(), key) {
			t.Errorf("%.20q: got %d %s", key, got.Code, got.Body)
		}
	}
	if !strings.Contains(w.log.String(), "code=unauthenticated") || strings.Contains(w.log.String(), "rekey_wrong") {
		t.Errorf("the log has %s", w.log)
	}
}

func TestTooManyWrongKeysMustWait(t *testing.T) {
	b := newWorld(t).browser()
	for range 100 {
		got := b.post("/console/sign-in", url.Values{"key": {"rekey_wrong"}})
		if got.Code == http.StatusTooManyRequests {
			if got.Header().Get("Retry-After") == "" || !strings.Contains(got.Body.String(), "Too many attempts") {
				t.Errorf("got %v %s", got.Header(), got.Body)
			}
			return
		}
	}
	t.Error("nobody was told to wait")
}

func TestASessionThatIsOverLeadsToTheDoorAndBack(t *testing.T) {
	b := newWorld(t).signedIn()
	b.now = b.now.Add(15 * time.Minute)
	got := b.get("/console/audit?what=token.issued")
	if to := got.Header().Get("Location"); got.Code != http.StatusSeeOther || to != "/console/sign-in?done=session-over&to=%2Fconsole%2Faudit%3Fwhat%3Dtoken.issued" || len(b.cookies) > 0 {
		t.Fatalf("got %d %s, cookies %v", got.Code, to, b.cookies)
	}
	if door := b.get(got.Header().Get("Location")).Body.String(); !strings.Contains(door, `name="to" value="/console/audit?what=token.issued"`) || !strings.Contains(door, "The session has ended") {
		t.Errorf("the door is %s", door)
	}
	got = b.post("/console/sign-in", url.Values{"key": {b.key}, "to": {"/console/audit?what=token.issued"}})
	if to := got.Header().Get("Location"); got.Code != http.StatusSeeOther || to != "/console/audit?what=token.issued" {
		t.Errorf("signed in again: got %d %s", got.Code, to)
	}
}

// A browser keeps the cookie back from whoever comes by a link on another site.
func TestAVisitFromElsewhereSignsNobodyOut(t *testing.T) {
	w := newWorld(t)
	got := w.browser().get("/console/audit")
	if set := got.Header().Values("Set-Cookie"); got.Code != http.StatusSeeOther || len(set) > 0 {
		t.Errorf("got %d, cookies %q", got.Code, set)
	}
}

func TestAFormOfAScriptIsReadIfItIsInUTF8(t *testing.T) {
	w := newWorld(t)
	form := url.Values{"key": {w.key("operator", core.Scopes()...)}}.Encode()
	for kind, want := range map[string]int{
		"application/x-www-form-urlencoded":                     http.StatusSeeOther,
		"application/x-www-form-urlencoded; charset=UTF-8":      http.StatusSeeOther,
		"application/x-www-form-urlencoded;charset=utf-8":       http.StatusSeeOther,
		"application/x-www-form-urlencoded; charset=iso-8859-1": http.StatusUnsupportedMediaType,
		"application/x-www-form-urlencoded; charset":            http.StatusUnsupportedMediaType,
		"multipart/form-data; boundary=x":                       http.StatusUnsupportedMediaType,
		"text/plain":                                            http.StatusUnsupportedMediaType,
		"":                                                      http.StatusUnsupportedMediaType,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/console/sign-in", strings.NewReader(form))
		r.Header.Set("Content-Type", kind)
		if got := w.browser().send(r); got.Code != want {
			t.Errorf("%q is answered %d, want %d", kind, got.Code, want)
		}
	}
}

func TestNobodyIsLedElsewhere(t *testing.T) {
	for text, want := range map[string]string{
		"/console": "/console", "/console/audit?who=x%26y": "/console/audit?who=x%26y", "/console/accounts/1/disable": "/console/accounts/1/disable",
		"": "/console", "https://evil.example/console": "/console", "//evil.example/console": "/console", `/\evil.example`: "/console",
		"/console/../x": "/console", "/consolex": "/console", "javascript:alert(1)": "/console", "/console//evil": "/console", "/": "/console",
		"/console/sign-in": "/console", "/console/live": "/console", "/console\n/x": "/console", "console": "/console", "/console/%2e%2e/x": "/console",
		"\thttps://evil.example": "/console", "///evil.example": "/console", "/console/sign-out": "/console",
	} {
		if got := console.OwnPath(text); got != want {
			t.Errorf("%q leads to %q, want %q", text, got, want)
		}
	}
}

func TestSigningOutEndsTheSession(t *testing.T) {
	b := newWorld(t).signedIn()
	kept := b.cookies["rekey-console"]
	if got := b.post("/console/sign-out", nil); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/console/sign-in?done=signed-out" || len(b.cookies) > 0 {
		t.Errorf("got %d %v, cookies %v", got.Code, got.Header(), b.cookies)
	}
	b.cookies["rekey-console"] = kept
	if got := b.get("/console/accounts"); got.Code != http.StatusSeeOther || !strings.HasPrefix(got.Header().Get("Location"), "/console/sign-in") {
		t.Errorf("the old cookie is answered %d %s", got.Code, got.Body)
	}
	if got := b.get("/console/sign-out"); got.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET is answered %d", got.Code)
	}
}

func TestARevokedKeyEndsItsSessions(t *testing.T) {
	b := newWorld(t).signedIn()
	keys, err := b.service.AccessKeys.AccessKeys(t.Context(), tenant, "", 10)
	noError(t, err)
	noError(t, b.service.RevokeAccessKey(t.Context(), tenant, keys[0].Name, "root", core.Origin{}))
	if got := b.get("/console/accounts"); got.Code != http.StatusSeeOther {
		t.Errorf("got %d", got.Code)
	}
}

func TestSigningInLeadsToTheFirstPageThatTheKeyOpens(t *testing.T) {
	for want, scopes := range map[string][]core.Scope{
		"/console": core.Scopes(), "/console/accounts": without(core.InstallationRead), "/console/audit": {core.TokensIssue, core.AuditRead},
	} {
		w := newWorld(t)
		got := w.browser().post("/console/sign-in", url.Values{"key": {w.key("operator", scopes...)}, "to": {"/console"}})
		if to := got.Header().Get("Location"); to != want {
			t.Errorf("%s: led to %s, want %s", scopes, to, want)
		}
	}
}

func TestSigningInAnewEndsTheOlderSession(t *testing.T) {
	b := newWorld(t).signedIn()
	kept := *b.cookies["rekey-console"]
	b.post("/console/sign-in", url.Values{"key": {b.key}})
	if b.cookies["rekey-console"].Value == kept.Value {
		t.Error("the token is the same")
	}
	b.cookies["rekey-console"] = &kept
	if got := b.get("/console/accounts"); got.Code != http.StatusSeeOther {
		t.Errorf("the older session is answered %d", got.Code)
	}
}

func TestAnInvitationSignsInAndNothingElseDoes(t *testing.T) {
	invitation := &console.Invitation{Code: core.NewSecret("open sesame")}
	w := newWorld(t, func(p *console.Parts) { p.Invited = invitation })
	invitation.Key = core.NewSecret(w.key("dev", core.Scopes()...))
	for code, want := range map[string]int{"open+sesame": http.StatusSeeOther, "open+sesam": http.StatusOK, "": http.StatusOK} {
		b := w.browser()
		if got := b.get("/console/sign-in?code=" + code); got.Code != want || (len(b.cookies) == 1) != (want == http.StatusSeeOther) {
			t.Errorf("%q: got %d, cookies %v", code, got.Code, b.cookies)
		}
	}
	invitation.Code = core.Secret{}
	if got := w.browser().get("/console/sign-in?code="); got.Code != http.StatusOK {
		t.Errorf("without an invitation nothing signs in, got %d", got.Code)
	}
	if got := newWorld(t).browser().get("/console/sign-in?code=open+sesame"); got.Code != http.StatusOK {
		t.Errorf("nobody is invited, got %d", got.Code)
	}
}
