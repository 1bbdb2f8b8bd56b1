package browser

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/chromedp/cdproto/network"

	"rekey/cmd/prove/browser/chromium"
	"rekey/core"
)

// enter signs in by dev's link.
func (s *scene) enter() {
	s.Open(s.site.Facts.Console.URL)
	s.answered(http.StatusOK)
	s.expect(s.path() == "/console", "the link signs in to %s", s.path())
}

// byInvitation signs in by the link that dev prints, and out again.
func byInvitation(s *scene) {
	s.enter()
	s.expect(!strings.Contains(s.Location(), "code"), "the code stays in the address")
	s.cookieIsGuarded()
	for _, path := range s.navigation() {
		s.Open(s.site.URL + path)
		s.answered(http.StatusOK)
		s.expect(s.Count("h1") == 1, "%s has %d main headings", path, s.Count("h1"))
		s.expect(s.Count(`nav [aria-current]`) > 0, "%s does not mark where one is", path)
	}
	p, err := s.site.settle(s.ctx, "", "")
	s.must("add an account", err)
	s.Open(s.site.URL + "/console/accounts/" + p.ID)
	s.shows(p.Email)
	s.Submit(`form[action$="/sign-out"] button`)
	s.shows("Sign in to the console")
	s.expect(len(s.Cookies()) == 0, "after signing out the browser keeps %d cookies", len(s.Cookies()))
	s.Back()
	s.hides(p.Email)
	s.Open(s.site.URL + "/console/accounts/" + p.ID)
	s.shows("Sign in to the console")
}

// navigation returns where the console's navigation leads.
func (s *scene) navigation() []string {
	paths := chromium.Eval[[]string](s.Visitor, `[...document.querySelectorAll("nav[aria-label=Console] a")].map(a => a.getAttribute("href"))`)
	s.expect(len(paths) >= 7, "the navigation has %v, want seven pages or more", paths)
	return paths
}

// cookieIsGuarded holds the session's cookie to what it must be.
func (s *scene) cookieIsGuarded() {
	cookies := s.Cookies()
	s.expect(len(cookies) == 1, "there are %d cookies, want one", len(cookies))
	if len(cookies) != 1 {
		return
	}
	c := cookies[0]
	s.expect(c.Name == "rekey-console" && c.Path == "/" && c.HTTPOnly && c.SameSite == network.CookieSameSiteStrict && len(c.Value) >= 43,
		"the cookie is %s of %s, HttpOnly %v, SameSite %s, %d characters", c.Name, c.Path, c.HTTPOnly, c.SameSite, len(c.Value))
	s.expect(chromium.Eval[string](s.Visitor, "document.cookie") == "", "a script can read the cookie")
	s.site.hide(c.Value)
}

// byKey signs in with a key, after one that is none, and comes to the page that
// was asked for.
func byKey(s *scene) {
	key, err := s.site.dev.Key(s.ctx, "acme", core.AccountsRead)
	s.must("make a key", err)
	s.site.hide(key.Reveal())
	s.Open(s.site.URL + "/console/accounts?q=nobody")
	s.shows("Sign in to the console")
	s.Type("#key", "rekey_"+strings.Repeat("x", 40))
	s.Submit("main form button")
	s.shows("This key does not open the console")
	s.expect(s.Attribute("#key", "aria-invalid") == "true", "the field is not marked as invalid")
	s.expect(s.Value("#key") == "", "the key is in the field again")
	s.Type("#key", key.Reveal())
	s.Submit("main form button")
	s.expect(strings.HasSuffix(s.Location(), "/console/accounts?q=nobody"), "it leads to %s", s.path())
	s.Open(s.site.URL + "/console/audit")
	s.answered(http.StatusForbidden)
	s.shows("audit:read")
	s.expect(s.Count(`nav a[href="/console/audit"]`) == 0, "a page is linked that the key does not open")
}

// search finds an account by each of its ids.
func search(s *scene) {
	name := "sought-" + strings.ToLower(newPassword()[7:15])
	p, err := s.site.settle(s.ctx, name, "")
	s.must("add an account", err)
	s.enter()
	for _, id := range []string{p.ID, name, strings.ToUpper(name), p.Email, "zap:" + p.External} {
		s.Open(s.site.URL + "/console/accounts")
		s.Paste("#q", id)
		s.Submit("main form[role=search] button")
		s.expect(s.Count("#found tbody tr") == 1, "%q finds %d accounts, want one", id, s.Count("#found tbody tr"))
		s.shows(p.Email)
	}
	s.Open(s.site.URL + "/console/accounts")
	s.Paste("#q", name[:len(name)-3])
	if s.manner.NoScript {
		s.Submit("main form[role=search] button")
	} else {
		s.Until(`document.querySelectorAll("#found tbody tr").length === 1`) // while typing
	}
	s.shows(p.Email)
	s.Submit("#found tbody a")
	s.expect(s.path() == "/console/accounts/"+p.ID, "the account is at %s", s.path())
	s.shows(p.ID, name, p.Email, p.External)
}

// rule disables and enables an account, ends its sessions and issues a link, with
// the key confirmed once.
func rule(s *scene) {
	p, err := s.site.settle(s.ctx, "", "")
	s.must("add an account", err)
	s.enter()
	page := s.site.URL + "/console/accounts/" + p.ID
	s.Open(page)
	s.Submit(`a[href$="/disable"]`)
	s.shows(p.Email, "Disable the account")
	s.confirmWith("rekey_" + strings.Repeat("x", 40))
	s.expect(s.Status >= 400, "a wrong key is answered %d", s.Status)
	s.expect(s.Attribute("#key", "aria-invalid") == "true", "the field is not marked as invalid")
	s.knows(p, p.Password, true)
	s.confirmWith(s.site.Facts.Manage.Key)
	s.expect(s.path() == "/console/accounts/"+p.ID, "it leads to %s", s.path())
	s.expect(s.Text("main [role=status]") != "", "nothing says that it was done")
	s.shows("disabled")
	s.knows(p, p.Password, false)

	s.Submit(`a[href$="/enable"]`)
	s.expect(s.Count("#key") == 0, "the key is asked for twice within its time")
	s.Submit("main form button")
	s.knows(p, p.Password, true)
	s.Submit(`a[href$="/end_sessions"]`)
	s.Submit("main form button")
	s.shows("valid if issued after")

	s.Submit(`a[href$="/reset_link"]`)
	s.Submit("main form button")
	link := s.Value("#link")
	_, token, found := strings.Cut(link, "token=")
	s.site.hide(token)
	s.expect(found && !strings.Contains(s.Location(), token), "the link is not shown, or in the page's address")
	s.Open(page)
	s.expect(found && !strings.Contains(chromium.Eval[string](s.Visitor, "document.documentElement.outerHTML"), token), "the link is shown again")
	s.Open(link)
	s.shows("Choose a new password", p.Email)
	fresh := newPassword()
	s.choose(fresh)
	s.knows(p, fresh, true)
	s.Open(page)
	for _, action := range []string{"account.disabled", "account.enabled", "token.issued", "password.changed"} {
		s.expect(strings.Contains(s.Text("table.events"), action), "the history lacks %s", action)
	}
}

func (s *scene) confirmWith(key string) {
	s.Type("#key", key)
	s.Submit("main form button")
}

// audited filters the trail and takes it away in both forms.
func audited(s *scene) {
	p, err := s.site.settle(s.ctx, "", "")
	s.must("add an account", err)
	_, err = s.site.link(s.ctx, p)
	s.must("issue a link", err)
	s.enter()
	s.Open(s.site.URL + "/console/audit")
	s.Paste("#account", p.Email)
	s.Choose("#what", "token.issued")
	s.Submit("main form button")
	rows := s.Count("table.events tbody tr")
	s.expect(rows == 1, "the filters leave %d events, want one", rows)
	s.shows("token.issued")
	for kind, lines := range map[string]int{"csv": 2, "jsonl": 1} {
		text := s.Download(fmt.Sprintf(`a[download][href*="export.%s"]`, kind))
		got := strings.Count(strings.TrimSpace(text), "\n") + 1
		s.expect(strings.Contains(text, p.ID) && strings.Contains(text, "token.issued"), "the %s does not have the event: %.200q", kind, text)
		s.expect(got >= lines && got <= lines+1, "the %s has %d lines, want %d and at most an end", kind, got, lines)
	}
}
