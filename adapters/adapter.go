// Package adapters is what every dialect has in common: the contract, strict
// decoding, the table of faults, and the server's side of it all. A dialect
// translates; it decides nothing about passwords.
package adapters

import (
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/core"
)

// Adapter serves one vendor's dialect. One that owns goroutines or connections
// is an [io.Closer] too, see [Close].
type Adapter interface {
	// Name is the dialect's key in the configuration and its label in logs,
	// metrics and the audit trail.
	Name() string

	// Prefixes are the paths that the adapter owns, as "/v1". It answers
	// everything at and below them, even routes that it lacks.
	Prefixes() []string

	// Routes are what it serves. Each is served with and without a trailing
	// slash, and never redirected: clients lose the body and the credentials
	// of a redirected request.
	Routes() []Route

	// Fail answers any error at all in the dialect's words and reveals no
	// internals. It is called once a request, before anything is written.
	Fail(c echo.Context, err error) error
}

// Route is one method on one path.
type Route struct {
	Method  string
	Path    string // absolute, below one of the adapter's prefixes, without a trailing slash
	Handler echo.HandlerFunc
}

// Close closes the adapters that are to be closed, when they serve no more.
func Close(all ...Adapter) error {
	var problems []error
	for _, a := range all {
		if closer, ok := a.(io.Closer); ok {
			problems = append(problems, closer.Close())
		}
	}
	return errors.Join(problems...)
}

// Env is what every adapter is given. All fields are required, except that
// the zero MailLimits are none.
type Env struct {
	Passwords  *core.Service
	Now        func() time.Time
	Random     io.Reader // cryptographically secure, safe for concurrent use
	Log        *slog.Logger
	MailLimits core.MailLimits // how often clients may ask for mail
}

// Refusal is a failure of the transport: it never reaches the core. It is an
// error, matched with [errors.Is].
type Refusal string

// The closed set of refusals. Every dialect words each of them.
const (
	NoRoute   Refusal = "no_route"   // the dialect has no such path
	BadMethod Refusal = "bad_method" // the path has no such method; the Allow header is set already
	TooLarge  Refusal = "too_large"  // the body is longer than the dialect takes
	Malformed Refusal = "malformed"  // the body cannot be read as what the dialect expects
	BadMedia  Refusal = "bad_media"  // the Content-Type or Content-Encoding is not served
	TooSlow   Refusal = "too_slow"   // the body did not arrive in time
)

// Refusals returns all refusals, in the order of their declaration.
func Refusals() []Refusal {
	return []Refusal{NoRoute, BadMethod, TooLarge, Malformed, BadMedia, TooSlow}
}

// Error returns the refusal's name.
func (r Refusal) Error() string { return string(r) }
