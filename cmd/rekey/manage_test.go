package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"rekey/config"
)

// managing sends a request of a program that bears the key of the facts.
func (r *running) managing(method, path, body string, headers ...string) answer {
	r.t.Helper()
	q := request{method: method, path: path, body: body, header: map[string]string{"Authorization": "Bearer " + r.Manage.Key}}
	if body != "" {
		q.header["Content-Type"] = "application/json"
	}
	for name, value := range pairs(headers) {
		q.header[name] = value
	}
	at := *r
	at.BaseURL = r.Manage.URL
	return at.send(q)
}

func pairs(all []string) map[string]string {
	found := map[string]string{}
	for pair := range slices.Chunk(all, 2) {
		found[pair[0]] = pair[1]
	}
	return found
}

// A password that is changed in a dialect is verified here at once, and the old
// one no more; what was issued before is told to be dead.
func TestAServiceVerifiesThePasswordsThatAreChangedHere(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		r := startDevCommand(t, "--dsn", dsn)
		ada := r.Accounts[0]
		ask := func(password string) answer {
			body, _ := json.Marshal(map[string]string{"login": ada.Email, "password": password, "client_address": "203.0.113.7"})
			return r.managing(http.MethodPost, "/manage/v1/verify", string(body))
		}
		var before, after struct {
			Account          string `json:"account"`
			TokensValidAfter string `json:"tokens_valid_after"`
		}
		if a := ask(ada.Password); a.status != http.StatusOK || json.Unmarshal([]byte(a.body), &before) != nil || before.Account != ada.ID {
			t.Fatalf("the right password is answered %d %s", a.status, a.body)
		}
		const changed = "A fresh sample staple 1"
		r.succeeds(licensespringDialect, r.send(licensespringDialect.change(r.facts, 0, ada.Password, changed)), "the change")
		if a := ask(ada.Password); a.status != http.StatusForbidden || !strings.Contains(a.body, "wrong_credentials") {
			t.Errorf("the old password is answered %d %s", a.status, a.body)
		}
		if a := ask(changed); a.status != http.StatusOK || json.Unmarshal([]byte(a.body), &after) != nil || after.TokensValidAfter <= before.TokensValidAfter {
			t.Errorf("the new password is answered %d %s after %+v", a.status, a.body, before)
		}
		a := r.managing(http.MethodGet, "/manage/v1/accounts/"+ada.ID, "")
		if a.status != http.StatusOK || !strings.Contains(a.body, `"tokens_valid_after":"`+after.TokensValidAfter+`"`) {
			t.Errorf("the account is answered %d %s, want %s", a.status, a.body, after.TokensValidAfter)
		}
	})
}

// Of many that send one write at once, one does it and all are told the same, or
// to wait.
func TestAWriteThatIsSentAtOnceIsDoneOnce(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		r := startDevCommand(t, "--dsn", dsn)
		answers := r.atOnce(12, func(int) request {
			return request{
				method: http.MethodPost, path: "/manage/v1/accounts/" + r.Accounts[0].ID + "/reset_token",
				header: map[string]string{"Authorization": "Bearer " + r.Manage.Key, "Idempotency-Key": `"one"`},
			}
		})
		told := r.managing(http.MethodPost, "/manage/v1/accounts/"+r.Accounts[0].ID+"/reset_token", "", "Idempotency-Key", `"one"`)
		if told.status != http.StatusCreated || told.header.Get("Idempotency-Replayed") != "true" {
			t.Fatalf("got %d %v %s", told.status, told.header, told.body)
		}
		for _, a := range answers {
			if a.status == http.StatusConflict && a.header.Get("Retry-After") != "" && strings.Contains(a.body, "in_flight") {
				continue
			}
			if a.status != http.StatusCreated || a.body != told.body {
				t.Errorf("got %d %s, want what the others are told", a.status, a.body)
			}
		}
		events := r.managing(http.MethodGet, "/manage/v1/events?action=token.issued&dialect=manage&account="+r.Accounts[0].ID, "")
		if n := strings.Count(events.body, "token.issued"); n != 1 {
			t.Errorf("%d tokens were issued, want 1: %s", n, events.body)
		}
	})
}

func TestTheManagementAPIMayHaveAListenerOfItsOwn(t *testing.T) {
	t.Parallel()
	r := startDev(t, func(cfg *config.Config) { cfg.Manage.Address = "127.0.0.1:0" })
	if r.Manage.URL == r.BaseURL {
		t.Fatalf("it is served at %s", r.Manage.URL)
	}
	if a := r.managing(http.MethodGet, "/manage/v1/accounts?limit=1", ""); a.status != http.StatusOK {
		t.Errorf("there, it answers %d %s", a.status, a.body)
	}
	at := *r
	at.Manage.URL = r.BaseURL
	if a := at.managing(http.MethodGet, "/manage/v1/accounts", ""); a.status != http.StatusNotFound || strings.Contains(a.body, "manage") {
		t.Errorf("where the clients are, it answers %d %s", a.status, a.body)
	}
	apart := *r
	apart.BaseURL = r.Manage.URL
	if a := apart.send(r.firstChange(licensespringDialect, 0, "A fresh sample staple 1")); a.status != http.StatusNotFound {
		t.Errorf("there, a dialect answers %d %s", a.status, a.body)
	}
	if _, text := r.probe("/openapi.json"); !strings.Contains(text, "/manage/v1/verify") {
		t.Error("the contract does not describe it")
	}
}

func TestTheManagementAPIIsOffUntilItIsEnabled(t *testing.T) {
	t.Parallel()
	r := startDev(t, func(cfg *config.Config) { cfg.Manage.Enabled = false })
	if a := r.send(request{method: http.MethodGet, path: "/manage/v1/accounts"}); a.status != http.StatusNotFound || r.Manage.URL != "" {
		t.Errorf("it answers %d %s at %q", a.status, a.body, r.Manage.URL)
	}
}
