// Package webhook tells endpoints of events: it posts what the messages of the
// topic [core.TellEndpoint] say, signed by the scheme of Standard Webhooks
// (https://www.standardwebhooks.com).
package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"rekey/core"
)

// Sender posts the deliveries of one endpoint. It is safe for concurrent use.
type Sender struct {
	url     string
	signers []*standardwebhooks.Webhook
	client  *http.Client
	now     func() time.Time
}

// New returns the endpoint's sender. The configuration has been validated; what
// became of its files since then may still be an error.
func New(e Endpoint, now func() time.Time) (*Sender, error) {
	at, err := e.target()
	if err != nil {
		return nil, invalid("url", err)
	}
	s := &Sender{url: at.String(), now: now}
	for _, value := range e.Secrets {
		bytes, err := key(value)
		if err != nil {
			return nil, invalid("secrets", err)
		}
		signer, err := standardwebhooks.NewWebhookRaw(bytes)
		if err != nil {
			return nil, invalid("secrets", err)
		}
		s.signers = append(s.signers, signer)
	}
	if s.client, err = newClient(e, at); err != nil {
		return nil, invalid("ca", err)
	}
	return s, nil
}

func invalid(key string, err error) error {
	return &core.Error{Code: core.Invalid, Fields: []string{key}, Err: err}
}

// Handlers returns what does the messages, by topic.
func (s *Sender) Handlers() map[core.Topic]core.Handler {
	return map[core.Topic]core.Handler{core.TellEndpoint: s.send}
}

// Close gives up the connections that are kept. Nothing may be under way.
func (s *Sender) Close() { s.client.CloseIdleConnections() }

// send posts the message. Its id is that of the delivery, whichever try this is,
// so a receiver can tell what it has had.
func (s *Sender) send(ctx context.Context, m core.Message) error {
	content, err := body(m)
	if err != nil {
		return &core.Error{Code: core.Invalid, Err: err}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(content))
	if err != nil {
		return &core.Error{Code: core.Invalid, Err: errors.New("the URL cannot be asked")}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "rekey")
	if err := s.sign(request.Header, string(m.ID), content); err != nil {
		return err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return &core.Error{Code: core.Unavailable, Err: wordless(err)}
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer)) // so that the connection can be kept
	return s.judge(response)
}

// sign sets the headers of the scheme, with one signature by each secret.
func (s *Sender) sign(h http.Header, id string, content []byte) error {
	at := s.now()
	var signatures []string
	for _, signer := range s.signers {
		signature, err := signer.Sign(id, at, content)
		if err != nil {
			return fmt.Errorf("sign: %w", err)
		}
		signatures = append(signatures, signature)
	}
	h.Set(standardwebhooks.HeaderWebhookID, id)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return nil
}

// judge says what the answer means. Whatever is not 2xx may pass, for the endpoint
// may be mended, but 410: it says that it wants no more.
func (s *Sender) judge(r *http.Response) error {
	failed := &core.Error{Code: core.Unavailable, Err: fmt.Errorf("the endpoint answers %d", r.StatusCode)}
	switch {
	case r.StatusCode/100 == 2:
		return nil
	case r.StatusCode == http.StatusGone:
		failed.Code = core.Invalid
	case r.StatusCode == http.StatusTooManyRequests || r.StatusCode == http.StatusServiceUnavailable:
		failed.RetryAfter = s.retryAfter(r.Header.Get("Retry-After"))
	}
	return failed
}

// maxRetryAfter bounds for how long an endpoint may ask to be left alone: nobody
// could call a wait off.
const maxRetryAfter = time.Hour

// retryAfter reads seconds or a date (RFC 9110, section 10.2.3); 0 if it is neither.
func (s *Sender) retryAfter(text string) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(0, at.Sub(s.now())), maxRetryAfter)
	}
	return 0
}

// wordless takes the URL out of an error: its query may hold anything.
func wordless(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return err
}
