package browser

import (
	"crypto/rand"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"

	"rekey/cmd/prove/browser/chromium"
)

// hostileNames try to become markup, a script, another attribute or another
// order of the words. Each ends with what makes it one account's.
func hostileNames() []string {
	mark := strings.ToLower(rand.Text()[:8])
	return []string{
		`<img src=x onerror=alert(1)>"'` + "`" + mark,
		`</title></textarea><script>alert(2)</script>{{.}}${7*7}` + mark,
		`" autofocus onfocus=alert(3) x="` + mark,
		strings.Repeat("W", 256-len(mark)) + mark,
	}
}

// hostileDisplay is a name that its owner is shown by, and no login: it may hold
// what turns the order of words.
const hostileDisplay = "\u202egpj.exe\u2066 <svg onload=alert(4)>\u200b"

// untouched expects that nothing of a hostile name became markup.
func (s *scene) untouched() {
	found := s.Count("main img, main svg[onload], main script, [onerror], [onfocus], [onload]")
	s.expect(found == 0, "on %s a name became %d elements", s.path(), found)
}

// hostileAccount resets the passwords of accounts with hostile names.
func hostileAccount(s *scene) {
	for _, name := range hostileNames() {
		p, err := s.site.settle(s.ctx, name, hostileDisplay)
		s.must("add an account", err)
		link, err := s.site.link(s.ctx, p)
		s.must("issue a link", err)
		s.Open(link)
		s.shows(name)
		s.untouched()
		for _, wide := range s.Overflow() {
			s.expect(false, "%s", wide)
		}
		s.choose("password12")
		s.shows(name)
		s.untouched()
	}
}

// hostileAddress writes markup where an address and a token are expected.
func hostileAddress(s *scene) {
	for _, text := range hostileNames() {
		s.Open(s.site.URL + "/forgot-password")
		s.Paste("#email", text)
		s.Submit("#forgot button.main")
		s.untouched()
		s.Open(s.site.URL + "/reset-password?token=" + url.QueryEscape(text) + "&lang=" + url.QueryEscape(text))
		s.answered(http.StatusNotFound)
		s.untouched()
	}
}

// foreign is a page of another site.
var foreign = template.Must(template.New("").Parse(`<title>Another</title>
{{with .Frame}}<iframe src="{{$.Site}}{{.}}"></iframe>{{end}}
{{with .Form}}<form method="post" action="{{$.Site}}{{.}}"><input name="{{$.Field}}" value="ada@acme.example"><button>Win</button></form>{{end}}`))

// anotherSite embeds the pages into another site's, and sends their forms from
// there.
func anotherSite(s *scene) {
	paths := []string{"/forgot-password", "/reset-password", "/console", "/console/sign-in"}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = foreign.Execute(w, map[string]string{"Site": s.site.URL, "Frame": r.FormValue("frame"), "Form": r.FormValue("form"), "Field": r.FormValue("field")})
	}))
	defer other.Close()
	for _, path := range paths {
		s.Open(other.URL + "/?frame=" + path)
		refused := slices.ContainsFunc(s.Forgive(), func(c string) bool {
			return strings.Contains(c, "frame-ancestors") || strings.Contains(c, "X-Frame-Options")
		})
		s.expect(refused, "%s may be framed", path)
	}
	for path, field := range map[string]string{"/forgot-password": "email", "/console/sign-in": "key", "/console/sign-out": "key"} {
		s.Open(other.URL + "/?form=" + path + "&field=" + field)
		s.Submit("button")
		s.answered(http.StatusForbidden)
		s.Forgive()
	}
}

// calm visits with reduced motion, where nothing moves, and with forced colours,
// where everything still shows.
func calm(s *scene) {
	p, err := s.site.settle(s.ctx, "", "")
	s.must("add an account", err)
	link, err := s.site.link(s.ctx, p)
	s.must("issue a link", err)
	s.plain(link, "#password", "button.main", "h1")
	s.plain(s.site.URL+"/forgot-password", "#email", "button.main", "h1")
	s.enter()
	s.plain(s.site.URL+"/console", "h1", "#tiles", "svg.picture", "nav a")
	s.plain(s.site.URL+"/console/accounts", "h1", "#q", "main form button", "table")
}

// plain looks at a page in both manners.
func (s *scene) plain(address string, parts ...string) {
	m := s.manner
	m.Still = true
	s.Become(m)
	s.Open(address)
	moving := chromium.Eval[[]string](s.Visitor, `[...document.querySelectorAll("*")].filter(e => { const s = getComputedStyle(e)
		return [...s.transitionDuration.split(","), ...s.animationDuration.split(",")].some(d => parseFloat(d) > 0.01) }).map(e => e.tagName + "#" + e.id)`)
	s.expect(len(moving) == 0, "with reduced motion %v move on %s", moving, s.path())
	m.Still, m.Forced = false, true
	s.Become(m)
	s.Open(address)
	s.expect(chromium.Eval[bool](s.Visitor, `matchMedia("(forced-colors: active)").matches`), "the browser forces no colours")
	for _, part := range parts {
		seen := chromium.Eval[bool](s.Visitor, fmt.Sprintf(`(e => { if (!e || !e.checkVisibility()) return false
			const s = getComputedStyle(e), own = s.color !== s.backgroundColor
			return own && (!e.matches("input, button") || s.borderStyle !== "none" && parseFloat(s.borderWidth) > 0) })(document.querySelector(%q))`, part))
		s.expect(seen, "with forced colours %s of %s does not show", part, s.path())
	}
}
