package main

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"rekey/config"
)

// hasty is a server that waits 300 ms for a request.
func hasty(cfg *config.Config) {
	cfg.Server.ReadTimeout, cfg.Server.IdleTimeout = 300*time.Millisecond, 300*time.Millisecond
}

func TestASlowHeaderIsCutOff(t *testing.T) {
	t.Parallel()
	r := startDev(t, hasty)
	for name, drops := range map[string][]string{
		"nothing":          {},
		"half a line":      {"POST /v1/chan"},
		"a line at a time": {"POST /v1/changePassword HTTP/1.1\r\n", "Host: rekey.example\r\n", "X-A: a\r\n", "X-B: b\r\n", "X-C: c\r\n", "X-D: d\r\n"},
	} {
		w := r.dial()
		for _, drop := range drops {
			_, _ = io.WriteString(w, drop) // refused once it is cut off
			time.Sleep(70 * time.Millisecond)
		}
		// What was begun as a header is told to be no request.
		if left := w.end(); left != "" && !strings.HasPrefix(left, "HTTP/1.1 400 ") {
			t.Errorf("%s: got %q, want no answer", name, left)
		}
	}
}

func TestASlowBodyIsRefusedInDialect(t *testing.T) {
	t.Parallel()
	r := startDev(t, hasty)
	for n, d := range dialects() {
		q := r.firstChange(d, n, "A fresh sample staple 1")
		w := r.dial()
		w.write(q.head() + q.body[:len(q.body)/2])
		r.fails(d, w.answer(), tooSlow)
		if left := w.end(); left != "" {
			t.Errorf("%s: after the refusal came %q", d.name, left)
		}
		r.client.CloseIdleConnections() // the server may be closing them, too
		r.succeeds(d, r.send(q), "a client in time")
	}
}

// A body that trickles keeps nothing open.
func TestATricklingBodyIsCutOff(t *testing.T) {
	t.Parallel()
	r := startDev(t, hasty)
	q := r.firstChange(zapDialect, 0, "A fresh sample staple 1")
	w := r.dial()
	w.write(q.head())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.end()
	}()
	for _, drop := range strings.Split(q.body, "") {
		select {
		case <-ended:
			return
		case <-time.After(50 * time.Millisecond):
			_, _ = io.WriteString(w, drop)
		}
	}
	t.Errorf("%d bytes were taken one at a time", len(q.body))
}

func TestAnIdleConnectionIsClosed(t *testing.T) {
	t.Parallel()
	r := startDev(t, hasty)
	w := r.keptAlive(unleashDialect)
	if left := w.end(); left != "" {
		t.Errorf("got %q", left)
	}
}

// A client that hangs up in the middle of its body leaves a line in the log,
// and changes nothing.
func TestABodyThatBreaksOffChangesNothing(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	q := r.firstChange(licensespringDialect, 0, "A fresh sample staple 1")
	w := r.dial()
	w.write(q.head() + q.body[:len(q.body)-1])
	_ = w.Close()
	r.eventually("the request is logged", func() bool { return len(r.logged("request")) == 1 })
	if entry := r.logged("request")[0]; entry["status"] == float64(http.StatusOK) || entry["level"] == "ERROR" {
		t.Errorf("got %v", entry)
	}
	r.succeeds(licensespringDialect, r.send(q), "the change, sent again")
}

// end returns what the server still sends before it closes the connection. A
// connection that stays open fails the test.
func (w *wire) end() string {
	w.t.Helper()
	left, err := io.ReadAll(w.read)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		w.t.Errorf("the connection is still open; got %q", left)
	}
	return string(left)
}
