package pages_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/adapters/adaptertest"
	"rekey/adapters/pages"
	"rekey/core"
	"rekey/core/passhash"
	"rekey/core/wordlist"
	"rekey/store/memory"
)

const (
	acme    = adaptertest.Tenant
	present = "the password of before"
	fresh   = "correct horse battery staple"
	weak    = "Sh0rt-c4n"
)

// world is the real domain on the store in memory, with the pages before it.
type world struct {
	t      testing.TB
	parts  core.Parts
	cfg    pages.Config
	mails  bool
	limits core.MailLimits
	now    time.Time
	kept   *memory.Store
	log    bytes.Buffer

	handler http.Handler // nil until the first request
	said    []string     // every answer, with its headers
}

func newWorld(t testing.TB) *world {
	pool, err := passhash.New(passhash.ForTests(), adaptertest.Dice())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, cfg: pages.Default(), mails: true, now: adaptertest.Now, kept: memory.New()}
	w.cfg.Enabled, w.cfg.Tenant, w.cfg.Brand.Name = true, acme, "Acme"
	w.parts = core.Parts{
		Store: w.kept, Outbox: w.kept, Throttle: w.kept, Factors: w.kept, Hasher: pool, Policy: core.NIST(wordlist.Common),
		History: 5, TokenTTL: 24 * time.Hour, Now: func() time.Time { return w.now }, Random: adaptertest.Dice(),
	}
	return w
}

var letters = regexp.MustCompile(`^[a-z]*`)

// account adds an account with a password, and returns a live token of it.
func (w *world) account(name string) core.Token {
	w.t.Helper()
	password := core.NewPassword(present)
	service := core.New(w.parts)
	_, err := service.CreateAccount(w.t.Context(), core.NewAccount{Tenant: acme, Username: name, Email: "x" + letters.FindString(name) + "@acme.example", Password: &password}, core.Origin{})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.token(name)
}

func (w *world) token(name string) core.Token {
	w.t.Helper()
	token, _, err := core.New(w.parts).IssueToken(w.t.Context(), acme, core.Locator{Login: name}, "test", core.Origin{})
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// serve builds the server, by the configuration as it is now.
func (w *world) serve() http.Handler {
	w.t.Helper()
	if w.handler != nil {
		return w.handler
	}
	w.cfg.Validate(func(key, problem string) { w.t.Errorf("%s: %s", key, problem) })
	log := slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	a, err := pages.New(w.cfg, adapters.Env{
		Passwords: core.New(w.parts), Now: w.parts.Now, Random: adaptertest.Dice(), Log: log, MailLimits: w.limits,
	}, w.mails)
	if err != nil {
		w.t.Fatal(err)
	}
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()
	watch := adapters.Watch{Log: log, Now: w.parts.Now, Random: adaptertest.Dice()}
	watch.Attach(e)
	if err := adapters.Mount(e, a); err != nil {
		w.t.Fatal(err)
	}
	w.handler = e
	return e
}

// answer is what a browser gets.
type answer struct {
	*httptest.ResponseRecorder
	text string
}

func (w *world) send(r *http.Request) answer {
	w.t.Helper()
	recorder := httptest.NewRecorder()
	w.serve().ServeHTTP(recorder, r)
	a := answer{recorder, recorder.Body.String()}
	var head bytes.Buffer
	_ = recorder.Header().Write(&head)
	w.said = append(w.said, head.String()+a.text)
	return a
}

func (w *world) get(path string, headers ...string) answer {
	w.t.Helper()
	return w.send(request(http.MethodGet, path, "", headers...))
}

// post sends a form, of names and values in turns.
func (w *world) post(path string, fields ...string) answer {
	w.t.Helper()
	return w.send(request(http.MethodPost, path, encode(fields...)))
}

func encode(fields ...string) string {
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	return values.Encode()
}

func request(method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = netip.MustParseAddrPort("203.0.113.9:4711").String()
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// wants holds an answer to a status and to texts that it has.
func (w *world) wants(a answer, status int, texts ...string) {
	w.t.Helper()
	if a.Code != status {
		w.t.Errorf("got %d, want %d: %.2000s", a.Code, status, a.text)
	}
	for _, text := range texts {
		if !strings.Contains(a.text, text) {
			w.t.Errorf("no %q in %s", text, a.text)
		}
	}
}

// events returns what the trail has, each as action, outcome and dialect.
func (w *world) events() (told []string) {
	w.t.Helper()
	events, err := w.kept.Events(w.t.Context(), acme, "", 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range events {
		if e.Origin.Dialect == "pages" {
			told = append(told, strings.TrimSpace(string(e.Action)+" "+string(e.Outcome)))
		}
	}
	return told
}

func (w *world) opens(name, password string) bool {
	w.t.Helper()
	account, err := w.kept.Account(w.t.Context(), acme, core.Key{Kind: core.KeyLogin, Value: name})
	if err != nil {
		w.t.Fatal(err)
	}
	ok, err := w.parts.Hasher.Verify(w.t.Context(), core.NewPassword(password), account.Verifier)
	if err != nil {
		w.t.Fatal(err)
	}
	return ok
}
