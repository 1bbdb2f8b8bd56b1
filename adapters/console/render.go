package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

//go:embed templates
var templateFiles embed.FS

// view is what a page is made of. Body is the page's own.
type view struct {
	Title  string
	Notice string // says what was done
	Body   any

	Nav       []link
	Bearer    *bearer // nil if nobody is signed in
	RequestID string
	Now       time.Time
}

// link is one page in the navigation.
type link struct {
	Name, Path string
	Current    string // aria-current, or ""
}

// loadPages parses every page with the layout around it.
func loadPages(a assets) (map[string]*template.Template, error) {
	common, err := template.New("").Funcs(functions(a)).ParseFS(templateFiles, "templates/layout/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse layout: %w", err)
	}
	files, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("list pages: %w", err)
	}
	pages := map[string]*template.Template{}
	for _, file := range files {
		page, err := template.Must(common.Clone()).ParseFS(templateFiles, file)
		if err != nil {
			return nil, fmt.Errorf("parse page: %w", err)
		}
		pages[strings.TrimSuffix(path.Base(file), ".html")] = page
	}
	return pages, nil
}

// functions are what templates may call.
func functions(a assets) template.FuncMap {
	return template.FuncMap{
		"asset":   func(name string) string { return a.urls[name] },
		"count":   grouped,
		"seconds": seconds,
		"iso":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"clock":   func(t time.Time) string { return t.UTC().Format(time.DateTime) },
		"minute":  func(t time.Time) string { return t.UTC().Format("15:04") },
		"segment": url.PathEscape,
		"prose":   prose,
		"words":   func(name string) string { return strings.NewReplacer(".", " ", "_", " ").Replace(name) },
	}
}

// prose marks what stands between back quotes as what is typed.
func prose(text any) template.HTML {
	var b strings.Builder
	for i, part := range strings.Split(template.HTMLEscaper(text), "`") {
		if i%2 == 1 {
			part = "<code>" + part + "</code>"
		}
		b.WriteString(part)
	}
	return template.HTML(b.String()) //nolint:gosec // all of it is escaped but the element
}

// grouped writes a number with a thin space between thousands.
func grouped(n int) string {
	text := strconv.Itoa(max(n, -n))
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "\u202f" + text[at:]
	}
	if n < 0 {
		return "−" + text
	}
	return text
}

// seconds writes a duration of seconds as people read it: 61 ms, 1.5 s, 2 h 5 min.
func seconds(s float64) string {
	switch d := time.Duration(s * float64(time.Second)); {
	case d <= 0:
		return "0 s"
	case d < time.Second:
		return strconv.FormatInt(max(1, d.Round(time.Millisecond).Milliseconds()), 10) + " ms"
	case d < 100*time.Second:
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}

// render answers with a page, whole or not at all.
func (a *Adapter) render(c echo.Context, status int, page string, shown view) error {
	shown.RequestID, shown.Now = c.Response().Header().Get(echo.HeaderXRequestID), a.Now()
	if v, ok := c.Get(visitKey).(*visit); ok {
		shown.Bearer, shown.Nav = &v.bearer, v.navigation()
	}
	var text bytes.Buffer
	if err := a.pages[page].ExecuteTemplate(&text, "page", shown); err != nil {
		return fmt.Errorf("render %s: %w", page, err)
	}
	return c.Blob(status, "text/html; charset=utf-8", text.Bytes())
}

// show answers with a page to an operator.
func (v *visit) show(page string, shown view) error {
	if shown.Notice == "" {
		shown.Notice = notices[v.QueryParam("done")]
	}
	return v.render(v, 200, page, shown)
}

// navigation returns the pages that the operator's key opens.
func (v *visit) navigation() (all []link) {
	here := strings.TrimSuffix(v.Request().URL.Path, "/")
	for _, s := range sights() {
		if s.name == "" || !v.bearer.May(s.scope) {
			continue
		}
		l := link{Name: s.name, Path: home + s.path}
		switch {
		case here == l.Path:
			l.Current = "page"
		case s.path != "" && strings.HasPrefix(here, l.Path+"/"):
			l.Current = "true"
		}
		all = append(all, l)
	}
	return all
}
