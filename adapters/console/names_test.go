package console_test

import (
	"net/url"
	"strings"
	"testing"

	"rekey/adapters/console"
	"rekey/core"
)

func TestNamesAreTextAndNeverMarkup(t *testing.T) {
	w := newWorld(t)
	a := w.account(core.NewAccount{Username: hostile, Name: hostile + `"'`, ExternalIDs: map[string]string{"zap": `"><script>alert(1)</script>`}})
	b := w.signedIn()
	path := "/console/accounts/" + string(a.ID)
	pages := []string{
		"/console/accounts", path, path + "/disable", "/console/accounts?q=" + url.QueryEscape(hostile), "/console/audit?who=" + url.QueryEscape(hostile),
		"/console/sign-in?to=" + url.QueryEscape(`/console/"><script>`), "/console/audit?dialect=" + url.QueryEscape(`"><script>`),
	}
	for _, page := range pages {
		body := b.get(page).Body.String()
		if strings.Contains(body, "<img") || strings.Contains(strings.ToLower(body), "<script>") || strings.Contains(body, `"><script`) {
			t.Errorf("%s has markup: %s", page, body)
		}
	}
	b.holds(path, "&lt;img src=x onerror=alert(1)&gt;")
	got := b.post(path+"/reset_link", url.Values{"key": {b.key}})
	if strings.Contains(got.Body.String(), "<img") || !strings.Contains(got.Body.String(), "&lt;img") {
		t.Errorf("the link's page has markup: %s", got.Body)
	}
}

func TestWhatCannotBeSeenIsSpeltOut(t *testing.T) {
	for text, want := range map[string]string{
		"ada": "ada", "\u202eada": "⟨U+202E⟩ada", "a\u200bd\u2066a": "a⟨U+200B⟩d⟨U+2066⟩a", "a\nb\x00": "a⟨U+000A⟩b⟨U+0000⟩", "été 😀": "été 😀", "\ufeff": "⟨U+FEFF⟩", "": "",
	} {
		if got := console.Visible(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	w := newWorld(t)
	b := w.signedIn()
	noError(t, w.store.CreateAccount(t.Context(), core.Account{ID: "odd", Tenant: tenant, Username: "x", Name: "eve\u202egnp.exe", CreatedAt: w.now, Email: "e\u2067ve@acme.example"}, core.Event{}))
	for _, page := range []string{"/console/accounts", "/console/accounts/odd", "/console/accounts/odd/disable"} {
		if body := b.get(page).Body.String(); strings.ContainsAny(body, "\u202e\u2067") {
			t.Errorf("%s turns text around", page)
		}
	}
	b.holds("/console/accounts/odd", "eve⟨U&#43;202E⟩gnp.exe", "e⟨U&#43;2067⟩ve@acme.example")
}
