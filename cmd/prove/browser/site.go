package browser

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"rekey/cmd/prove/rig"
	"rekey/core"
)

// Site is a rekey dev that runs, as a program may use it, and the systems around it.
type Site struct {
	URL   string
	Facts Facts

	dev     *rig.Dev
	inbox   *inbox
	mu      sync.Mutex
	secrets []string // what no Referer may tell
}

// Facts are what dev tells of itself, as far as they are needed here.
type Facts struct {
	BaseURL string `json:"base_url"`
	Manage  struct {
		URL string `json:"url"`
		Key string `json:"key"`
	} `json:"manage"`
	Unleash struct {
		AdminToken string `json:"admin_token"`
	} `json:"unleash"`
	Accounts []struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		Email    string `json:"email"`
		Password string `json:"password"`
	} `json:"accounts"`
	Console struct {
		URL string `json:"sign_in_url"`
	} `json:"console"`
}

// newSite starts the site. Its limits are out of the way of many visitors from
// one address, and its passwords cost as little as rekey allows.
func newSite(ctx context.Context, r *rig.Rig) (*Site, error) {
	s := &Site{inbox: newInbox()}
	settings := map[string]any{
		"passwords.hash.argon2id.memory":     7168,
		"passwords.hash.argon2id.iterations": 5,
		"mail.limits.address_every":          "0s",
		"mail.limits.client_every":           "0s",
		"webhooks.endpoints.crm.events":      []string{"password.changed"},
		"webhooks.endpoints.erp.events":      []string{"reset.requested"},
	}
	for _, name := range []string{"crm", "erp"} {
		endpoint := "webhooks.endpoints." + name + "."
		settings[endpoint+"url"], settings[endpoint+"allow_http"], settings[endpoint+"allow_private"] = s.inbox.URL, true, true
		settings[endpoint+"secrets"] = []string{"whsec_" + base64.StdEncoding.EncodeToString([]byte(rand.Text()+rand.Text()))}
	}
	dev, err := r.Dev(ctx, settings)
	if err != nil {
		s.inbox.Close()
		return nil, err
	}
	s.dev = dev
	if err := json.Unmarshal(dev.Facts, &s.Facts); err != nil {
		return nil, fmt.Errorf("read the facts: %w", err)
	}
	s.URL = s.Facts.BaseURL
	s.hide(s.Facts.Manage.Key)
	if err := s.traffic(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// close ends the site.
func (s *Site) close() error {
	s.inbox.Close()
	return s.dev.Kill()
}

// hide notes a secret that no Referer may tell.
func (s *Site) hide(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secrets = append(s.secrets, secret)
}

func (s *Site) hidden() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.secrets...)
}

// person is somebody with an account.
type person struct{ ID, External, Username, Email, Password string }

// newPassword keeps every rule of every preset.
func newPassword() string { return "Staple-" + rand.Text()[:14] + "-9" }

// settle adds an account with this name.
func (s *Site) settle(ctx context.Context, username, display string) (person, error) {
	p := person{Username: username, Email: "p" + strings.ToLower(rand.Text()[:12]) + "@acme.example", Password: newPassword(), External: strings.ToLower(rand.Text()[:24])}
	var added struct{ ID string }
	body := map[string]any{
		"email": p.Email, "password": p.Password,
		"external_ids": map[string]string{"zap": p.External},
	}
	if username != "" {
		body["username"] = username
	}
	if display != "" {
		body["name"] = display
	}
	err := s.manage(ctx, http.MethodPost, "/accounts", body, &added)
	p.ID = added.ID
	return p, err
}

// link issues a reset link.
func (s *Site) link(ctx context.Context, p person) (string, error) {
	var issued struct{ Token, URL string }
	err := s.manage(ctx, http.MethodPost, "/accounts/"+p.ID+"/reset_token", nil, &issued)
	if err == nil && !strings.HasPrefix(issued.URL, s.URL+"/reset-password?token=") {
		err = fmt.Errorf("the link is %q, want one of the hosted page", strings.ReplaceAll(issued.URL, issued.Token, "…"))
	}
	s.hide(issued.Token)
	return issued.URL, err
}

// knows reports whether the password is the person's.
func (s *Site) knows(ctx context.Context, p person, password string) (bool, error) {
	err := s.manage(ctx, http.MethodPost, "/verify", map[string]any{"login": p.Email, "password": password}, nil)
	if refused, ok := err.(refusal); ok && refused.status == http.StatusForbidden { //nolint:errorlint // nothing wraps it
		return false, nil
	}
	return err == nil, err
}

// refusal is an answer of the management API that is no yes.
type refusal struct {
	status int
	text   string
}

// Error implements error.
func (r refusal) Error() string {
	return fmt.Sprintf("the management API answers %d: %s", r.status, r.text)
}

// manage asks the management API with dev's key.
func (s *Site) manage(ctx context.Context, method, path string, body, into any) error {
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.Facts.Manage.URL+"/manage/v1"+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.Facts.Manage.Key)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if text, err = io.ReadAll(answer.Body); err != nil {
		return err
	}
	if answer.StatusCode >= 300 {
		return refusal{answer.StatusCode, string(text)}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}

// expired returns a link whose time is over.
func (s *Site) expired(ctx context.Context, p person) (string, error) {
	token, err := s.dev.TokenOf(ctx, "acme", core.AccountID(p.ID), time.Now().Add(-2*time.Hour))
	return s.URL + "/reset-password?token=" + token.Reveal(), err
}

// mailed waits for the newest link that was mailed to the address: dev prints its
// mails. Empty: none came.
func (s *Site) mailed(ctx context.Context, address string) string {
	for range 100 {
		said := s.dev.Said()
		if _, mail, ok := strings.Cut(said, address); ok {
			if at := strings.Index(mail, s.URL+"/reset-password?token="); at >= 0 {
				link, _, _ := strings.Cut(mail[at:], "\n")
				return strings.TrimSpace(link)
			}
		}
		if rig.Rest(ctx, 50*time.Millisecond) != nil {
			break
		}
	}
	return ""
}
