package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// Client speaks all three dialects with a tenant's credentials. It is safe for
// concurrent use.
type Client struct {
	URL  string
	Keys Keys
	HTTP *http.Client
}

// patience is longer than a server may take to answer.
const patience = 45 * time.Second

// NewClient returns a client of the server at url, with connections of its
// own, which end with [Client.Close].
func NewClient(url string, keys Keys) *Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 256}
	return &Client{URL: url, Keys: keys, HTTP: &http.Client{Transport: transport, Timeout: patience}}
}

// Close ends connections that nothing travels on.
func (c *Client) Close() { c.HTTP.CloseIdleConnections() }

// Via is the dialect that a change goes through.
type Via string

// The closed set of ways.
const (
	ByPassword Via = "licensespring"
	ByToken    Via = "unleash"
	ByAdmin    Via = "zap"
)

// Ways returns all ways.
func Ways() []Via { return []Via{ByPassword, ByToken, ByAdmin} }

// Attempt is one change that a client asks for.
type Attempt struct {
	Via     Via
	Account Account
	Current string // the present password, where the way asks for it
	Token   string // the reset token, where the way asks for it
	New     string
}

// Do sends the attempt the way that it says.
func (c *Client) Do(ctx context.Context, a Attempt) Answer {
	switch a.Via {
	case ByPassword:
		return c.ChangeByPassword(ctx, a.Account, a.Current, a.New)
	case ByToken:
		return c.Redeem(ctx, a.Token, a.New)
	case ByAdmin:
		return c.ChangeByAdmin(ctx, a.Account, a.Current, a.New)
	}
	panic("no such way: " + string(a.Via))
}

// post sends v as JSON. It is sent once: a transport that sent it again, when
// a connection breaks, would make two attempts of one.
func (c *Client) post(ctx context.Context, d dialect, path string, header map[string]string, v any) Answer {
	body, err := json.Marshal(v)
	if err != nil {
		return Answer{Verdict: Unknown, Err: err}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+path, bytes.NewReader(body))
	if err != nil {
		return Answer{Verdict: Unknown, Err: err}
	}
	request.GetBody = nil
	request.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := c.HTTP.Do(request)
	if err != nil {
		return Answer{Verdict: Unknown, Err: err}
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{Verdict: Unknown, Err: err}
	}
	return d.read(response, text)
}
