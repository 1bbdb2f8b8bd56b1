package mail

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"time"
)

// Common is what every template may use.
type Common struct {
	Product string // what the service is called
	BaseURL string // where its pages are
	Name    string // the owner's display name, in one line; it is whatever somebody typed
}

// Reset is what the templates of the reset link may use.
type Reset struct {
	Common
	Link    string
	Expires time.Time // UTC
}

// Code is what the templates of the one-time code may use.
type Code struct {
	Common
	Code    string
	Expires time.Time // UTC
}

// Notice is what the templates of the notices may use.
type Notice struct {
	Common
	At      time.Time // UTC
	Dialect string    // through which dialect
	Address string    // the client's network address; "" if it is unknown
}

// kind is one kind of letter, and begins the names of its templates.
type kind string

// The closed set of kinds.
const (
	reset   kind = "reset"
	code    kind = "code"
	changed kind = "changed"
	locked  kind = "locked"
)

// letter is a mail as it is read.
type letter struct{ subject, text, html string }

// template is what text and HTML templates have in common.
type template interface {
	Execute(w io.Writer, data any) error
}

// form is the three templates of one kind of letter, by the ends of their names.
type form map[string]template

// parts are the ends of the names of templates.
var parts = []string{".subject.tmpl", ".txt.tmpl", ".html.tmpl"}

// write fills the form in. Its error holds nothing of the data.
func (f form) write(data any) (letter, error) {
	written := map[string]string{}
	for _, part := range parts {
		var out bytes.Buffer
		if err := f[part].Execute(&out, data); err != nil {
			return letter{}, errors.New("the template *" + part + " failed")
		}
		written[part] = out.String()
	}
	return letter{
		subject: strings.Join(strings.Fields(written[parts[0]]), " "), text: written[parts[1]], html: written[parts[2]],
	}, nil
}
