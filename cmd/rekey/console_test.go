package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"rekey/config"
)

// seated is somebody at a browser who has followed the link of a dev installation.
type seated struct {
	*running
	at     string // where the console is
	client *http.Client
}

func (r *running) operator() seated {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	noError(r.t, err)
	at, _, _ := strings.Cut(r.Console.SignInURL, "/console")
	o := seated{r, at, &http.Client{Timeout: patience, Jar: jar}}
	if status, body := o.ask(http.MethodGet, strings.TrimPrefix(r.Console.SignInURL, at), nil); status != http.StatusOK || !strings.Contains(body, "<h1>Overview</h1>") {
		r.t.Fatalf("the link is answered %d %s", status, body)
	}
	return o
}

// ask sends a request as a browser does, and follows where it is led.
func (o seated) ask(method, path string, form url.Values) (int, string) {
	o.t.Helper()
	r, err := http.NewRequestWithContext(o.t.Context(), method, o.at+path, strings.NewReader(form.Encode()))
	noError(o.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := o.client.Do(r)
	noError(o.t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	noError(o.t, err)
	return resp.StatusCode, string(text)
}

func TestAnOperatorActsAndTheTrailSaysWho(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		r := startDevCommand(t, "--dsn", dsn)
		o, ada := r.operator(), r.Accounts[0]
		status, body := o.ask(http.MethodPost, "/console/accounts/"+ada.ID+"/disable", url.Values{"key": {r.Manage.Key}})
		if status != http.StatusOK || !strings.Contains(body, "The account is disabled.") {
			t.Fatalf("got %d %s", status, body)
		}
		told := r.managing(http.MethodGet, "/manage/v1/events?action=account.disabled&dialect=console&account="+ada.ID, "")
		if !strings.Contains(told.body, `"actor":"key:dev-`) || !strings.Contains(told.body, `"address":"127.0.0.1"`) {
			t.Errorf("the trail has %s", told.body)
		}
		for _, page := range []string{"", "/accounts", "/accounts?q=" + ada.Email, "/audit", "/audit/export.csv", "/deliveries", "/dialects", "/configuration", "/findings", "/live"} {
			if status, body := o.ask(http.MethodGet, "/console"+page, nil); status != http.StatusOK {
				t.Errorf("%s is answered %d %s", page, status, body)
			}
		}
		if log := r.log.String(); strings.Contains(log, r.Manage.Key) || strings.Contains(log, strings.TrimPrefix(r.Console.SignInURL, o.at+"/console/sign-in?code=")) {
			t.Error("the log has a secret")
		}
		if status, body := o.ask(http.MethodPost, "/console/sign-out", nil); status != http.StatusOK || !strings.Contains(body, "You have signed out.") {
			t.Errorf("signing out is answered %d %s", status, body)
		}
	})
}

// The console is where the management API is, whether or not that is enabled.
func TestTheConsoleStaysWhereThoseWhoManageAre(t *testing.T) {
	t.Parallel()
	for name, enabled := range map[string]bool{"with the API": true, "without it": false} {
		t.Run(name, func(t *testing.T) {
			r := startDev(t, func(cfg *config.Config) { cfg.Manage.Enabled, cfg.Manage.Address = enabled, "127.0.0.1:0" })
			if o := r.operator(); o.at == r.BaseURL {
				t.Errorf("the console is at %s", o.at)
			}
			if a := r.send(request{method: http.MethodGet, path: "/console/sign-in"}); a.status != http.StatusNotFound {
				t.Errorf("where the clients are it is answered %d %s", a.status, a.body)
			}
		})
	}
}

func TestTheConsoleIsOffUntilItIsEnabled(t *testing.T) {
	t.Parallel()
	r := startDev(t, func(cfg *config.Config) { cfg.Console.Enabled = false })
	if a := r.send(request{method: http.MethodGet, path: "/console/sign-in"}); a.status != http.StatusNotFound || r.Console.SignInURL != "" {
		t.Errorf("got %d %s at %q", a.status, a.body, r.Console.SignInURL)
	}
}
