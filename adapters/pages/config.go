package pages

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"rekey/core"
)

// Config is the section of the pages.
type Config struct {
	// Enabled switches them on.
	Enabled bool `key:"enabled"`
	// Tenant is whose accounts may ask for a reset link by mail. Empty: nobody's.
	Tenant core.TenantID `key:"tenant"`
	// BaseURL is where users reach the pages. Links in mails, and of the dialects, begin with it where their sections say nothing.
	BaseURL string `key:"base_url"`
	// SignInURL is where users sign in with their new password. Empty: nowhere.
	SignInURL string `key:"sign_in_url"`
	// Help is where users get help: a text, or an https:// or mailto: address.
	Help string `key:"help"`
	// Brand is whose pages they look like.
	Brand Brand `key:"brand"`
}

// Brand is the section of the looks.
type Brand struct {
	// Name stands on every page. Empty: the host of BaseURL.
	Name string `key:"name"`
	// Colour is that of buttons and links, as #rrggbb. It is made darker or lighter until it can be read.
	Colour string `key:"colour"`
	// Logo is a file, PNG, SVG or WebP, of at most 64 KiB.
	Logo string `key:"logo"`
}

// Default returns the section of an installation that says nothing.
func Default() Config { return Config{Brand: Brand{Colour: "#1f5fbf"}} }

// maxText bounds a name or a text of the operator's, in code points.
const maxText = 300

// Validate reports every problem under its key, relative to the section. It reads
// the logo.
func (c Config) Validate(report func(key, problem string)) {
	if c.Tenant != "" && !c.Tenant.Valid() {
		report("tenant", "name a tenant: lower-case letters, digits, - and _, at most 64")
	}
	for key, address := range map[string]string{"base_url": c.BaseURL, "sign_in_url": c.SignInURL} {
		if err := judgeURL(address, key == "sign_in_url"); address != "" && err != nil {
			report(key, err.Error())
		}
	}
	if !oneLine(c.Help) {
		report("help", "write one line of text, or an https:// or mailto: address")
	}
	if !oneLine(c.Brand.Name) {
		report("brand.name", "write one line of text")
	}
	if _, err := parseColour(c.Brand.Colour); err != nil {
		report("brand.colour", "write a colour such as #1f5fbf")
	}
	if _, err := readLogo(c.Brand.Logo); err != nil {
		report("brand.logo", err.Error())
	}
}

func oneLine(text string) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= maxText && !strings.ContainsFunc(text, unicode.IsControl)
}

// judgeURL returns what is wrong with the address of a page.
func judgeURL(text string, query bool) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Opaque != "" || !query && (u.RawQuery != "" || u.ForceQuery || u.Fragment != ""):
		return errors.New("write an address such as https://accounts.acme.example")
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return errors.New("begin with https://: whoever reads a link on its way can use it")
	}
	return nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// path returns the path of the base URL, without a slash at its end.
func (c Config) path() string {
	u, err := url.Parse(c.BaseURL)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.EscapedPath(), "/")
}

// origin returns the origin of the base URL, or "".
func (c Config) origin() string {
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// host returns the host of the base URL, or "".
func (c Config) host() string {
	u, err := url.Parse(c.BaseURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// helpLink returns where help is, if that is an address.
func (c Config) helpLink() string {
	u, err := url.Parse(c.Help)
	if err != nil || u.Scheme != "https" && u.Scheme != "mailto" {
		return ""
	}
	return c.Help
}
