package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/chromedp/chromedp/kb"

	"rekey/cmd/prove/browser/chromium"
)

// plotsMove sees changes and a refusal on the overview, without loading it again.
func plotsMove(s *scene) {
	s.enter()
	const changed = `Number(document.querySelector("#tiles li:first-child strong").textContent.replace(/\D/g, ""))`
	before := chromium.Eval[int](s.Visitor, changed)
	chromium.Eval[bool](s.Visitor, "window.stays = true")
	for range 3 {
		s.changeByDialect()
	}
	s.Until(fmt.Sprintf("%s >= %d", changed, before+3))
	s.expect(chromium.Eval[bool](s.Visitor, "window.stays === true"), "the page was loaded again")
	s.expect(strings.Contains(s.Text("#changes .legend"), "unleash"), "the legend of the changes is %q", s.Text("#changes .legend"))
	s.expect(strings.Contains(s.Attribute("#changes .picture .line", "d"), "L") || strings.Contains(s.Attribute("#changes .picture .line", "d"), "l") ||
		strings.Contains(s.Attribute("#changes .picture .line", "d"), "H"), "the plot has no line but %q", s.Attribute("#changes .picture .line", "d"))
}

// changeByDialect changes a password by a reset token, as Unleash's frontend does.
func (s *scene) changeByDialect() {
	p, err := s.site.settle(s.ctx, "", "")
	s.must("add an account", err)
	link, err := s.site.link(s.ctx, p)
	s.must("issue a link", err)
	_, token, _ := strings.Cut(link, "token=")
	body, _ := json.Marshal(map[string]string{"token": token, "password": newPassword()})
	request, err := http.NewRequestWithContext(s.ctx, http.MethodPost, s.site.URL+"/auth/reset/password", bytes.NewReader(body))
	s.must("change a password", err)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	s.must("change a password", err)
	if err == nil {
		s.expect(answer.StatusCode == http.StatusOK, "the dialect answers %d", answer.StatusCode)
		_ = answer.Body.Close()
	}
}

// operatorByKeyboard goes through every page by keyboard, and disables an account.
func operatorByKeyboard(s *scene) {
	p, err := s.site.settle(s.ctx, "", "")
	s.must("add an account", err)
	s.Open(s.site.URL + "/console/sign-in")
	s.tour()
	s.tabTo("input#key")
	s.Press(s.site.Facts.Manage.Key)
	s.SubmitBy(kb.Enter)
	s.expect(s.path() == "/console", "Enter leads to %s", s.path())
	s.Press(kb.Tab)
	first := s.Focused()
	s.expect(first.What == "a Skip to the content" && first.Visible, "Tab leads to %+v first, want the link that skips", first)
	s.Press(kb.Enter)
	s.expect(s.Attribute("main", "id") != "" && s.here() == chromium.Eval[string](s.Visitor, numbered(`document.querySelector("main")`)), "the link skips to %s", s.here())
	for _, path := range []string{"/console?live=off", "/console/accounts/" + p.ID, "/console/audit", "/console/deliveries", "/console/dialects", "/console/configuration?changed=1", "/console/findings"} {
		s.Open(s.site.URL + path)
		s.tour()
	}
	s.Open(s.site.URL + "/console/accounts/" + p.ID)
	s.tabTo("a Disable")
	s.SubmitBy(kb.Enter)
	s.tour()
	s.tabTo("input#key")
	s.Press(s.site.Facts.Manage.Key)
	s.SubmitBy(kb.Enter)
	s.shows("The account is disabled")
	s.knows(p, p.Password, false)
}

// hostileInConsole looks at accounts with hostile names wherever the console shows
// them.
func hostileInConsole(s *scene) {
	s.enter()
	for _, name := range hostileNames() {
		p, err := s.site.settle(s.ctx, name, hostileDisplay)
		s.must("add an account", err)
		_, err = s.site.link(s.ctx, p)
		s.must("issue a link", err)
		one := s.site.URL + "/console/accounts/" + p.ID
		for _, address := range []string{one, one + "/disable", one + "/reset_link"} {
			s.Open(address)
			s.answered(http.StatusOK)
			s.shows(name)
			s.untouched()
		}
		s.expect(!strings.ContainsAny(s.Text("body"), "\u202e\u2066\u200b"), "what turns the order of words is not spelt out")
		s.Open(s.site.URL + "/console/accounts")
		s.Paste("#q", name)
		s.Submit("main form[role=search] button")
		s.shows(name)
		s.untouched()
		s.Open(s.site.URL + "/console/audit")
		s.Paste("#account", name)
		s.Submit("main form button")
		s.untouched()
		s.Open(s.site.URL + "/console/configuration")
		s.Paste("#q", name)
		s.Submit("main form button")
		s.untouched()
	}
}
