package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"rekey/adapters/licensespring"
)

// Keys are the credentials that clients have.
type Keys struct {
	APIKey, SharedKey string // LicenseSpring's
	AdminToken        string // ZAP's administrator's
}

// client changes the passwords of its accounts, one after another, until the window
// ends. What is answered within it is counted. A client that is told to come back
// later does.
func (s Setup) client(ctx context.Context, k int, w window) seen {
	own := seen{failures: map[string]int{}}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1, DisableCompression: true}}
	defer client.CloseIdleConnections()
	for n := k; ctx.Err() == nil && time.Now().Before(w.end); n += s.Clients {
		a := s.Accounts[n%len(s.Accounts)]
		if err := s.prepare(ctx, a); err != nil {
			if ctx.Err() == nil {
				own.failures["a token cannot be issued: "+err.Error()]++
			}
			return own
		}
		fresh := NewPassword()
		request, err := s.Request(ctx, a, fresh)
		if err != nil {
			own.failures[err.Error()]++
			return own
		}
		from := time.Now()
		status, after, text, err := do(client, request)
		now := time.Now()
		switch {
		case ctx.Err() != nil:
			return own
		case err != nil:
			own.failures[err.Error()]++
			return own
		case status == http.StatusOK:
			a.Password, a.Token = fresh, ""
		}
		if w.has(now) || status != http.StatusOK && status != http.StatusServiceUnavailable {
			own.count(status, text, now.Sub(from))
		}
		if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
			sleep(ctx, min(after, time.Until(w.end)))
		}
	}
	return own
}

func (s *seen) count(status int, text string, took time.Duration) {
	switch status {
	case http.StatusOK:
		s.changes = append(s.changes, took)
	case http.StatusServiceUnavailable:
		s.refusals = append(s.refusals, took)
	default:
		s.failures[fmt.Sprintf("%d %s", status, text)]++
	}
}

// prepare gives the account a reset token where it needs one.
func (s Setup) prepare(ctx context.Context, a *Account) (err error) {
	if s.Dialect == "unleash" && a.Token == "" {
		a.Token, err = s.Token(ctx, a)
	}
	return err
}

// NewPassword returns a random password that every preset takes.
func NewPassword() string { return "Bn7-" + rand.Text()[:20] }

// Request asks for a new password, in the dialect.
func (s Setup) Request(ctx context.Context, a *Account, fresh string) (*http.Request, error) {
	var path string
	var body map[string]string
	header := http.Header{"Content-Type": {"application/json"}}
	switch s.Dialect {
	case "licensespring":
		date, authorization := licensespring.Sign(s.Keys.APIKey, s.Keys.SharedKey, time.Now())
		header["Date"], header["Authorization"] = []string{date}, []string{authorization}
		path, body = "/api/v4/change_password", map[string]string{"username": a.Email, "password": a.Password, "new_password": fresh}
	case "unleash":
		path, body = "/auth/reset/password", map[string]string{"token": a.Token, "password": fresh}
	default:
		header["Authorization"] = []string{"Bearer " + s.Keys.AdminToken}
		path, body = "/v1/changePassword", map[string]string{
			"userId": a.UserID, "email": a.Email, "oldPassword": a.Password, "newPassword": fresh,
		}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+path, bytes.NewReader(text))
	if err == nil {
		request.Header = header
	}
	return request, err
}

// do sends a request, and returns what a client has to know of the answer.
func do(client *http.Client, request *http.Request) (status int, after time.Duration, text string, err error) {
	answer, err := client.Do(request)
	if err != nil {
		return 0, 0, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
	return answer.StatusCode, time.Duration(seconds) * time.Second, string(body), err
}

// probe asks for the server's health, and for something else that needs no
// derivation, 20 times a second each.
func (s Setup) probe(ctx context.Context, w window) (own seen) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	ask := func(url string, want int, times *[]time.Duration) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return
		}
		from := time.Now()
		status, _, _, err := do(client, request)
		switch {
		case ctx.Err() != nil || !w.has(from):
		case err != nil || status != want:
			own.unhealthy++
		default:
			*times = append(*times, time.Since(from))
		}
	}
	for ctx.Err() == nil && time.Now().Before(w.end) {
		if s.Operations != "" {
			ask(s.Operations+"/healthz", http.StatusOK, &own.health)
		}
		sleep(ctx, 25*time.Millisecond)
		ask(s.URL+"/auth/reset/validate?token=none", http.StatusUnauthorized, &own.otherwise)
		sleep(ctx, 25*time.Millisecond)
	}
	return own
}
