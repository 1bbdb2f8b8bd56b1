package console_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/adapters/adaptertest"
	"rekey/adapters/console"
	"rekey/adapters/manage"
	"rekey/core"
	"rekey/core/passhash"
	"rekey/core/seal"
	"rekey/store/memory"
)

const tenant core.TenantID = "acme"

const (
	address = "203.0.113.9"
	hostile = `<img src=x onerror=alert(1)>`
)

// world is the console over the management API over the store in memory.
type world struct {
	t       *testing.T
	now     time.Time
	store   *memory.Store
	tick    time.Duration // that passes whenever the time is asked for
	service *core.Service
	inside  http.Handler
	server  *echo.Echo
	log     *bytes.Buffer
	asked   []*http.Request // of the management API

	operators int
}

func newWorld(t *testing.T, change ...func(*console.Parts)) *world {
	w := &world{t: t, now: adaptertest.Now, store: memory.New(), log: &bytes.Buffer{}}
	clock, random := func() time.Time { w.now = w.now.Add(w.tick); return w.now }, adaptertest.Dice()
	pool, err := passhash.New(passhash.ForTests(), random)
	noError(t, err)
	w.service = core.New(core.Parts{
		Store: w.store, AccessKeys: w.store, Replays: w.store, Throttle: w.store, Attempts: w.store, Rules: core.AttemptRules{Stop: 24, Kept: 8}, Outbox: w.store, Deliveries: w.store, Sessions: w.store, Samples: w.store, Hasher: pool, TokenTTL: time.Hour,
		SessionLimits: core.SessionLimits{Idle: 15 * time.Minute, Lifetime: 4 * time.Hour, Confirmed: 5 * time.Minute},
		SealUnder: func(secret core.Secret, purpose string) (core.Sealer, error) {
			return seal.Under(secret, purpose, random)
		}, Now: clock, Random: random,
	})
	log := slog.New(slog.NewTextHandler(w.log, nil))
	env := adapters.Env{Passwords: w.service, Now: clock, Random: random, Log: log}
	w.inside = serving(t, env, manage.New(manage.Config{BaseURL: "https://id.acme.example"}, env, installation{}).As(console.Dialect))
	parts := console.Parts{Sessions: w.service, API: http.HandlerFunc(w.ask), Now: clock, Log: log, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	for _, c := range change {
		c(&parts)
	}
	a, err := console.New(parts)
	noError(t, err)
	w.server = serving(t, env, a)
	return w
}

func serving(t *testing.T, env adapters.Env, a adapters.Adapter) *echo.Echo {
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()
	watch := &adapters.Watch{Log: env.Log, Now: env.Now, Random: env.Random}
	watch.Attach(e)
	noError(t, adapters.Mount(e, a))
	return e
}

func (w *world) ask(to http.ResponseWriter, r *http.Request) {
	w.asked = append(w.asked, r)
	w.inside.ServeHTTP(to, r)
}

// key makes a management key.
func (w *world) key(name string, scopes ...core.Scope) string {
	w.t.Helper()
	n := core.NewAccessKey{Tenant: tenant, Name: name, Scopes: scopes}
	secret, _, err := w.service.AddAccessKey(w.t.Context(), n, "root", core.Origin{})
	noError(w.t, err)
	return secret.Reveal()
}

// account adds an account.
func (w *world) account(n core.NewAccount) core.Account {
	w.t.Helper()
	n.Tenant = tenant
	a, err := w.service.CreateAccount(w.t.Context(), n, core.Origin{})
	noError(w.t, err)
	return a
}

// browser is an operator's.
type browser struct {
	*world
	cookies map[string]*http.Cookie
	key     string
}

func (w *world) browser() *browser { return &browser{world: w, cookies: map[string]*http.Cookie{}} }

// signedIn returns a browser whose operator has signed in with a key of these scopes,
// of all if there are none.
func (w *world) signedIn(scopes ...core.Scope) *browser {
	w.t.Helper()
	if len(scopes) == 0 {
		scopes = core.Scopes()
	}
	b := w.browser()
	w.operators++
	b.key = w.key(fmt.Sprintf("operator-%d", w.operators), scopes...)
	if got := b.post("/console/sign-in", url.Values{"key": {b.key}}); got.Code != http.StatusSeeOther {
		w.t.Fatalf("signing in is answered %d %s", got.Code, got.Body)
	}
	return b
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	return b.send(httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, path, nil))
}

func (b *browser) post(path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

// send makes a request with the browser's cookies and keeps those of the answer.
func (b *browser) send(r *http.Request) *httptest.ResponseRecorder {
	if r.RemoteAddr == "192.0.2.1:1234" { // httptest's own
		r.RemoteAddr = address + ":4711"
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.server.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if b.cookies[c.Name] = c; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return w
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// installation tells nothing that a test does not ask for.
type installation struct{ manage.Installation }

func (installation) Dialects() []manage.Dialect {
	return []manage.Dialect{{Name: "unleash"}, {Name: "zap", Enabled: true, Routes: []manage.Route{{Method: "POST", Path: "/v1/otp"}}}}
}

func (installation) Settings() []manage.Setting {
	return []manage.Setting{
		{Key: "server.address", Value: ":8080", Default: ":8080"}, {Key: "store.dsn", Value: "[masked]", Default: "sqlite:rekey.db", Changed: true},
		{Key: "tokens.ttl", Value: hostile, Default: "24h0m0s", Changed: true},
	}
}

func (installation) Findings(context.Context) (manage.Findings, error) {
	return manage.Findings{CheckedAt: adaptertest.Now, Findings: []manage.Finding{
		{Check: "clock", State: "ok", Text: "it agrees with the database's"},
		{Check: "mail", State: "problem", Text: hostile, Advice: "start the mail server"},
		{Check: "memory", State: "skipped", Text: "it would cost who is served"},
	}}, nil
}
