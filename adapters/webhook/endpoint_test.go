package webhook_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rekey/adapters/webhook"
	"rekey/config/secret"
	"rekey/core"
)

// TestMain names a proxy, which the library for that reads once.
func TestMain(m *testing.M) {
	_ = os.Setenv("HTTP_PROXY", "http://proxy.acme.example")
	goleak.VerifyTestMain(m)
}

const (
	first  = "whsec_YSBzZWNyZXQgb2YgdGhlIHRlc3RzLCBvbmU="
	second = "whsec_YSBzZWNyZXQgb2YgdGhlIHRlc3RzLCB0d28="
)

// posted is a request that came to an endpoint.
type posted struct {
	method, target, body string
	header               http.Header
}

// endpoint is a server that answers as it is told.
type endpoint struct {
	*httptest.Server
	mu     sync.Mutex
	got    []posted
	answer func(w http.ResponseWriter, n int)
}

func listen(t *testing.T, answer func(w http.ResponseWriter, n int)) *endpoint {
	t.Helper()
	e := &endpoint{answer: answer}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body strings.Builder
		_, _ = fmt.Fprint(&body, readAll(r))
		e.mu.Lock()
		e.got = append(e.got, posted{r.Method, r.RequestURI, body.String(), r.Header})
		n := len(e.got)
		e.mu.Unlock()
		if e.answer != nil {
			e.answer(w, n)
		}
	}))
	t.Cleanup(e.Close)
	return e
}

// requests returns what came so far.
func (e *endpoint) requests() []posted {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.got)
}

func readAll(r *http.Request) string {
	var raw json.RawMessage
	_ = json.NewDecoder(r.Body).Decode(&raw)
	return string(raw)
}

func settings(url string) webhook.Endpoint {
	var e webhook.Endpoint
	e.SetDefaults()
	e.URL, e.Secrets, e.Timeout = url, []secret.Value{secret.New(first)}, time.Second
	return e
}

// sender returns what posts to the endpoint.
func sender(t *testing.T, e webhook.Endpoint) core.Handler {
	t.Helper()
	s, err := webhook.New(e, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s.Handlers()[core.TellEndpoint]
}

var change = core.Message{
	ID: "0193f1c6-6f5e-7c2e-9a53-0d6c1f3b8a11", Tenant: "acme", Account: "7", Topic: core.TellEndpoint, Endpoint: "siem",
	Facts: map[string]string{
		core.FactEvent: "e1", core.FactAction: "password.changed", core.FactAt: "2026-11-21T12:00:00.000001Z", core.FactDialect: "zap",
		core.FactAddr: "192.0.2.7", core.FactRequest: "r1", core.FactProof: "authority", core.FactActor: "idp/root",
		core.FactExternal + "zap": "43af", core.FactChangedAt: "2026-11-21T12:00:00.000001Z", core.FactTokensValidAfter: "2026-11-21T12:00:00.000002Z",
	},
}
