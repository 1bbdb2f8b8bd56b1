package console

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

// ownPath returns where in the console the text leads, or its beginning if it leads
// elsewhere: whoever writes a link must not send operators to another site.
func ownPath(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme != "", u.Host != "", u.User != nil, u.Opaque != "", strings.ContainsAny(text, "\\\r\n\t"):
		return home
	case u.Path != home && !strings.HasPrefix(u.Path, home+"/"), path.Clean(u.Path) != u.Path:
		return home
	case u.Path == signInPath, u.Path == signOutPath, u.Path == livePath: // nothing to come back to
		return home
	}
	return (&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String()
}

// seeOther leads the browser to a page of the console, by GET.
func seeOther(c echo.Context, to string) error { return c.Redirect(http.StatusSeeOther, ownPath(to)) }

// withNotice returns the page with the code of what it is to say first.
func withNotice(page, code string) string {
	u, err := url.Parse(page)
	if err != nil {
		return home
	}
	query := u.Query()
	query.Set("done", code)
	u.RawQuery = query.Encode()
	return u.String()
}
