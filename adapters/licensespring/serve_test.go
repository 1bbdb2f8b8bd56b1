package licensespring_test

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
	"rekey/adapters/licensespring"
	"rekey/core"
	"rekey/core/passhash"
	"rekey/store/memory"
)

const forgotten = "forgotten tomorrow"

// serve serves the configuration on the real domain at the given time, with
// one account, ada@acme.example.
func serve(t testing.TB, cfg licensespring.Config, now func() time.Time) *echo.Echo {
	t.Helper()
	cfg.Validate(func(key, problem string) { t.Fatalf("%s: %s", key, problem) })
	hasher, err := passhash.New(passhash.ForTests(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	env := adapters.Env{Now: now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)}
	env.Passwords = core.New(core.Parts{
		Store: memory.New(), Hasher: hasher, Policy: core.NIST(nil), TokenTTL: time.Hour, Now: env.Now, Random: env.Random,
	})
	password := core.NewPassword(forgotten)
	if _, err := env.Passwords.CreateAccount(t.Context(), core.NewAccount{
		Tenant: adaptertest.Tenant, Email: "ada@acme.example", Password: &password,
	}, core.Origin{}); err != nil {
		t.Fatal(err)
	}
	adapter, err := licensespring.New(cfg, env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = adapter.Close() })
	e := echo.New()
	if err := adapters.Mount(e, adapter); err != nil {
		t.Fatal(err)
	}
	return e
}

// atNoon is the time of the transcripts.
func atNoon() time.Time { return adaptertest.Now }

// post sends a body that no handler gets as far as changing anything with.
func post(h http.Handler, authorization ...string) *httptest.ResponseRecorder {
	return postBody(h, "{}", authorization...)
}

func postBody(h http.Handler, body string, authorization ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/api/v4/change_password", strings.NewReader(body))
	r.Header.Set("Date", adaptertest.Now.Format(http.TimeFormat))
	r.Header["Authorization"] = authorization
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
