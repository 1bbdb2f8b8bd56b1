package zap_test

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/adapters/adaptertest"
	"rekey/adapters/zap"
	"rekey/core"
	"rekey/core/passhash"
	"rekey/store/memory"
)

// serve serves the configuration on the real domain, whose directory is empty.
func serve(t testing.TB, cfg zap.Config) *echo.Echo {
	t.Helper()
	server, _ := serveOn(t, cfg, memory.New())
	return server
}

// serveOn serves the configuration on the real domain over the store, and
// returns that as well.
func serveOn(t testing.TB, cfg zap.Config, store core.Store) (*echo.Echo, *core.Service) {
	t.Helper()
	cfg.Validate(func(key, problem string) { t.Fatalf("%s: %s", key, problem) })
	hasher, err := passhash.New(passhash.ForTests(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	env := adapters.Env{Now: func() time.Time { return adaptertest.Now }, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)}
	env.Passwords = core.New(core.Parts{
		Store: store, Hasher: hasher, Policy: core.NIST(nil), TokenTTL: time.Hour, Now: env.Now, Random: env.Random,
	})
	adapter, err := zap.New(cfg, env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = adapter.Close() })
	e := echo.New()
	if err := adapters.Mount(e, adapter); err != nil {
		t.Fatal(err)
	}
	return e, env.Passwords
}

// post sends a body with the given Authorization headers.
func post(h http.Handler, body string, authorization ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/v1/changePassword", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header["Authorization"] = authorization
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
