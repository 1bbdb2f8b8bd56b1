package manage_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/adapters/adaptertest"
	"rekey/adapters/manage"
	"rekey/core"
	"rekey/core/passhash"
	"rekey/store/memory"
)

// api is the management API over a store that a test may break.
type api struct {
	*memory.Store
	t      *testing.T
	now    time.Time
	server *echo.Echo
	key    string
	ada    core.AccountID
	kept   []core.Replay
	create func() error // fails the making of tokens, if set
}

// CreateToken implements [core.Store].
func (a *api) CreateToken(ctx context.Context, t core.ResetToken, e core.Event) error {
	if a.create != nil {
		if err := a.create(); err != nil {
			return err
		}
	}
	return a.Store.CreateToken(ctx, t, e)
}

// AnswerRequest implements [core.Replays].
func (a *api) AnswerRequest(ctx context.Context, begun time.Time, r core.Replay) error {
	a.kept = append(a.kept, r)
	return a.Store.AnswerRequest(ctx, begun, r)
}

// BeginRequest implements [core.Replays].
func (a *api) BeginRequest(ctx context.Context, now time.Time, r core.Replay) (core.Replay, bool, error) {
	a.kept = append(a.kept, r)
	return a.Store.BeginRequest(ctx, now, r)
}

func newAPI(t *testing.T) *api {
	a := &api{Store: memory.New(), t: t, now: adaptertest.Now, server: echo.New()}
	random := adaptertest.Dice()
	pool, err := passhash.New(passhash.ForTests(), random)
	if err != nil {
		t.Fatal(err)
	}
	service := core.New(core.Parts{
		Store: a, AccessKeys: a, Replays: a, Hasher: pool, TokenTTL: time.Hour, Now: func() time.Time { return a.now }, Random: random,
	})
	made, err := service.CreateAccount(t.Context(), core.NewAccount{Tenant: "acme", Username: "ada"}, core.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := service.AddAccessKey(t.Context(), core.NewAccessKey{Tenant: "acme", Name: "all", Scopes: core.Scopes()}, "root", core.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	a.ada, a.key = made.ID, secret.Reveal()
	env := adapters.Env{Passwords: service, Now: func() time.Time { return a.now }, Random: random, Log: slog.New(slog.DiscardHandler)}
	if err := adapters.Mount(a.server, manage.New(manage.Default(), env, shown{})); err != nil {
		t.Fatal(err)
	}
	return a
}

// issue asks for a reset token, with an Idempotency-Key.
func (a *api) issue() *httptest.ResponseRecorder {
	return a.post("/manage/v1/accounts/"+string(a.ada)+"/reset_token", "")
}

func (a *api) post(path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(a.t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+a.key)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", `"one"`)
	w := httptest.NewRecorder()
	a.server.ServeHTTP(w, r)
	return w
}

func TestNothingThatIsRememberedCanBeRead(t *testing.T) {
	a := newAPI(t)
	w := a.post("/manage/v1/accounts", `{"username":"grace","password":"forgotten tomorrow"}`)
	if w.Code != http.StatusCreated {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	if len(a.kept) != 2 || a.kept[1].Answer == "" {
		t.Fatalf("got %d replays", len(a.kept))
	}
	for _, r := range a.kept {
		for _, text := range []string{"one", "forgotten", "grace", a.key, a.key[6:]} {
			if strings.Contains(r.Key+r.Request+r.Answer, text) {
				t.Errorf("%q can be read: %+v", text, r)
			}
		}
	}
}

func TestWhatOnlyTimeHealsIsTriedAgain(t *testing.T) {
	a := newAPI(t)
	for _, code := range []core.Code{core.Unavailable, core.Internal, core.Conflict} {
		a.create = func() error { return code }
		if w := a.issue(); w.Code < 500 {
			t.Errorf("%s is answered %d", code, w.Code)
		}
	}
	a.create = nil
	if w := a.issue(); w.Code != http.StatusCreated || w.Header().Get("Idempotency-Replayed") != "" {
		t.Errorf("then it is answered %d %v", w.Code, w.Header())
	}
	if w := a.issue(); w.Code != http.StatusCreated || w.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf("and again %d %v", w.Code, w.Header())
	}
}

func TestWhoComesMeanwhileIsToldToWait(t *testing.T) {
	a := newAPI(t)
	var second *httptest.ResponseRecorder
	a.create = func() error {
		if a.create = nil; second == nil {
			second = a.issue()
		}
		return nil
	}
	first := a.issue()
	if first.Code != http.StatusCreated || second.Code != http.StatusConflict || second.Header().Get("Retry-After") != "1" ||
		!strings.Contains(second.Body.String(), `"code":"in_flight"`) {
		t.Errorf("got %d, and meanwhile %d %v %s", first.Code, second.Code, second.Header(), second.Body)
	}
}

// Whoever dies in flight leaves a request that is judged anew after a while; an
// answer is told for a day.
func TestAnAnswerIsRememberedForADay(t *testing.T) {
	a := newAPI(t)
	a.create = func() error { panic("dies") }
	func() {
		defer func() { _ = recover() }()
		a.issue()
	}()
	a.create = nil
	for _, step := range []struct {
		after  time.Duration
		status int
		again  string
	}{
		{time.Minute, http.StatusConflict, ""}, {time.Minute, http.StatusCreated, ""},
		{24*time.Hour - time.Second, http.StatusCreated, "true"}, {time.Second, http.StatusCreated, ""},
	} {
		a.now = a.now.Add(step.after)
		if w := a.issue(); w.Code != step.status || w.Header().Get("Idempotency-Replayed") != step.again {
			t.Errorf("%v later: got %d, again %q", step.after, w.Code, w.Header().Get("Idempotency-Replayed"))
		}
	}
}

func FuzzIdempotencyKey(f *testing.F) {
	for _, seed := range []string{`"a"`, "a", `""`, "", `"a`, `a"`, "\"a b\"", "a b", "\x00", `"\""`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, err := manage.IdempotencyKey(text)
		if (key == "") != (err != nil) || len(key) > 255 || !strings.Contains(text, key) {
			t.Errorf("%q: got %q, %v", text, key, err)
		}
	})
}

func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", "YQ", "YWE", "YWE=", "YWE\n", "c2E", "____"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		place, err := manage.CursorOf('a', text)
		if err == nil && text != "" && manage.CursorAt('a', place) != text {
			t.Errorf("%q is %q, whose cursor is %q", text, place, manage.CursorAt('a', place))
		}
	})
}
