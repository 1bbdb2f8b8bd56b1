package unleash_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/adapters/adaptertest"
	"rekey/adapters/unleash"
	"rekey/core"
	"rekey/core/passhash"
	"rekey/store/memory"
)

// store is the one in memory, where the token "r3set" is ada's, with failures
// on demand.
type store struct {
	core.Store
	token, account error
}

func (s *store) Token(ctx context.Context, d core.Digest) (core.ResetToken, error) {
	if s.token != nil {
		return core.ResetToken{}, s.token
	}
	return s.Store.Token(ctx, d)
}

func (s *store) Account(ctx context.Context, tenant core.TenantID, key core.Key) (core.Account, error) {
	if s.account != nil {
		return core.Account{}, s.account
	}
	return s.Store.Account(ctx, tenant, key)
}

// serve returns a server of the dialect on the store.
func serve(t testing.TB, s *store) http.Handler {
	random := rand.NewChaCha8([32]byte{})
	pool, err := passhash.New(passhash.ForTests(), random)
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return adaptertest.Now }
	s.Store = memory.New()
	service := core.New(core.Parts{
		Store: s, Hasher: pool, Policy: core.Policy{MinLength: 1}, TokenTTL: time.Hour, Now: now, Random: random,
	})
	ada, err := service.CreateAccount(t.Context(), core.NewAccount{Tenant: adaptertest.Tenant, Username: "ada"}, core.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	err = s.CreateToken(t.Context(), core.ResetToken{
		Digest: core.NewToken("r3set").Digest(), Tenant: ada.Tenant, Account: ada.ID, ExpiresAt: now().Add(time.Hour),
	}, core.Event{ID: "issued", At: now(), Tenant: ada.Tenant, Account: ada.ID, Action: core.TokenIssued})
	if err != nil {
		t.Fatal(err)
	}
	a, err := unleash.New(section(), adapters.Env{Passwords: service, Now: now, Random: random, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	if err := adapters.Mount(e, a); err != nil {
		t.Fatal(err)
	}
	return e
}

func post(server http.Handler, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/auth/reset/password", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	return w
}

func TestFailuresOfTheDomainAreWorded(t *testing.T) {
	const unavailable = `{"name":"UnavailableError","message":"The service is temporarily unavailable. Please try again later.",` +
		`"details":[{"message":"The service is temporarily unavailable. Please try again later."}]}`
	for _, test := range []struct {
		name       string
		failing    store
		status     int
		retryAfter string
		body       string
	}{
		{"the account is gone", store{account: core.NotFound}, 404, "",
			`{"name":"NotFoundError","message":"No user found","details":[{"message":"No user found"}]}`},
		{"too many attempts", store{token: &core.Error{Code: core.Throttled, RetryAfter: 90 * time.Second}}, 429, "90",
			`{"name":"RateLimitError","message":"Too many attempts. Please try again later.",` +
				`"details":[{"message":"Too many attempts. Please try again later."}]}`},
		{"others keep changing the account", store{token: core.Conflict}, 503, "1", unavailable},
		{"overloaded", store{token: &core.Error{Code: core.Unavailable, RetryAfter: 2500 * time.Millisecond}}, 503, "3", unavailable},
		{"unknown", store{token: errors.New("sql: r3set not in 10.0.0.7")}, 500, "",
			`{"name":"UnknownError","message":"Something went wrong.","details":[{"message":"Something went wrong."}]}`},
		{"weak for the scheme alone", store{token: core.WeakPassword}, 400, "",
			`{"name":"OwaspValidationError","message":"The password may not be used.",` +
				`"details":[{"validationErrors":["The password may not be used."],"message":"The password may not be used."}]}`},
	} {
		w := post(serve(t, &test.failing), redemption)
		got := w.Body.String()
		if w.Code != test.status || got != test.body || w.Header().Get("Retry-After") != test.retryAfter {
			t.Errorf("%s: got %d, Retry-After %q: %s\nwant %d, %q: %s",
				test.name, w.Code, w.Header().Get("Retry-After"), got, test.status, test.retryAfter, test.body)
		}
	}
}

var uuid4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestEveryIDIsFresh(t *testing.T) {
	server := serve(t, &store{})
	seen := map[string]bool{}
	for range 50 {
		var answer struct{ ID string }
		if err := json.Unmarshal(post(server, `{}`).Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		if !uuid4.MatchString(answer.ID) || seen[answer.ID] {
			t.Fatalf("got the id %q, want a fresh UUID of version 4", answer.ID)
		}
		seen[answer.ID] = true
	}
}

func FuzzPost(f *testing.F) {
	little, big := utf16Of(redemption)
	f.Add("application/json", "", []byte(redemption))
	f.Add("application/json; charset=utf-16", "", []byte(little))
	f.Add("application/json; charset=utf-16be", "identity", []byte(big))
	f.Add(`application/json; charset="utf-8"`, "gzip", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00"))
	f.Add("application/json", "deflate", []byte("x\x9c\x03\x00\x00\x00\x00\x01"))
	f.Add("application/json", "", []byte(`{"token":[1e400,"\ud83d\ude00",{"":-0}],"password":[]}`))
	f.Add("application/json", "", []byte(`{"token":null,"password":1e3}`))
	f.Add("application/json", "", []byte(`[`))
	server := serve(f, &store{})
	f.Fuzz(func(t *testing.T, media, encoding string, body []byte) {
		w := post(server, string(body), "Content-Type", media, "Content-Encoding", encoding)
		switch {
		case w.Code >= 500:
			t.Fatalf("%q %q %q: %d %s", media, encoding, body, w.Code, w.Body)
		case w.Code == http.StatusOK:
			if w.Body.Len() > 0 || w.Header().Get("Content-Type") != "" {
				t.Fatalf("%q %q %q: success says %q", media, encoding, body, w.Body)
			}
		case !json.Valid(w.Body.Bytes()) || w.Header().Get("Content-Type") != "application/json; charset=utf-8":
			t.Fatalf("%q %q %q: no JSON: %s", media, encoding, body, w.Body)
		}
	})
}
