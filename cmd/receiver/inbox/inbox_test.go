package inbox_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"rekey/cmd/receiver/inbox"
)

const (
	secret = "whsec_YSBzZWNyZXQgb2YgdGhlIHRlc3RzLCBvbmU="
	other  = "whsec_YSBzZWNyZXQgb2YgdGhlIHRlc3RzLCB0d28="
	sample = `{"type":"password.changed","version":1,"timestamp":"2026-11-21T12:00:00.000001Z","data":{"tenant":"acme","account_id":"7"},"new":1}`
)

// post sends a body that is signed as the scheme says.
func post(t *testing.T, i http.Handler, id, body string, at time.Time, by ...string) *httptest.ResponseRecorder {
	t.Helper()
	var signatures []string
	for _, s := range by {
		signer, err := standardwebhooks.NewWebhook(s)
		if err != nil {
			t.Fatal(err)
		}
		signature, err := signer.Sign(id, at, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		signatures = append(signatures, signature)
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", fmt.Sprint(at.Unix()))
	r.Header.Set("webhook-signature", strings.Join(signatures, " "))
	return answer(i, r)
}

func answer(i http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	i.ServeHTTP(w, r)
	return w
}

// taken is an inbox and what it did.
type taken struct {
	*inbox.Inbox
	now time.Time
	did []string
	err error
}

func newInbox(t *testing.T, secrets ...string) *taken {
	t.Helper()
	box := &taken{now: time.Now()}
	var err error
	box.Inbox, err = inbox.New(secrets, time.Hour, func() time.Time { return box.now }, func(id string, e inbox.Event) error {
		box.did = append(box.did, id+" "+e.Type+" "+e.Data.AccountID)
		return box.err
	})
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func TestASignedEventIsDoneOnce(t *testing.T) {
	box := newInbox(t, secret)
	for _, at := range []time.Time{time.Now(), time.Now().Add(time.Minute), time.Now()} { // each try is signed anew
		if got := post(t, box, "m1", sample, at, secret); got.Code != http.StatusNoContent {
			t.Errorf("got %d", got.Code)
		}
	}
	post(t, box, "m2", sample, time.Now(), secret)
	if got := fmt.Sprint(box.did); got != "[m1 password.changed 7 m2 password.changed 7]" {
		t.Errorf("did %s", got)
	}
	box.now = box.now.Add(2 * time.Hour)
	if post(t, box, "m1", sample, time.Now(), secret); len(box.did) != 3 {
		t.Errorf("an id is known for longer than it is kept: %v", box.did)
	}
}

func TestWhatIsNotSignedIsRefused(t *testing.T) {
	now := time.Now()
	good := func() *http.Request {
		signer, _ := standardwebhooks.NewWebhook(secret)
		signature, _ := signer.Sign("m1", now, []byte(sample))
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(sample))
		r.Header.Set("webhook-id", "m1")
		r.Header.Set("webhook-timestamp", fmt.Sprint(now.Unix()))
		r.Header.Set("webhook-signature", signature)
		return r
	}
	with := func(name, value string) *http.Request {
		r := good()
		r.Header.Set(name, value)
		return r
	}
	box := newInbox(t, secret)
	for name, r := range map[string]*http.Request{
		"another id":          with("webhook-id", "m2"),
		"another time":        with("webhook-timestamp", fmt.Sprint(now.Unix()+1)),
		"no time":             with("webhook-timestamp", ""),
		"no signature":        with("webhook-signature", ""),
		"another version":     with("webhook-signature", strings.Replace(good().Header.Get("webhook-signature"), "v1,", "v2,", 1)),
		"half of a signature": with("webhook-signature", good().Header.Get("webhook-signature")[:20]),
	} {
		if got := answer(box, r); got.Code != http.StatusUnauthorized {
			t.Errorf("%s: got %d", name, got.Code)
		}
	}
	for name, got := range map[string]*httptest.ResponseRecorder{
		"another secret":   post(t, box, "m1", sample, now, other),
		"signed long ago":  post(t, box, "m1", sample, now.Add(-6*time.Minute), secret),
		"signed far ahead": post(t, box, "m1", sample, now.Add(6*time.Minute), secret),
		"signed by nobody": post(t, box, "m1", sample, now),
	} {
		if got.Code != http.StatusUnauthorized {
			t.Errorf("%s: got %d", name, got.Code)
		}
	}
	if len(box.did) != 0 {
		t.Errorf("did %v", box.did)
	}
	if got := answer(box, good()); got.Code != http.StatusNoContent {
		t.Errorf("the good one: got %d", got.Code)
	}
}

func TestOneOfSeveralSignaturesAndSecretsIsEnough(t *testing.T) {
	for name, c := range map[string]struct{ known, by []string }{
		"the sender rotates":   {[]string{secret}, []string{other, secret}},
		"the receiver rotates": {[]string{other, secret}, []string{secret}},
	} {
		if got := post(t, newInbox(t, c.known...), "m1", sample, time.Now(), c.by...); got.Code != http.StatusNoContent {
			t.Errorf("%s: got %d", name, got.Code)
		}
	}
}

func TestWhatFailedIsTakenAgain(t *testing.T) {
	box := newInbox(t, secret)
	box.err = errors.New("out of paper")
	if got := post(t, box, "m1", sample, time.Now(), secret); got.Code != http.StatusInternalServerError {
		t.Errorf("got %d", got.Code)
	}
	box.err = nil
	if got := post(t, box, "m1", sample, time.Now(), secret); got.Code != http.StatusNoContent || len(box.did) != 2 {
		t.Errorf("got %d, did %v", got.Code, box.did)
	}
}

func TestOneThatIsUnderWayIsNotDoneBesides(t *testing.T) {
	began, end := make(chan struct{}), make(chan struct{})
	box, err := inbox.New([]string{secret}, time.Hour, time.Now, func(string, inbox.Event) error {
		close(began)
		<-end
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var first sync.WaitGroup
	first.Go(func() {
		if got := post(t, box, "m1", sample, time.Now(), secret); got.Code != http.StatusNoContent {
			t.Errorf("the first: got %d", got.Code)
		}
	})
	<-began
	if got := post(t, box, "m1", sample, time.Now(), secret); got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") != "1" {
		t.Errorf("the second: got %d", got.Code)
	}
	close(end)
	first.Wait()
}

func TestOtherRequestsAreRefused(t *testing.T) {
	box := newInbox(t, secret)
	if got := answer(box, httptest.NewRequest(http.MethodGet, "/", nil)); got.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: got %d", got.Code)
	}
	if got := post(t, box, "m1", strings.Repeat("a", 65<<10), time.Now(), secret); got.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a long body: got %d", got.Code)
	}
	if got := post(t, box, "m1", "no JSON", time.Now(), secret); got.Code != http.StatusBadRequest {
		t.Errorf("no JSON: got %d", got.Code)
	}
	for _, bad := range [][]string{nil, {""}, {"whsec_"}, {"whsec_*"}, {secret, "%"}} {
		if _, err := inbox.New(bad, time.Hour, time.Now, nil); err == nil {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}
