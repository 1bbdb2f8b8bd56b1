package adapters

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/core"
)

// Watch is what surrounds every request, in every dialect and outside.
type Watch struct {
	Log     *slog.Logger
	Now     func() time.Time
	Random  io.Reader
	Timeout time.Duration // how long a request may take once it is read; 0 is no limit
	Leaving atomic.Bool   // while true, connections are closed once their request is answered
	Closing atomic.Bool   // while true, requests are refused as Unavailable and connections closed

	Observers []Observer // are told of every request, the first one around the others
}

// Attach puts the watch around everything that e serves: a request id, safe
// headers, one log line, a deadline, and panics turned into Internal. What
// follows a body of no told length is not taken for a request. Call it before
// [Mount].
func (w *Watch) Attach(e *echo.Echo) {
	e.Use(w.observe, w.guard)
}

// requestID is what may be taken over from a client or a proxy.
var requestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// observe identifies the request and logs it once, when it is answered.
func (w *Watch) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		begin := w.Now()
		id := c.Request().Header.Get(echo.HeaderXRequestID)
		if !requestID.MatchString(id) {
			id = w.newRequestID()
		}
		header := c.Response().Header()
		header.Set(echo.HeaderXRequestID, id)
		header.Set(echo.HeaderCacheControl, "no-store")
		header.Set(echo.HeaderXContentTypeOptions, "nosniff")
		if c.Request().TLS != nil {
			header.Set(echo.HeaderStrictTransportSecurity, oneYear) // only where rekey itself speaks TLS: RFC 6797, 7.2
		}
		if len(c.Request().TransferEncoding) > 0 {
			header.Set(echo.HeaderConnection, "close") // RFC 9112, 6.1: a proxy may have gone by a length that net/http has dropped
		}
		tell := w.begin(c)
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		took := w.Now().Sub(begin)
		w.line(c, err, id, took)
		tell(err, took)
		return nil
	}
}

// oneYear keeps browsers on TLS (ASVS 3.4.1). Subdomains are others' to decide.
const oneYear = "max-age=31536000"

func (w *Watch) newRequestID() string {
	b := make([]byte, 8)
	if _, err := io.ReadFull(w.Random, b); err != nil {
		return "unknown"
	}
	return hex.EncodeToString(b)
}

// begin tells the observers that a request has come, and returns how to tell
// them that it is answered.
func (w *Watch) begin(c echo.Context) func(err error, took time.Duration) {
	ends := make([]func(Answered), 0, len(w.Observers))
	for _, o := range w.Observers {
		ctx, end := o.Begin(c.Request())
		c.SetRequest(c.Request().WithContext(ctx))
		ends = append(ends, end)
	}
	return func(err error, took time.Duration) {
		a := Answered{
			Dialect: dialectOf(c), Method: methodOf(c.Request()), Route: strings.TrimSuffix(c.Path(), "/"),
			Status: c.Response().Status, Took: took,
		}
		if err != nil {
			a.Code = Classify(refusalOf(err)).Error()
		}
		for _, end := range slices.Backward(ends) {
			end(a)
		}
	}
}

// line writes the request's log line. It holds no query, header or body: these
// carry secrets.
func (w *Watch) line(c echo.Context, err error, id string, took time.Duration) {
	r, status := c.Request(), c.Response().Status
	level, attrs := slog.LevelInfo, []slog.Attr{
		slog.String("request_id", id), slog.String("dialect", dialectOf(c)), slog.String("method", methodOf(r)),
		slog.String("route", c.Path()), slog.Int("status", status), slog.Duration("took", took),
		slog.String("addr", c.RealIP()),
	}
	if err != nil {
		attrs = append(attrs, slog.String("code", Classify(refusalOf(err)).Error()))
	}
	if status >= http.StatusInternalServerError && err != nil {
		level, attrs = slog.LevelError, append(attrs, slog.String("error", err.Error()))
	}
	if errors.Is(err, core.Unavailable) { // it passes: overload, a drain, a database that is away
		level = slog.LevelWarn
	}
	w.Log.LogAttrs(r.Context(), level, "request", attrs...)
}

// methodOf returns the request's method if it is one of HTTP's: a client can write
// anything there.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return r.Method
	}
	return "other"
}

// guard refuses what comes too late or to no proper target, bounds what takes too long, and turns a
// panic into an error.
func (w *Watch) guard(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if cause := recover(); cause != nil {
				// The cause may hold anything, a password included: its type will do.
				err = &core.Error{Code: core.Internal, Err: fmt.Errorf("panic: %T at %s", cause, panicSite())}
			}
		}()
		if w.Leaving.Load() || w.Closing.Load() {
			c.Response().Header().Set(echo.HeaderConnection, "close")
		}
		if w.Closing.Load() {
			return &core.Error{Code: core.Unavailable, RetryAfter: patience}
		}
		if !routable(c.Request().RequestURI) {
			return NoRoute
		}
		if w.Timeout > 0 {
			ctx, cancel := context.WithTimeout(c.Request().Context(), w.Timeout)
			defer cancel()
			c.SetRequest(c.Request().WithContext(ctx))
		}
		return next(c)
	}
}

// routable reports whether a request's target has the form of a path or of an
// address (RFC 9112, section 3.2). net/http reads a path out of others, such as
// http:/v1/otp, which a proxy judges as something else.
func routable(target string) bool {
	return strings.HasPrefix(target, "/") || strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://")
}

// Origin returns where the request came from, for the audit trail.
func Origin(c echo.Context, a Adapter) core.Origin {
	addr, _ := netip.ParseAddr(c.RealIP())
	return core.Origin{
		Dialect: a.Name(), Addr: addr.Unmap(), RequestID: c.Response().Header().Get(echo.HeaderXRequestID),
	}
}
