package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rekey/adapters"
	"rekey/adapters/manage"
	"rekey/core"
)

// insider is a part of a process that uses the management API under a name.
type insider struct {
	*generation
	api http.Handler
	key core.Secret
	log *bytes.Buffer
}

// newInsider returns one over a new database. The management API is not enabled.
func newInsider(t *testing.T) *insider {
	t.Helper()
	cfg := devConfig(newDevKeys(), "127.0.0.1:0", "sqlite:"+t.TempDir()+"/rekey.db")
	cfg.Manage.Enabled = false
	log := &bytes.Buffer{}
	i, err := install(t.Context(), cfg, log)
	noError(t, err)
	t.Cleanup(func() { _ = i.Close() })
	i.source.given = cfg
	g, err := newGeneration(i, "http://127.0.0.1:8080")
	noError(t, err)
	t.Cleanup(g.end)
	n := core.NewAccessKey{Tenant: devTenant, Name: "operator", Scopes: core.Scopes()}
	key, _, err := i.passwords.AddAccessKey(t.Context(), n, "test", byOperator)
	noError(t, err)
	api, err := g.manageInside("console")
	noError(t, err)
	return &insider{g, api, key, log}
}

func (x *insider) ask(ctx context.Context, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	r.RemoteAddr = "203.0.113.9:4711"
	r.Header.Set("X-Request-Id", "outer-1")
	r.Header.Set("X-Forwarded-For", "198.51.100.1")
	r.Header.Set("Authorization", "Bearer "+x.key.Reveal())
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	x.api.ServeHTTP(w, r)
	return w
}

func TestAPartOfTheProcessUsesTheManagementAPIUnderItsOwnName(t *testing.T) {
	x := newInsider(t)
	before := x.log.Len()
	if w := x.ask(t.Context(), http.MethodPost, "/manage/v1/accounts", `{"username":"ada"}`); w.Code != http.StatusCreated {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	events, _, err := x.passwords.Events(t.Context(), devTenant, core.Trail{Action: core.AccountCreated}, 10)
	noError(t, err)
	if len(events) != 1 {
		t.Fatalf("got %d events", len(events))
	}
	got := []string{events[0].Origin.Dialect, events[0].Origin.Addr.String(), events[0].Origin.RequestID, events[0].Actor}
	if diff := cmp.Diff([]string{"console", "203.0.113.9", "outer-1", "key:operator"}, got); diff != "" {
		t.Errorf("dialect, address, request, actor (-want +got):\n%s", diff)
	}
	if x.log.Len() != before {
		t.Errorf("what went well is logged twice: %s", x.log)
	}
	noError(t, x.db.Close())
	if w := x.ask(t.Context(), http.MethodGet, "/manage/v1/accounts", ""); w.Code < 500 || !strings.Contains(x.log.String(), "outer-1") {
		t.Errorf("of what fails the log has to tell: got %d, %s", w.Code, x.log)
	}
}

func TestAllDialectsAreToldAndTheRoutesOfThoseThatAreServed(t *testing.T) {
	x := newInsider(t)
	x.cfg.Adapters.Unleash.Enabled = false
	noError(t, adapters.Close(x.dialects...))
	noError(t, x.mount())
	var told struct{ Dialects []manage.Dialect }
	noError(t, json.Unmarshal(x.ask(t.Context(), http.MethodGet, "/manage/v1/dialects", "").Body.Bytes(), &told))
	var names []string
	for _, d := range told.Dialects {
		names = append(names, d.Name)
		if d.Enabled != (d.Name != "unleash") || d.Enabled != (len(d.Routes) > 0) {
			t.Errorf("%+v", d)
		}
		if d.Name == "zap" && !slices.Contains(d.Routes, manage.Route{Method: http.MethodPost, Path: "/v1/changePassword"}) {
			t.Errorf("a route is missing: %+v", d)
		}
	}
	if diff := cmp.Diff(builtinNames(), names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
