package failover

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/adapters/builtin"
	"rekey/core/leftout"
)

// The balancer's words must be rekey's, to the byte, wherever a dialect
// answers; or a new dialect or a new wording would leave the balancer behind.
func TestTheBalancerAnswersAsRekeyDoesWhenNoReplicaIsThere(t *testing.T) {
	b := balanced(t, nobody(t))
	rekey := httptest.NewServer(unavailable(t))
	defer rekey.Close()
	for _, path := range paths(t) {
		want, wantBody := post(t, rekey.URL+path)
		got, body := post(t, b.URL+path)
		if got.StatusCode != http.StatusServiceUnavailable || body != wantBody {
			t.Errorf("%s: got %d %s, want 503 %s", path, got.StatusCode, body, wantBody)
		}
		for _, name := range []string{"Content-Type", "Retry-After", "Cache-Control", "X-Content-Type-Options"} {
			if got.Header.Get(name) != want.Header.Get(name) {
				t.Errorf("%s: %s: got %q, want %q", path, name, got.Header.Get(name), want.Header.Get(name))
			}
		}
	}
}

// A request that a replica had may have been processed: it is answered 503 and
// never sent again, also on a connection that has served another one.
func TestTheBalancerSendsNothingTwice(t *testing.T) {
	heard := make(chan string, 100)
	at := serving(t, func(w http.ResponseWriter, r *http.Request) {
		heard <- r.Header.Get("X-Forwarded-For")
		if strings.HasSuffix(r.URL.Path, "/fatal") {
			panic(http.ErrAbortHandler) // as a process that is killed
		}
		w.Header().Set("X-Request-Id", "x")
	})
	b := balanced(t, at)
	if err := b.awaitServers(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got, body := post(t, b.URL+"/v1/fine"); got.StatusCode != http.StatusOK || fromBalancer(got) {
			t.Fatalf("got %d %s", got.StatusCode, body)
		}
		got, body := post(t, b.URL+"/v1/fatal")
		if got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") != "1" || !strings.Contains(body, `"success":false`) || !fromBalancer(got) {
			t.Errorf("got %d %s, want 503 in dialect", got.StatusCode, body)
		}
	}
	if len(heard) != 6 {
		t.Errorf("the replica got %d requests, want 6", len(heard))
	}
	for range len(heard) {
		if address := <-heard; address != "127.0.0.1" {
			t.Errorf("got X-Forwarded-For %q, want the client's address alone", address)
		}
	}
	if broken, err := b.cut(); broken != 3 || err != nil {
		t.Errorf("got %d cut, %v, want 3", broken, err)
	}
}

// A replica whose connection fails was sent nothing: another one is asked.
func TestTheBalancerAsksAnotherReplicaWhenOneIsGone(t *testing.T) {
	alive := serving(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Request-Id", "x") })[0]
	gone := endpoint{nobody(t)[0].port, alive.operations} // it looks healthy
	b := balanced(t, []endpoint{gone, alive, gone})
	if err := b.awaitServers(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	for range 9 {
		if got, body := post(t, b.URL+"/v1/fine"); got.StatusCode != http.StatusOK {
			t.Errorf("got %d %s", got.StatusCode, body)
		}
	}
	all, err := b.counters()
	if err != nil || number(all["one"]["wredis"])+number(all["three"]["wredis"]) == 0 {
		t.Errorf("the replicas that are gone were never asked: %v", err)
	}
}

func balanced(t *testing.T, at []endpoint) *balancer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	b, err := newBalancer(ctx, t.TempDir(), at)
	if errors.Is(err, errNoBalancer) {
		leftout.Skip(t, "HAProxy (Debian: apt-get install haproxy)")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// nobody returns three places where nobody listens.
func nobody(t *testing.T) []endpoint {
	t.Helper()
	at := make([]endpoint, len(names))
	for n := range at {
		var err error
		if at[n], err = newEndpoint(); err != nil {
			t.Fatal(err)
		}
	}
	return at
}

// serving returns three places of which the first is a healthy replica.
func serving(t *testing.T, handle http.HandlerFunc) []endpoint {
	at := nobody(t)
	clients, operations := httptest.NewServer(handle), httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok\n")
	}))
	t.Cleanup(func() { clients.Close(); operations.Close() })
	at[0] = endpoint{portOf(clients.URL), portOf(operations.URL)}
	return at
}

func portOf(url string) int { return number(url[strings.LastIndexByte(url, ':')+1:]) }

// every returns every dialect that there is.
func every(t *testing.T) []adapters.Adapter {
	t.Helper()
	cfg := builtin.Default()
	cfg.LicenseSpring.Enabled, cfg.Unleash.Enabled, cfg.ZAP.Enabled = true, true, true
	all, err := cfg.Adapters(adapters.Env{Now: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	if err != nil || len(all) != len(cfg.Names()) {
		t.Fatalf("got %d dialects of %v, %v", len(all), cfg.Names(), err)
	}
	t.Cleanup(func() { _ = adapters.Close(all...) })
	return all
}

// unavailable is all dialects, closing.
func unavailable(t *testing.T) http.Handler {
	e := echo.New()
	watch := &adapters.Watch{Log: slog.New(slog.DiscardHandler), Now: time.Now, Random: rand.Reader}
	watch.Closing.Store(true)
	watch.Attach(e)
	if err := adapters.Mount(e, every(t)...); err != nil {
		t.Fatal(err)
	}
	return e
}

// paths returns every route of every dialect, a path below each prefix, the
// prefixes themselves, and one of no dialect.
func paths(t *testing.T) []string {
	all := []string{"/", "/v12", "/api/v40/x"}
	for _, a := range every(t) {
		for _, prefix := range a.Prefixes() {
			all = append(all, prefix, prefix+"/", prefix+"/none")
		}
		for _, route := range a.Routes() {
			all = append(all, route.Path)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func post(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	client := http.Client{Timeout: time.Minute}
	response, err := client.Post(url, "application/json", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}
