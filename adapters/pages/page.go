package pages

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"strconv"

	"github.com/labstack/echo/v4"
)

//go:embed templates
var templates embed.FS

// parseTemplates returns every page by its name, within the layout.
func parseTemplates() (map[string]*template.Template, error) {
	layout, err := template.ParseFS(templates, "templates/layout.html", "templates/parts.html")
	if err != nil {
		return nil, err
	}
	forms := map[string]*template.Template{}
	for _, name := range []string{"reset", "done", "dead", "forgot", "sent", "failed"} {
		page, err := layout.Clone()
		if err == nil {
			page, err = page.ParseFS(templates, "templates/"+name+".html")
		}
		if err != nil {
			return nil, err
		}
		forms[name] = page
	}
	return forms, nil
}

// page is what the templates know.
type page struct {
	speaker
	adapter *Adapter

	Title  string // a key of the catalogue
	Text   string // the same; may be empty
	Switch string // where the language is switched; empty: not here
	State  string // what a switch of the language keeps
	Token  string // of the forms' hidden fields

	Problems []problem
	Reset    *resetForm // nil but on its page
	Again    bool       // whether a new link may be asked for
	Request  string     // the request's id, where the page says that it failed
}

// problem is a sentence about a field, or about the whole if that is empty.
type problem struct{ Field, Text string }

// On returns the problems of the field.
func (p page) On(field string) (found []problem) {
	for _, problem := range p.Problems {
		if problem.Field == field {
			found = append(found, problem)
		}
	}
	return found
}

// About returns a page with the problems of the field alone.
func (p page) About(field string) page {
	p.Problems = p.On(field)
	return p
}

// Brand returns whose page it is.
func (p page) Brand() string { return p.adapter.brand.name }

// Link returns the address of one of the pages, in the language that was chosen.
func (p page) Link(path string) string {
	if p.Chosen() != "" {
		path += "?lang=" + p.Chosen()
	}
	return p.adapter.base + path
}

// To returns the address that a form is sent to.
func (p page) To(path string) string { return p.adapter.base + path }

// Asset returns the address of a file, or "" if there is none.
func (p page) Asset(name string) string {
	if asset, ok := p.adapter.assets[name]; ok {
		return p.adapter.base + assetsPath + "/" + asset.name
	}
	return ""
}

// Logo returns the address of the logo, or "".
func (p page) Logo() string { return p.Asset("logo." + p.adapter.brand.logo.ending) }

// SignIn returns where users sign in, or "".
func (p page) SignIn() string { return p.adapter.cfg.SignInURL }

// Help returns where users get help: a text and, if it is one, its address.
func (p page) Help() (help struct{ Text, Link string }) {
	help.Text, help.Link = p.adapter.cfg.Help, p.adapter.cfg.helpLink()
	return help
}

// newPage returns a page in the language of the request, or the chosen one.
func (a *Adapter) newPage(c echo.Context, title, chosen string) page {
	if chosen == "" {
		chosen = c.QueryParam("lang")
	}
	return page{speaker: speak(c.Request(), chosen), adapter: a, Title: title, Switch: path.Clean(c.Request().URL.Path)}
}

// policy is what browsers hold the pages to: everything comes from here, nothing is
// written into them, and nobody frames them.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// unused are the abilities of a browser that the pages ask for, which is none.
const unused = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()"

// secure sets what keeps a page apart from other sites. A page that a token leads to
// tells nobody its address; others tell this site, so that a browser says where a
// form comes from.
func secure(c echo.Context) {
	header := c.Response().Header()
	header.Set(echo.HeaderContentSecurityPolicy, policy)
	header.Set(echo.HeaderXFrameOptions, "DENY")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Permissions-Policy", unused)
	referrer := "same-origin"
	if isToken(c.Request().URL.Path) {
		referrer = "no-referrer"
	}
	header.Set(echo.HeaderReferrerPolicy, referrer)
}

const html = "text/html; charset=utf-8"

// show answers with a page.
func (a *Adapter) show(c echo.Context, status int, name string, p page) error {
	var body bytes.Buffer
	if err := a.forms[name].ExecuteTemplate(&body, "layout", p); err != nil {
		return err
	}
	secure(c)
	header := c.Response().Header()
	header.Set("Content-Language", p.Lang)
	header.Set(echo.HeaderVary, "Accept-Language")
	header.Set(echo.HeaderContentLength, strconv.Itoa(body.Len()))
	if c.Request().Method == http.MethodHead {
		header.Set(echo.HeaderContentType, html)
		return c.NoContent(status)
	}
	return c.Blob(status, html, body.Bytes())
}

// seeOther leads on to a page that may be loaded again, in the language that was
// chosen. Its address holds nothing that anybody sent.
func (a *Adapter) seeOther(c echo.Context, p page, path, state string) error {
	secure(c)
	query := url.Values{stateField: {state}}
	if p.Chosen() != "" {
		query.Set("lang", p.Chosen())
	}
	return c.Redirect(http.StatusSeeOther, p.To(path)+"?"+query.Encode())
}

// stateField is the parameter that says what was done: done and sent.
const stateField = "state"
