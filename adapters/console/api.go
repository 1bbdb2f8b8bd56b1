package console

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"rekey/core"
)

// api asks the management API in the name of one operator, in this process.
type api struct {
	handler   http.Handler
	key       core.Secret
	addr      netip.Addr
	requestID string
}

// root is where the management API is.
const root = "/manage/v1"

func (a api) get(ctx context.Context, path string, query url.Values, into any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return a.call(ctx, http.MethodGet, path, nil, into)
}

// call makes a request and reads the answer into what into points to, unless it is
// nil. A failure is a *problem.
func (a api) call(ctx context.Context, method, path string, body, into any) error {
	r, err := a.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	got := &heard{header: http.Header{}, status: http.StatusOK}
	a.handler.ServeHTTP(got, r)
	if got.status >= http.StatusBadRequest {
		return got.problem()
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(got.body.Bytes(), into); err != nil {
		return fmt.Errorf("read the management API's answer: %w", err)
	}
	return nil
}

func (a api) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return nil, fmt.Errorf("encode request: %w", err)
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, root+path, bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	r.RequestURI = r.URL.RequestURI() // as a server has it
	r.RemoteAddr = net.JoinHostPort(a.addr.String(), "0")
	r.Header.Set(echo.HeaderAuthorization, "Bearer "+a.key.Reveal())
	r.Header.Set(echo.HeaderXRequestID, a.requestID)
	if body != nil {
		r.Header.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	}
	return r, nil
}

// heard is an answer that is kept. The API's answers are bounded by its pages.
type heard struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *heard) Header() http.Header                { return h.header }
func (h *heard) WriteHeader(status int)             { h.status = status }
func (h *heard) Write(text []byte) (n int, _ error) { return h.body.Write(text) }

// problem is what the management API refused, as RFC 9457 has it.
type problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Title  string `json:"title"`
	Errors []struct {
		Parameter string `json:"parameter"`
	} `json:"errors"`
	scope string // that the key lacks, if that is what is wrong
	retry string // the header Retry-After
}

func (h *heard) problem() error {
	p := &problem{}
	if json.Unmarshal(h.body.Bytes(), p) != nil {
		p.Code = "internal"
	}
	p.Status, p.retry = h.status, h.header.Get(echo.HeaderRetryAfter)
	if _, rest, found := strings.Cut(h.header.Get(echo.HeaderWWWAuthenticate), `scope="`); found {
		p.scope, _, _ = strings.Cut(rest, `"`)
	}
	return p
}

func (p *problem) Error() string { return fmt.Sprintf("management API: %d %s", p.Status, p.Code) }

// parameter returns which parameter of the query is at fault, or "".
func (p *problem) parameter() string {
	for _, e := range p.Errors {
		if e.Parameter != "" {
			return e.Parameter
		}
	}
	return ""
}

// Unwrap classifies the problem.
func (p *problem) Unwrap() error {
	switch {
	case p.Status == http.StatusUnauthorized:
		return core.Unauthenticated
	case p.Status == http.StatusForbidden:
		return core.Forbidden
	case p.Status == http.StatusNotFound:
		return core.NotFound
	case p.Status == http.StatusTooManyRequests:
		return core.Throttled
	case p.Status == http.StatusConflict:
		return core.Conflict
	case p.Status == http.StatusServiceUnavailable:
		return core.Unavailable
	case p.Status < http.StatusInternalServerError:
		return core.Invalid
	}
	return core.Internal
}
