package pages

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rekey/adapters"
)

// maxBody bounds a body: the longest password that a policy can take, 4096 letters
// of four bytes, each written as three.
const maxBody = 64 << 10

// form is what a client wrote: every field at most once.
type form map[string]string

// has reports whether the field was sent, empty or not.
func (f form) has(name string) bool {
	_, ok := f[name]
	return ok
}

// readForm reads a body of application/x-www-form-urlencoded that has no field but
// the named ones. Nothing is trimmed or folded: a value is what the browser sent.
func readForm(r *http.Request, names ...string) (form, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	if err != nil || kind != "application/x-www-form-urlencoded" || charset != "" && charset != "utf-8" || r.Header.Get("Content-Encoding") != "" {
		return nil, adapters.BadMedia
	}
	body, err := adapters.ReadBody(r, maxBody)
	if err != nil {
		return nil, err
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, adapters.Malformed
	}
	f := form{}
	for name, all := range values {
		if len(all) != 1 || !slices.Contains(names, name) {
			return nil, adapters.Malformed
		}
		f[name] = all[0]
	}
	return f, nil
}
