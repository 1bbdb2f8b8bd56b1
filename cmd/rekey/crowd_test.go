package main

import (
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"rekey/config"
)

// A client that hangs up frees its place: whoever comes next waits for one
// derivation at most, not for all that were asked for.
func TestWhoHangsUpLeavesTheQueue(t *testing.T) {
	r := startDev(t, func(cfg *config.Config) {
		cfg.Passwords.Hash.Argon2id.Memory, cfg.Passwords.Hash.Argon2id.Iterations = 64<<10, 2
		cfg.Passwords.Hash.Workers, cfg.Passwords.Hash.Queue = 1, 64
	})
	begun := time.Now()
	r.succeeds(licensespringDialect, r.send(r.firstChange(licensespringDialect, 1, "A fresh sample staple 1")), "alone")
	alone := time.Since(begun)
	hasty := r.firstChange(zapDialect, 0, "A fresh sample staple 1")
	var gone []*wire
	for range 60 {
		w := r.dial()
		w.write(hasty.head() + hasty.body)
		gone = append(gone, w)
	}
	time.Sleep(alone / 4)
	for _, w := range gone {
		_ = w.Close()
	}
	begun = time.Now()
	r.succeeds(licensespringDialect, r.send(r.firstChange(licensespringDialect, 2, "A fresh sample staple 1")), "after those who left")
	if took := time.Since(begun); took > 10*alone { // with all of them, 60 derivations: about 20 times
		t.Errorf("a change took %v after 60 had left, and %v alone", took, alone)
	}
}

// A client that asks and asks and reads no answer is cut off.
func TestAClientThatReadsNothingIsCutOff(t *testing.T) {
	t.Parallel()
	r := startDev(t, func(cfg *config.Config) {
		cfg.Server.WriteTimeout = 500 * time.Millisecond
		cfg.Log.Level = "error"
	})
	w := r.dial()
	_ = w.SetDeadline(time.Now().Add(2 * patience))
	var err error
	for err == nil {
		_, err = io.WriteString(w, "GET /v1/changePassword HTTP/1.1\r\nHost: rekey.example\r\n\r\n")
	}
	if failure, ok := err.(net.Error); ok && failure.Timeout() { //nolint:errorlint // as io.WriteString returns it
		t.Error("the connection is still open")
	}
	r.succeeds(zapDialect, r.send(r.firstChange(zapDialect, 0, "A fresh sample staple 1")), "another client")
}

// Hundreds who begin a request and do not end it keep nobody from the server,
// and are cut off.
func TestACrowdThatNeverFinishesKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	r := startDev(t, func(cfg *config.Config) { cfg.Server.ReadTimeout = 3 * time.Second })
	var slow []*wire
	for range 500 {
		w := r.dial()
		w.write("POST /v1/changePassword HTTP/1.1\r\nX-Slow: ")
		slow = append(slow, w)
	}
	for n, d := range dialects() {
		r.succeeds(d, r.send(r.firstChange(d, n, "A fresh sample staple 1")), "beside 500 slow ones")
	}
	if status, _ := r.probe("/readyz"); status != http.StatusOK {
		t.Errorf("readiness is %d", status)
	}
	for _, w := range slow {
		w.end()
	}
}
