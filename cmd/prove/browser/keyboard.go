package browser

import (
	"slices"
	"strings"

	"github.com/chromedp/chromedp/kb"

	"rekey/cmd/prove/browser/chromium"
)

// byKeyboard changes a password without a pointer.
func byKeyboard(s *scene) {
	p, err := s.site.settle(s.ctx, "", "")
	s.must("add an account", err)
	link, err := s.site.link(s.ctx, p)
	s.must("issue a link", err)
	s.Open(link)
	s.tour()
	s.Open(link)
	s.tabTo("input#password")
	s.Press("word1")
	if s.manner.NoScript {
		s.tabTo("input#repeat")
		s.Press("word1")
	} else {
		s.tabTo("input#show")
		s.Press(" ")
		s.expect(s.Attribute("#password", "type") == "text", "Space does not show the password")
		s.Press(" ")
		s.expect(s.Attribute("#password", "type") == "password", "Space does not hide it again")
	}
	s.SubmitBy(kb.Enter)
	s.refused("word1", "too short")
	s.tour()
	fresh := newPassword()
	s.tabTo("input#password")
	s.Press(fresh)
	if s.manner.NoScript {
		s.tabTo("input#repeat")
		s.Press(fresh)
	}
	s.SubmitBy(kb.Enter)
	s.shows("Your password was changed")
}

// tabTo presses Tab until the keyboard is there.
func (s *scene) tabTo(what string) {
	for range 40 {
		s.Press(kb.Tab)
		if f := s.Focused(); strings.HasPrefix(f.What, what) {
			s.expect(f.Visible, "the focus on %s does not show", f.What)
			return
		}
	}
	s.expect(false, "Tab does not lead to %s", what)
}

// tour presses Tab from the beginning to the end, and backwards: everything that
// can be used is come by, in the order of the page, and shows it.
func (s *scene) tour() {
	s.settled()
	chromium.Eval[bool](s.Visitor, `(b => { b.tabIndex = -1; b.focus(); b.removeAttribute("tabindex"); scrollTo(0, 0); return true })(document.body)`)
	var stops []string
	for range 300 {
		s.Press(kb.Tab)
		f, here := s.Focused(), s.here()
		if len(stops) > 0 && here == stops[len(stops)-1] {
			continue // a part of it, such as the month of a date
		}
		if s.Err() != nil || f.What == "body" || slices.Contains(stops, here) {
			break
		}
		s.expect(f.Visible, "on %s the focus on %s does not show", s.path(), f.What)
		stops = append(stops, here)
	}
	want := chromium.Eval[[]string](s.Visitor, usable)
	s.expect(slices.Equal(sorted(stops), sorted(want)), "Tab comes by %v, want %v", stops, want)
	s.expect(slices.IsSorted(stops), "Tab goes by another way than the page: %v", stops)
}

// settled waits until the page has put the focus where it wants it first.
func (s *scene) settled() {
	s.Until(`!document.querySelector("[autofocus]") || document.activeElement !== document.body`)
}

func sorted(stops []string) []string { return slices.Sorted(slices.Values(stops)) }

// here tells the element that has the focus, by its place in the page.
func (s *scene) here() string {
	return chromium.Eval[string](s.Visitor, numbered("document.activeElement"))
}

// numbered is an expression that names an element by its place in the page.
func numbered(element string) string {
	return `(e => String([...document.querySelectorAll("*")].indexOf(e)).padStart(4, "0") + " " + e.tagName + "#" + e.id)(` + element + `)`
}

// usable are the elements that can be used, named alike.
var usable = `[...document.querySelectorAll("*")].filter(e =>
	e.matches("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']") && !e.disabled && e.checkVisibility({visibilityProperty: true})).map(e => ` + numbered("e") + `)`
