package webhook_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"rekey/config/secret"
	"rekey/core"
	"rekey/store/memory"
)

// What is posted is what the documents of the receiver say, to the byte.
func TestAnEventIsPostedAsItIsDocumented(t *testing.T) {
	e := listen(t, nil)
	if err := sender(t, settings(e.URL+"/hooks?of=rekey"))(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	got := e.requests()[0]
	const want = `{"type":"password.changed","version":1,"timestamp":"2026-11-21T12:00:00.000001Z","data":{"event_id":"e1","tenant":"acme","account_id":"7",` +
		`"external_ids":{"zap":"43af"},"dialect":"zap","proof":"authority","actor":"idp/root","client_address":"192.0.2.7","request_id":"r1",` +
		`"password_changed_at":"2026-11-21T12:00:00.000001Z","tokens_valid_after":"2026-11-21T12:00:00.000002Z"}}`
	if got.body != want {
		t.Errorf("got  %s\nwant %s", got.body, want)
	}
	if got.method != http.MethodPost || got.target != "/hooks?of=rekey" || got.header.Get("Content-Type") != "application/json" ||
		got.header.Get("webhook-id") != string(change.ID) || got.header.Get("User-Agent") != "rekey" {
		t.Errorf("got %s %s %v", got.method, got.target, got.header)
	}
	refused := core.Message{Tenant: "acme", Account: "7", Facts: map[string]string{
		core.FactEvent: "e2", core.FactAction: "password.change_refused", core.FactAt: "2026-11-21T12:00:00.000001Z", core.FactOutcome: "wrong_password", core.FactFailures: "5",
	}}
	if err := sender(t, settings(e.URL))(t.Context(), refused); err != nil {
		t.Fatal(err)
	}
	const wantRefused = `{"type":"password.change_refused","version":1,"timestamp":"2026-11-21T12:00:00.000001Z",` +
		`"data":{"event_id":"e2","tenant":"acme","account_id":"7","outcome":"wrong_password","failures":5}}`
	if got := e.requests()[1].body; got != wantRefused {
		t.Errorf("got  %s\nwant %s", got, wantRefused)
	}
}

// Each secret makes a signature that the scheme's own library believes.
func TestEverySecretSigns(t *testing.T) {
	e := listen(t, nil)
	both := settings(e.URL)
	both.Secrets = append(both.Secrets, secret.New(second))
	if err := sender(t, both)(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	signatures := strings.Fields(e.requests()[0].header.Get("webhook-signature"))
	if len(signatures) != 2 || signatures[0] == signatures[1] {
		t.Fatalf("got %q", signatures)
	}
	for _, s := range []string{first, second} {
		verifier, err := standardwebhooks.NewWebhook(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := verifier.Verify([]byte(e.requests()[0].body), e.requests()[0].header); err != nil {
			t.Errorf("%s: %v", s, err)
		}
		if err := verifier.Verify([]byte(e.requests()[0].body+" "), e.requests()[0].header); err == nil {
			t.Error("another body is believed")
		}
	}
}

func TestWhatAnAnswerMeans(t *testing.T) {
	header := func(status int, after string) func(http.ResponseWriter, int) {
		return func(w http.ResponseWriter, _ int) {
			w.Header().Set("Retry-After", after)
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		}
	}
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, int)
		code   core.Code
		after  time.Duration
	}{
		"200":               {header(200, "9"), "", 0},
		"204":               {header(204, ""), "", 0},
		"301":               {header(301, "9"), core.Unavailable, 0},
		"307":               {header(307, ""), core.Unavailable, 0},
		"400":               {header(400, "9"), core.Unavailable, 0},
		"401":               {header(401, ""), core.Unavailable, 0},
		"410":               {header(410, ""), core.Invalid, 0},
		"429":               {header(429, "7"), core.Unavailable, 7 * time.Second},
		"503":               {header(503, "8"), core.Unavailable, 8 * time.Second},
		"503 for a year":    {header(503, "31536000"), core.Unavailable, time.Hour},
		"503 and too many":  {header(503, "99999999999999999999"), core.Unavailable, 0},
		"503 and a word":    {header(503, "soon"), core.Unavailable, 0},
		"503 and less":      {header(503, "-5"), core.Unavailable, 0},
		"503 and the past":  {header(503, "Mon, 02 Mar 2020 12:00:00 GMT"), core.Unavailable, 0},
		"503 and years off": {header(503, "Mon, 02 Mar 2099 12:00:00 GMT"), core.Unavailable, time.Hour},
		"500 for long":      {header(500, "9"), core.Unavailable, 0},
		"too long a header": {func(w http.ResponseWriter, _ int) { w.Header().Set("X", strings.Repeat("a", 20<<10)) }, core.Unavailable, 0},
		"no end in time":    {func(http.ResponseWriter, int) { time.Sleep(1200 * time.Millisecond) }, core.Unavailable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			e := listen(t, c.answer)
			err := sender(t, settings(e.URL+"/?token=canary"))(t.Context(), change)
			if core.CodeOf(err) != c.code || err != nil && core.AsError(err).RetryAfter != c.after {
				t.Errorf("got %v, %+v, want %q after %v", err, core.AsError(err), c.code, c.after)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("the reason tells the URL: %v", err)
			}
			if len(e.requests()) != 1 {
				t.Errorf("asked %d times, want once: no redirect is followed", len(e.requests()))
			}
		})
	}
}

// An answer without end costs no more than its bound.
func TestAnEndlessAnswerIsNotRead(t *testing.T) {
	var wrote int
	e := listen(t, func(w http.ResponseWriter, _ int) {
		w.WriteHeader(http.StatusOK)
		for chunk := strings.Repeat("a", 32<<10); wrote < 256<<20; {
			n, err := w.Write([]byte(chunk))
			if wrote += n; err != nil {
				return
			}
		}
	})
	if err := sender(t, settings(e.URL))(t.Context(), change); err != nil {
		t.Error(err)
	}
	e.Close()
	if wrote >= 64<<20 {
		t.Errorf("%d bytes were taken", wrote)
	}
}

func TestAnEndpointThatIsNotThereMayComeBack(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	err = sender(t, settings("http://"+address+"/?token=canary"))(t.Context(), change)
	if core.CodeOf(err) != core.Unavailable || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v", err)
	}
}

// forgetful loses the first note that a delivery is done, as a process does that
// dies between the two.
type forgetful struct {
	*memory.Store
	lost bool
}

func (f *forgetful) FinishDelivery(ctx context.Context, id core.MessageID) error {
	if !f.lost {
		f.lost = true
		return errors.New("died")
	}
	return f.Store.FinishDelivery(ctx, id)
}

func TestWhatWasSentAndNotNotedIsSentAgainAlike(t *testing.T) {
	e, store := listen(t, nil), &forgetful{Store: memory.New()}
	m := change
	m.Due, m.Since = time.Now(), time.Now()
	if err := store.Enqueue(t.Context(), core.Event{ID: "e1", Tenant: "acme", At: time.Now()}, m); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	core.NewDispatcher(core.DispatcherParts{
		Outbox: core.QueueOf(store, "siem"), Handlers: map[core.Topic]core.Handler{core.TellEndpoint: sender(t, settings(e.URL))}, Now: time.Now,
		Report: func(o core.Outcome) {
			if o.Fate == core.Finished {
				cancel()
			}
		},
		Workers: 1, Poll: 10 * time.Millisecond, Lease: 400 * time.Millisecond, Retry: core.Retry{Tries: 5},
	}).Run(ctx)
	if len(e.requests()) != 2 || e.requests()[0].body != e.requests()[1].body || e.requests()[0].header.Get("webhook-id") != e.requests()[1].header.Get("webhook-id") {
		t.Errorf("got %+v", e.requests())
	}
}
