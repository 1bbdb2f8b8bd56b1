package adapters_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// fake is a dialect whose words are the classification of what failed.
type fake struct {
	name     string
	prefixes []string
	routes   []adapters.Route
}

func (f fake) Name() string             { return f.name }
func (f fake) Prefixes() []string       { return f.prefixes }
func (f fake) Routes() []adapters.Route { return f.routes }
func (f fake) Fail(c echo.Context, err error) error {
	adapters.RetryAfter(c, err)
	return c.String(http.StatusTeapot, f.name+" "+adapters.Classify(err).Error())
}

// serve mounts a dialect with one route that runs h, and returns a client of
// it with what it logs.
func serve(t *testing.T, watch *adapters.Watch, h echo.HandlerFunc) (do func(method, path, body string) (*http.Response, string), logs *bytes.Buffer) {
	t.Helper()
	logs = &bytes.Buffer{}
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()
	watch.Log, watch.Now = slog.New(slog.NewJSONHandler(logs, nil)), time.Now
	watch.Random = strings.NewReader(strings.Repeat("x", 1000))
	watch.Attach(e)
	a := fake{"a", []string{"/a"}, []adapters.Route{{Method: http.MethodPost, Path: "/a/do", Handler: h}}}
	if err := adapters.Mount(e, a); err != nil {
		t.Fatal(err)
	}
	return func(method, path, body string) (*http.Response, string) {
		rec := httptest.NewRecorder()
		e.ServeHTTP(rec, httptest.NewRequest(method, path, strings.NewReader(body)))
		return rec.Result(), rec.Body.String()
	}, logs
}

func TestEveryFailureBelowAPrefixLeavesInItsDialect(t *testing.T) {
	fail := func(err error) echo.HandlerFunc { return func(echo.Context) error { return err } }
	for name, test := range map[string]struct {
		method, path string
		handler      echo.HandlerFunc
		want         string
	}{
		"unknown path":      {"POST", "/a/other", fail(nil), "a no_route"},
		"the prefix":        {"GET", "/a", fail(nil), "a no_route"},
		"wrong method":      {"PUT", "/a/do", fail(nil), "a bad_method"},
		"odd method":        {"BREW", "/a/do/", fail(nil), "a bad_method"},
		"options":           {"OPTIONS", "/a/do", fail(nil), "a bad_method"},
		"refusal":           {"POST", "/a/do", fail(core.Throttled), "a throttled"},
		"slash":             {"POST", "/a/do/", fail(core.Throttled), "a throttled"},
		"overloaded":        {"POST", "/a/do", fail(&core.Error{Code: core.Unavailable, RetryAfter: 1500 * time.Millisecond}), "a unavailable"},
		"client hung up":    {"POST", "/a/do", fail(context.Canceled), "a unavailable"},
		"unclassified":      {"POST", "/a/do", fail(errors.New("odd")), "a internal"},
		"framework's error": {"POST", "/a/do", fail(echo.ErrBadRequest), "a internal"},
		"panic":             {"POST", "/a/do", func(echo.Context) error { panic("hunter2") }, "a internal"},
		"runtime error":     {"POST", "/a/do", func(c echo.Context) error { return errors.New(c.ParamValues()[7]) }, "a internal"},
	} {
		do, logs := serve(t, &adapters.Watch{}, test.handler)
		resp, body := do(test.method, test.path, "")
		if resp.StatusCode != http.StatusTeapot || body != test.want {
			t.Errorf("%s: got %d %q, want %q", name, resp.StatusCode, body, test.want)
		}
		if strings.Contains(logs.String(), "hunter2") {
			t.Errorf("%s: the log repeats what a panic said: %s", name, logs)
		}
		if lines := strings.Count(logs.String(), "\n"); lines != 1 {
			t.Errorf("%s: %d log lines, want 1", name, lines)
		}
	}
}

func TestOutsideAllPrefixesNoDialectAnswers(t *testing.T) {
	do, _ := serve(t, &adapters.Watch{}, func(echo.Context) error { return nil })
	for _, path := range []string{"/", "/ax", "/b/do", "//a/do"} {
		resp, body := do(http.MethodPost, path, "")
		if resp.StatusCode != http.StatusNotFound || body != `{"error":"not found"}` {
			t.Errorf("%s: got %d %q", path, resp.StatusCode, body)
		}
	}
}

func TestRetryAfterIsToldInWholeSeconds(t *testing.T) {
	for err, want := range map[error]string{
		&core.Error{Code: core.Unavailable, RetryAfter: 1500 * time.Millisecond}: "2",
		&core.Error{Code: core.Throttled, RetryAfter: time.Minute}:               "60",
		core.Throttled: "1", core.Conflict: "1", core.WrongPassword: "", adapters.TooLarge: "",
	} {
		do, _ := serve(t, &adapters.Watch{}, func(echo.Context) error { return err })
		if resp, _ := do(http.MethodPost, "/a/do", ""); resp.Header.Get("Retry-After") != want {
			t.Errorf("%v: got %q, want %q", err, resp.Header.Get("Retry-After"), want)
		}
	}
}

func TestMethodsThatAreServedAreTold(t *testing.T) {
	do, _ := serve(t, &adapters.Watch{}, func(echo.Context) error { return nil })
	for _, path := range []string{"/a/do", "/a/do/"} {
		if resp, _ := do(http.MethodGet, path, ""); resp.Header.Get("Allow") != "POST" {
			t.Errorf("%s: Allow is %q", path, resp.Header.Get("Allow"))
		}
	}
}

func TestMountRefusesOverlaps(t *testing.T) {
	for name, all := range map[string][]adapters.Adapter{
		"same prefix":   {fake{"a", []string{"/x"}, nil}, fake{"b", []string{"/x"}, nil}},
		"below":         {fake{"a", []string{"/x"}, nil}, fake{"b", []string{"/x/y"}, nil}},
		"above":         {fake{"a", []string{"/x/y"}, nil}, fake{"b", []string{"/x"}, nil}},
		"same name":     {fake{"a", []string{"/x"}, nil}, fake{"a", []string{"/y"}, nil}},
		"outside":       {fake{"a", []string{"/x"}, []adapters.Route{{Method: "GET", Path: "/y"}}}},
		"other's route": {fake{"a", []string{"/x"}, nil}, fake{"b", []string{"/y"}, []adapters.Route{{Method: "GET", Path: "/x/z"}}}},
	} {
		if err := adapters.Mount(echo.New(), all...); err == nil {
			t.Errorf("%s: mounted", name)
		}
	}
	if err := adapters.Mount(echo.New(), fake{"a", []string{"/x"}, nil}, fake{"b", []string{"/xy"}, nil}); err != nil {
		t.Errorf("prefixes that only look alike: %v", err)
	}
}

func TestAClosingServerRefusesInDialect(t *testing.T) {
	watch := &adapters.Watch{}
	do, _ := serve(t, watch, func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	watch.Closing.Store(true)
	resp, body := do(http.MethodPost, "/a/do", "")
	if body != "a unavailable" || resp.Header.Get("Connection") != "close" || resp.Header.Get("Retry-After") != "1" {
		t.Errorf("got %q, %v", body, resp.Header)
	}
	if _, body := do(http.MethodPost, "/a/other", ""); body != "a unavailable" {
		t.Errorf("unknown path: got %q", body)
	}
}

func TestALeavingServerServesAndClosesConnections(t *testing.T) {
	watch := &adapters.Watch{}
	do, _ := serve(t, watch, func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	watch.Leaving.Store(true)
	if resp, body := do(http.MethodPost, "/a/do", ""); resp.StatusCode != http.StatusOK || resp.Header.Get("Connection") != "close" {
		t.Errorf("got %d %q, %v", resp.StatusCode, body, resp.Header)
	}
}

func TestARequestHasADeadline(t *testing.T) {
	do, _ := serve(t, &adapters.Watch{Timeout: time.Millisecond}, func(c echo.Context) error {
		<-c.Request().Context().Done()
		return c.Request().Context().Err()
	})
	if _, body := do(http.MethodPost, "/a/do", ""); body != "a unavailable" {
		t.Errorf("got %q", body)
	}
}

func TestTheLogLineHoldsNoSecret(t *testing.T) {
	do, logs := serve(t, &adapters.Watch{}, func(c echo.Context) error {
		_, _ = io.ReadAll(c.Request().Body)
		return core.WrongPassword
	})
	resp, _ := do(http.MethodPost, "/a/do?token=s3cret", "password=s3cret")
	if strings.Contains(logs.String(), "s3cret") {
		t.Errorf("the log holds a secret: %s", logs)
	}
	for _, want := range []string{`"dialect":"a"`, `"route":"/a/do"`, `"status":418`, `"code":"wrong_password"`, resp.Header.Get("X-Request-Id")} {
		if !strings.Contains(logs.String(), want) {
			t.Errorf("the log lacks %s: %s", want, logs)
		}
	}
}

func TestSafeHeadersStandOnEveryAnswer(t *testing.T) {
	do, _ := serve(t, &adapters.Watch{}, func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	for _, path := range []string{"/a/do", "/a/none", "/none"} {
		resp, _ := do(http.MethodPost, path, "")
		if resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, resp.Header)
		}
	}
}

func TestReadBodyTakesItsLimitAndNoMore(t *testing.T) {
	for size, want := range map[int]error{0: nil, 99: nil, 100: nil, 101: adapters.TooLarge, 1 << 20: adapters.TooLarge} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", size)))
		body, err := adapters.ReadBody(r, 100)
		if !errors.Is(err, want) || want == nil && len(body) != size {
			t.Errorf("%d bytes: got %d, %v; want %v", size, len(body), err, want)
		}
	}
	unsent := httptest.NewRequest(http.MethodPost, "/", brokenReader{})
	unsent.ContentLength = 101
	if _, err := adapters.ReadBody(unsent, 100); !errors.Is(err, adapters.TooLarge) {
		t.Errorf("a body that says it is too long is read: %v", err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader("x"), brokenReader{}))
	if _, err := adapters.ReadBody(r, 100); !errors.Is(err, adapters.Malformed) {
		t.Errorf("a broken body: %v", err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
