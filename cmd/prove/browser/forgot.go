package browser

import (
	"crypto/rand"
	"net/http"
	"strings"

	"rekey/cmd/prove/browser/chromium"
)

// forgotAlike asks for a link to an address that is known and to one that is not,
// and follows the one that is mailed.
func forgotAlike(s *scene) {
	p, err := s.site.settle(s.ctx, "", "")
	s.must("add an account", err)
	var seen []string
	for _, address := range []string{p.Email, "nobody-" + strings.ToLower(rand.Text()[:8]) + "@acme.example"} {
		s.Open(s.site.URL + "/forgot-password")
		s.answered(http.StatusOK)
		s.Type("#email", address)
		s.Submit("#forgot button.main")
		s.answered(http.StatusOK)
		s.shows("Look into your mailbox")
		s.hides(address)
		s.expect(!strings.Contains(s.Location(), "@"), "the address is in the page's address")
		seen = append(seen, chromium.Eval[string](s.Visitor, "document.documentElement.outerHTML"))
	}
	s.expect(s.Err() != nil || seen[0] == seen[1], "a known and an unknown address get different pages")
	link := s.site.mailed(s.ctx, p.Email)
	s.expect(link != "", "no mail came")
	if link != "" {
		s.Open(link)
		s.answered(http.StatusOK)
		s.shows("Choose a new password", p.Email)
	}
}

// forgotNothing sends the form empty.
func forgotNothing(s *scene) {
	s.Open(s.site.URL + "/forgot-password")
	chromium.Eval[bool](s.Visitor, `document.querySelector("#email").removeAttribute("required"), true`) // as an old browser would
	s.Submit("#forgot button.main")
	s.answered(http.StatusUnprocessableEntity)
	s.expect(s.Attribute("#email", "aria-invalid") == "true", "the field is not marked as invalid")
	s.expect(strings.Contains(s.Text("#email-problem"), "Type the e-mail address"), "beside the field is %q", s.Text("#email-problem"))
}

// languages reads German because the browser asks for it, switches to English, and
// loses neither the link nor the choice.
func languages(s *scene) {
	p, err := s.site.settle(s.ctx, "", "")
	s.must("add an account", err)
	link, err := s.site.link(s.ctx, p)
	s.must("issue a link", err)
	german := s.manner
	german.Language = "de-AT,de,en"
	s.Become(german)
	s.Open(link)
	s.expect(s.Attribute("html", "lang") == "de", "the page's language is %q, want German", s.Attribute("html", "lang"))
	s.shows("Neues Passwort wählen")
	s.Submit(`footer button[value=en]`)
	s.expect(s.Attribute("html", "lang") == "en", "switched, the page's language is %q", s.Attribute("html", "lang"))
	s.shows("Choose a new password")
	s.expect(!strings.Contains(s.Location(), "token"), "the switch puts the token into an address")
	s.choose("password12")
	s.shows("Many people use this password")
	s.choose(newPassword())
	s.shows("Your password was changed")
	s.Open(s.site.URL + "/forgot-password")
	s.shows("Passwort vergessen?")
	s.Submit(`footer button[value=en]`)
	s.shows("Forgot your password?")
}

// wellKnown leads password managers to the page.
func wellKnown(s *scene) {
	s.Open(s.site.URL + "/.well-known/change-password")
	s.expect(s.path() == "/forgot-password", "it leads to %s", s.path())
}
