package browser

import (
	"io"
	"net/http"
	"strings"

	"rekey/cmd/prove/browser/chromium"
)

// useLink follows a live link, is refused twice, changes the password, and finds
// the link spent.
func useLink(s *scene) {
	p, err := s.site.settle(s.ctx, "", "")
	s.must("add an account", err)
	link, err := s.site.link(s.ctx, p)
	s.must("issue a link", err)
	s.scan(link)
	s.Open(link)
	s.answered(http.StatusOK)
	s.shows("Choose a new password", p.Email)
	s.expect(s.Value("#reset input[autocomplete=username]") == p.Email, "no password manager is told whose password it is")
	s.expect(s.Attribute("#password", "autocomplete") == "new-password", "no password manager is told that it is a new one")

	s.choose("password12")
	s.refused("password12", "Many people use this password")
	s.choose(p.Password)
	s.refused(p.Password, "You have used this password here before")

	fresh := newPassword()
	s.choose(fresh)
	s.answered(http.StatusOK)
	s.shows("Your password was changed")
	s.expect(!strings.Contains(s.Location(), "token"), "the token is in the address of the page that comes after")
	s.knows(p, fresh, true)
	s.knows(p, p.Password, false)

	s.Open(link)
	s.answered(http.StatusGone)
	s.shows("This link was used already")
	s.expect(s.Count("#password") == 0, "there is a form for a link that is spent")
}

// scan looks at the link as a mail's scanner does, and as somebody who leaves.
func (s *scene) scan(link string) {
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
		answer, err := ask(s, method, link)
		s.must("scan the link", err)
		s.expect(err != nil || answer == http.StatusOK, "a scanner's %s is answered %d", method, answer)
	}
	s.Open(link)
	s.Leave()
}

// ask asks without a browser.
func ask(s *scene, method, url string) (status int, err error) {
	request, err := http.NewRequestWithContext(s.ctx, method, url, nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

// choose fills in the form and sends it.
func (s *scene) choose(password string) {
	s.Type("#password", password)
	if s.manner.NoScript {
		s.Type("#repeat", password)
	}
	s.Submit("#reset button.main")
}

// refused expects the form again, which says why beside the field and to whoever
// cannot see it.
func (s *scene) refused(password, why string) {
	s.answered(http.StatusUnprocessableEntity)
	s.expect(strings.HasPrefix(chromium.Eval[string](s.Visitor, "document.title"), "Error:"), "the title does not begin with the error")
	s.settled()
	s.expect(chromium.Eval[bool](s.Visitor, `document.activeElement.matches(".summary")`), "the focus is not on the summary but on %v", s.Focused())
	s.expect(s.Attribute("#password", "aria-invalid") == "true", "the field is not marked as invalid")
	told := chromium.Eval[string](s.Visitor, `document.querySelector("#password").getAttribute("aria-describedby").split(" ").map(id => document.getElementById(id)?.innerText ?? "MISSING " + id).join(" ")`)
	s.expect(strings.Contains(told, why) && !strings.Contains(told, "MISSING"), "the field is described by %q, want %q", told, why)
	s.expect(s.Value("#password") == "", "the password is in the field again")
	s.expect(!strings.Contains(chromium.Eval[string](s.Visitor, "document.documentElement.outerHTML"), password), "the password is in the page")
}

// knows expects the password to be the person's, or not.
func (s *scene) knows(p person, password string, want bool) {
	got, err := s.site.knows(s.ctx, p, password)
	s.must("verify", err)
	s.expect(err != nil || got == want, "the password is the person's: %v, want %v", got, want)
}

// deadLinks follows links that are no good, each for its own reason.
func deadLinks(s *scene) {
	p, err := s.site.settle(s.ctx, "", "")
	s.must("add an account", err)
	expired, err := s.site.expired(s.ctx, p)
	s.must("issue an expired link", err)
	older, err := s.site.link(s.ctx, p)
	s.must("issue a link", err)
	newer, err := s.site.link(s.ctx, p)
	s.must("issue a newer link", err)
	for _, dead := range []struct {
		link, title string
		status      int64
	}{
		{expired, "This link has expired", http.StatusGone},
		{older, "This link is no longer good", http.StatusGone},
		{s.site.URL + "/reset-password?token=" + strings.Repeat("A", 43), "This link does not work", http.StatusNotFound},
		{s.site.URL + "/reset-password", "This link does not work", http.StatusNotFound},
	} {
		s.Open(dead.link)
		s.answered(dead.status)
		s.expect(s.Text("h1") == dead.title, "the page says %q, want %q", s.Text("h1"), dead.title)
		s.expect(s.Count("#password") == 0, "there is a form for a dead link")
		s.expect(s.Attribute("main a.main", "href") != "", "%s: there is no way on", dead.title)
	}
	s.Submit("main a.main")
	s.expect(s.Text("h1") == "Forgot your password?", "the way on leads to %q", s.Text("h1"))
	s.Open(newer)
	s.answered(http.StatusOK)
}

// repeatCatches types two passwords that differ, where there are no scripts.
func repeatCatches(s *scene) {
	p, err := s.site.settle(s.ctx, "", "")
	s.must("add an account", err)
	link, err := s.site.link(s.ctx, p)
	s.must("issue a link", err)
	s.Open(link)
	s.Type("#password", newPassword())
	s.Type("#repeat", newPassword())
	s.Submit("#reset button.main")
	s.answered(http.StatusUnprocessableEntity)
	s.expect(strings.Contains(s.Text("#repeat-problem"), "differ"), "beside the field is %q", s.Text("#repeat-problem"))
	s.expect(s.Attribute("#repeat", "aria-invalid") == "true", "the field is not marked as invalid")
	s.knows(p, p.Password, true)
}

// helpWhileTyping sees which rules are met, and how strong the password is, and
// sees it by request only.
func helpWhileTyping(s *scene) {
	p, err := s.site.settle(s.ctx, "", "")
	s.must("add an account", err)
	link, err := s.site.link(s.ctx, p)
	s.must("issue a link", err)
	s.Open(link)
	s.Type("#password", "abc")
	s.Until(`document.querySelector("#status").textContent.includes("requirements met")`)
	s.Until(`document.querySelector("[data-rule=too_short]").innerText.includes("not met yet")`)
	weak := chromium.Eval[float64](s.Visitor, `document.querySelector("#meter").value`)
	s.Paste("#password", newPassword()+newPassword())
	s.Until(`document.querySelector("[data-rule=too_short]").innerText.includes("met:") && !document.querySelector("[data-rule=too_short]").innerText.includes("not met")`)
	s.Until(`document.querySelector("#meter").value > 2`)
	s.expect(weak < 2, "three letters have the strength %v", weak)
	s.expect(s.Attribute("#password", "type") == "password", "the password shows without being asked for")
	s.Click("#show")
	s.expect(s.Attribute("#password", "type") == "text", "it does not show")
	s.Submit("#reset button.main")
	s.shows("Your password was changed")
}
