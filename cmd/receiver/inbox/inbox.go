// Package inbox receives webhooks that are signed by the scheme of Standard
// Webhooks, as rekey's are: it believes nothing that is not signed by a secret that
// it knows, within five minutes of its clock, and takes each event once.
package inbox

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Event is what a webhook tells. A receiver passes over members and types that it
// does not know: there will be more.
type Event struct {
	Type      string    `json:"type"`
	Version   int       `json:"version"`
	Timestamp time.Time `json:"timestamp"`
	Data      struct {
		EventID           string            `json:"event_id"`
		Tenant            string            `json:"tenant"`
		AccountID         string            `json:"account_id"`
		ExternalIDs       map[string]string `json:"external_ids,omitempty"`
		Dialect           string            `json:"dialect,omitempty"`
		Proof             string            `json:"proof,omitempty"`
		Actor             string            `json:"actor,omitempty"`
		ClientAddress     string            `json:"client_address,omitempty"`
		RequestID         string            `json:"request_id,omitempty"`
		Outcome           string            `json:"outcome,omitempty"`
		Failures          int               `json:"failures,omitempty"`
		PasswordChangedAt *time.Time        `json:"password_changed_at,omitempty"`
		TokensValidAfter  *time.Time        `json:"tokens_valid_after,omitempty"` // end sessions that began before
	} `json:"data"`
}

// Inbox is a handler of webhooks. It is safe for concurrent use.
type Inbox struct {
	verifiers []*standardwebhooks.Webhook
	taken     *memory
	do        func(id string, e Event) error
}

// New returns an inbox that knows the secrets, each whsec_ and base64, and does
// each event once. do may be called again for an id when it failed. keep is for how
// long an id is known that was done: a sender sends again for about a day, and when
// an operator says so. This one forgets when the process ends: a receiver to rely on
// keeps the id beside what it does, in the same commit.
func New(secrets []string, keep time.Duration, now func() time.Time, do func(id string, e Event) error) (*Inbox, error) {
	i := &Inbox{taken: newMemory(keep, now), do: do}
	for _, secret := range secrets {
		verifier, err := standardwebhooks.NewWebhook(strings.TrimSpace(secret))
		if err != nil || strings.TrimPrefix(strings.TrimSpace(secret), "whsec_") == "" { // an empty key is everybody's
			return nil, errors.New("a secret is whsec_ and base64")
		}
		i.verifiers = append(i.verifiers, verifier)
	}
	if len(i.verifiers) == 0 {
		return nil, errors.New("no secret is given")
	}
	return i, nil
}

// maxBody bounds a webhook, in bytes: rekey's have about one KiB.
const maxBody = 64 << 10

// ServeHTTP implements [http.Handler]. It answers 2xx once an event is done, and
// then only.
func (i *Inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	if !i.signed(content, r.Header) { // before a byte of it is read
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var event Event
	if err := json.Unmarshal(content, &event); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(i.take(w.Header(), r.Header.Get(standardwebhooks.HeaderWebhookID), event))
}

// signed reports whether the body is signed by one of the secrets, lately. Its id
// is signed as well, so nobody can send it again under another one.
func (i *Inbox) signed(content []byte, h http.Header) bool {
	for _, verifier := range i.verifiers {
		if verifier.Verify(content, h) == nil {
			return true
		}
	}
	return false
}

// take does the event unless it was done, and returns the status.
func (i *Inbox) take(answer http.Header, id string, e Event) int {
	switch i.taken.begin(id) {
	case done:
		return http.StatusNoContent
	case underWay:
		answer.Set("Retry-After", "1")
		return http.StatusServiceUnavailable
	case unknown: // until now
	}
	err := i.do(id, e)
	i.taken.end(id, err == nil)
	if err != nil {
		return http.StatusInternalServerError
	}
	return http.StatusNoContent
}
