package manage

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"

	"rekey/adapters"
	"rekey/core"
	"rekey/core/seal"
)

const (
	// flight is how long a request is its first sender's. Who dies meanwhile
	// holds it for as long; then it is judged anew, which for every write here is
	// safe: a name is not given twice, and the rest ends where it would have.
	flight = 2 * time.Minute

	// remembered is how long an answer is told again.
	remembered = 24 * time.Hour

	// patience bounds how long an answer waits to be remembered.
	patience = 5 * time.Second
)

// What a client may do wrong with a key of its own
// (draft-ietf-httpapi-idempotency-key-header-07, section 2.7).
var (
	inFlight = adapters.Fault{Status: http.StatusConflict, Code: "in_flight", Message: "A request with this Idempotency-Key is being answered"}
	keyTaken = adapters.Fault{
		Status: http.StatusUnprocessableEntity, Code: "idempotency_key_taken", Message: "This Idempotency-Key was used for another request",
	}
)

// answerOnce answers a write. With an Idempotency-Key it is done once: whoever
// sends the same again is told the same again, from whichever replica. What only
// time can heal is not remembered.
func (a *Adapter) answerOnce(c *call, secret core.Secret, e endpoint) error {
	name, err := idempotencyKey(c.Request().Header.Values("Idempotency-Key"))
	switch {
	case err != nil:
		return err
	case name == "":
		return a.answer(c, e)
	}
	m, err := a.memoryOf(secret, name, c)
	if err != nil {
		return err
	}
	begun, told, err := m.begin(c.Request().Context())
	switch {
	case err != nil:
		return err
	case told != nil:
		c.Response().Header().Set("Idempotency-Replayed", "true")
		return told.write(c)
	}
	got, failure := e.answer(a, c)
	if failure != nil {
		p := problemOf(failure)
		if got, err = say(p.Status, problemJSON, p); err != nil || p.passes() {
			m.forget(c.Request().Context(), begun)
			return failure
		}
	}
	m.remember(c.Request().Context(), begun, got)
	if failure != nil {
		return failure
	}
	return got.write(c)
}

func (a *Adapter) answer(c *call, e endpoint) error {
	got, err := e.answer(a, c)
	if err != nil {
		return err
	}
	return got.write(c)
}

// keyForm is the structured header's string (RFC 9651, section 3.3.3) without
// escapes, or the same without its quotes.
var keyForm = regexp.MustCompile(`^(?:"([ !#-\[\]-~]{1,255})"|([!#-\[\]-~]{1,255}))$`)

// idempotencyKey returns the client's key, or "" if it gave none.
func idempotencyKey(headers []string) (string, error) {
	if len(headers) == 0 {
		return "", nil
	}
	found := keyForm.FindStringSubmatch(strings.Trim(headers[0], " \t"))
	if len(headers) > 1 || found == nil {
		return "", &refusal{faults[core.Invalid], core.Invalid, []place{{Header: "Idempotency-Key"}}}
	}
	return found[1] + found[2], nil
}

// memory is what is remembered of one request. It is sealed under the client's
// own credential, of which the database has a digest only: an answer may hold a
// reset token, and a request a password that a plain digest could be guessed from.
type memory struct {
	*Adapter
	ring         *seal.Ring
	key, request string
}

func (a *Adapter) memoryOf(secret core.Secret, name string, c *call) (memory, error) {
	ring, err := seal.Under(secret, "rekey replay v1", a.env.Random)
	if err != nil {
		return memory{}, err
	}
	r := c.Request()
	request := r.Method + " " + r.URL.Path + "?" + r.URL.RawQuery + "\n" + string(c.body)
	return memory{a, ring, ring.Digest(name, "replay key"), request}, nil
}

// begin returns until when the request is this sender's, or what was answered
// before.
func (m memory) begin(ctx context.Context) (begun time.Time, told *answer, err error) {
	now := m.env.Now()
	r := core.Replay{Key: m.key, Request: m.ring.Digest(m.request, "replay request"), Expires: now.Add(flight)}
	kept, first, err := m.env.Passwords.Replays.BeginRequest(ctx, now, r)
	switch {
	case err != nil || first:
		return r.Expires, nil, err
	case !m.ring.Matches(kept.Request, m.request, "replay request"):
		return begun, nil, &refusal{keyTaken, core.Invalid, []place{{Header: "Idempotency-Key"}}}
	case kept.Answer == "":
		return begun, nil, &refusal{fault: inFlight, wraps: core.Conflict}
	}
	text, err := m.ring.Open(kept.Answer, m.key)
	if err != nil {
		return begun, nil, err
	}
	told = new(answer)
	return begun, told, json.Unmarshal(text, told)
}

// remember keeps the answer, also for a client that has hung up. If it cannot be
// kept, the request is in flight for as long as it was to be.
func (m memory) remember(ctx context.Context, begun time.Time, got answer) {
	m.lastingly(ctx, func(ctx context.Context) error {
		text, err := json.Marshal(got)
		if err != nil {
			return err
		}
		sealed, err := m.ring.Seal(text, m.key)
		if err != nil {
			return err
		}
		r := core.Replay{Key: m.key, Answer: sealed, Expires: m.env.Now().Add(remembered)}
		return m.env.Passwords.Replays.AnswerRequest(ctx, begun, r)
	})
}

// forget lets the client try again.
func (m memory) forget(ctx context.Context, begun time.Time) {
	m.lastingly(ctx, func(ctx context.Context) error { return m.env.Passwords.Replays.ForgetRequest(ctx, begun, m.key) })
}

func (m memory) lastingly(ctx context.Context, write func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := write(ctx); err != nil {
		m.env.Log.WarnContext(ctx, "an answer is not remembered", "error", err.Error())
	}
}
