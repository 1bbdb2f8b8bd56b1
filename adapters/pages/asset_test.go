package pages_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rekey/adapters/pages"
)

const drawing = `<?xml version="1.0"?><!-- a logo --><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 2"><script>alert(1)</script></svg>`

func picture(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 80, 20))); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var loaded = regexp.MustCompile(`(?:href|src)="(/pages/[^"]+)"`)

func TestWhatAPageLoadsIsKeptForAYear(t *testing.T) {
	w := newWorld(t)
	w.cfg.Brand.Logo = write(t, "logo", picture(t))
	kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml; charset=utf-8", ".png": "image/png"}
	found := loaded.FindAllStringSubmatch(w.get("/forgot-password").text, -1)
	if len(found) != 5 {
		t.Fatalf("it loads %q", found)
	}
	for _, link := range found {
		a := w.get(link[1])
		w.wants(a, http.StatusOK)
		header := a.Header()
		if got := header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %s", link[1], got)
		}
		if got := header.Get("Content-Type"); got != kinds[filepath.Ext(link[1])] {
			t.Errorf("%s: %s", link[1], got)
		}
		if header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: %v", link[1], header)
		}
		head := w.send(request(http.MethodHead, link[1], ""))
		if head.Code != http.StatusOK || head.text != "" || head.Header().Get("Content-Length") != header.Get("Content-Length") {
			t.Errorf("%s: HEAD is answered %d %v", link[1], head.Code, head.Header())
		}
		// While replicas are replaced, a page of one asks another.
		other := regexp.MustCompile(`\.[0-9a-f]{16}\.`).ReplaceAllString(link[1], ".0000000000000000.")
		a = w.get(other)
		if w.wants(a, http.StatusOK); a.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: another digest is kept: %v", other, a.Header())
		}
	}
	for _, none := range []string{"/pages/style.css", "/pages/..%2fwords.yaml", "/pages/form.go", "/pages/logo.0.webp", "/pages"} {
		w.wants(w.get(none), http.StatusNotFound)
	}
}

func TestABrandIsShown(t *testing.T) {
	w := newWorld(t)
	w.cfg.Brand = pages.Brand{Name: `Acme & "Sons"`, Colour: "#e4002b", Logo: write(t, "logo", drawing)}
	w.cfg.SignInURL = "https://acme.example/sign-in?from=reset"
	a := w.get("/reset-password?state=done")
	w.wants(a, http.StatusOK, "– Acme &amp; &#34;Sons&#34;</title>", `alt="Acme &amp; &#34;Sons&#34;"`, `href="https://acme.example/sign-in?from=reset"`)
	for _, link := range loaded.FindAllStringSubmatch(a.text, -1) {
		got := w.get(link[1])
		if strings.Contains(link[1], "/brand.") && !strings.Contains(got.text, "--accent:#e") {
			t.Errorf("the colour is not there: %s", got.text)
		}
		if strings.Contains(link[1], "/logo.") && (got.text != drawing || !strings.Contains(got.Header().Get("Content-Security-Policy"), "default-src 'none'")) {
			t.Errorf("the logo: %v", got.Header())
		}
	}
	w = newWorld(t)
	w.cfg.Brand.Name, w.cfg.BaseURL = "", "https://accounts.acme.example"
	w.wants(w.get("/forgot-password"), http.StatusOK, `<p class="brand">accounts.acme.example</p>`)
}

func TestTheSectionIsJudged(t *testing.T) {
	large, text := write(t, "large", drawing+strings.Repeat(" ", 64<<10)), write(t, "text", "<svg")
	for want, change := range map[string]func(*pages.Config){
		"":              func(*pages.Config) {},
		"tenant":        func(c *pages.Config) { c.Tenant = "Acme!" },
		"base_url":      func(c *pages.Config) { c.BaseURL = "http://acme.example" },
		"base_url ":     func(c *pages.Config) { c.BaseURL = "https://acme.example/?x" },
		"base_url  ":    func(c *pages.Config) { c.BaseURL = "https://u:p@acme.example" },
		"sign_in_url":   func(c *pages.Config) { c.SignInURL = "javascript:alert(1)" },
		"help":          func(c *pages.Config) { c.Help = "one\ntwo" },
		"brand.name":    func(c *pages.Config) { c.Brand.Name = strings.Repeat("x", 301) },
		"brand.colour":  func(c *pages.Config) { c.Brand.Colour = "red" },
		"brand.colour ": func(c *pages.Config) { c.Brand.Colour = "#12345" },
		"brand.logo":    func(c *pages.Config) { c.Brand.Logo = "/nowhere" },
		"brand.logo ":   func(c *pages.Config) { c.Brand.Logo = large },
		"brand.logo  ":  func(c *pages.Config) { c.Brand.Logo = text },
	} {
		cfg, got := pages.Default(), ""
		cfg.Tenant, cfg.BaseURL, cfg.SignInURL, cfg.Help = "acme", "http://127.0.0.1:8080/id/", "https://acme.example/?a=b#c", "Call us."
		cfg.Brand.Logo = write(t, "logo", "RIFF\x10\x00\x00\x00WEBPVP8L....")
		change(&cfg)
		cfg.Validate(func(key, problem string) {
			if got += key; strings.Contains(problem, "u:p") {
				t.Errorf("the problem tells the password: %s", problem)
			}
		})
		if got != strings.TrimSpace(want) {
			t.Errorf("%q: got %q", want, got)
		}
	}
}

// Only what counts as the policy does is left to the browser to judge.
func TestTheBrowserCountsAsThePolicyDoesOrNotAtAll(t *testing.T) {
	w := newWorld(t)
	token := w.account("ada").Reveal()
	if a := w.get("/reset-password?token=" + token); strings.Contains(a.text, "minlength=\"") || strings.Contains(a.text, "maxlength=\"") {
		t.Error("the browser counts UTF-16, the policy code points")
	}
	w.handler, w.parts.Policy.Units = nil, "utf16"
	w.parts.Policy.MaxRun, w.parts.Policy.Symbol, w.parts.Policy.MaxBytes = 2, true, 72
	w.wants(w.get("/reset-password?token="+token), http.StatusOK, `minlength="10"`,
		`passwordrules="minlength: 10; allowed: ascii-printable; maxlength: 72; max-consecutive: 2; required: special;"`, "No character 3 times in a row")
}
