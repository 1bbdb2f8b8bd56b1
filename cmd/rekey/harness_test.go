package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"rekey/config"
	"rekey/config/secret"
	"rekey/core/passhash"
)

// patience bounds what must happen at all; a fast machine never waits it out.
const patience = 30 * time.Second

// running is a server that a test started, and what its clients know of it.
type running struct {
	facts
	t          *testing.T
	file       string // that the facts stand in
	operations string // the base URL of the health checks
	out, log   *buffer
	client     *http.Client
	ended      chan struct{}
	stop       func() error // ends it as SIGTERM does, and returns how it ended; may be called again
}

// start runs serve until the test ends, and fails the test if it ends badly.
func start(t *testing.T, serve func(ctx context.Context, out, log io.Writer) error) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{t: t, out: &buffer{}, log: &buffer{}, ended: make(chan struct{})}
	r.client = &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	var err error
	go func() {
		defer close(r.ended)
		err = serve(ctx, r.out, r.log)
	}()
	r.stop = func() error {
		cancel()
		r.client.CloseIdleConnections()
		select {
		case <-r.ended:
			return err
		case <-time.After(patience):
			return errors.New("it does not end")
		}
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("the server ended with: %s", advice(err))
		}
		if t.Failed() {
			t.Logf("its log:\n%s", r.log)
		}
	})
	return r
}

// startDev runs a dev installation whose passwords cost next to nothing, with
// its log in JSON at the level debug. The changes are made to its configuration.
func startDev(t *testing.T, changes ...func(*config.Config)) *running {
	t.Helper()
	folder, keys := t.TempDir(), newDevKeys()
	file := filepath.Join(folder, "facts.json")
	cfg := devConfig(keys, "127.0.0.1:0", "sqlite:"+filepath.Join(folder, "rekey.db"))
	cfg.Passwords.Hash = passhash.ForTests()
	cfg.Log = config.Log{Level: "debug", Format: "json"}
	for _, change := range changes {
		change(&cfg)
	}
	r := start(t, func(ctx context.Context, out, log io.Writer) error {
		command := &cobra.Command{}
		command.SetContext(ctx)
		command.SetOut(out)
		command.SetErr(log)
		return runDev(command, cfg, keys, file, source{})
	})
	r.introduced(file)
	return r
}

func withDSN(dsn string) func(*config.Config) {
	return func(cfg *config.Config) { cfg.Store.DSN = secret.New(dsn) }
}

// introduced waits for the facts and reads them, and where the health checks are.
func (r *running) introduced(file string) {
	r.t.Helper()
	r.eventually("the facts are written", func() bool {
		_, err := os.Stat(file)
		return err == nil
	})
	r.file = file
	r.readFacts(file)
	place := regexp.MustCompile(`operations +(http://\S+)/healthz`)
	r.eventually("the introduction tells where the health checks are", func() bool { return place.MatchString(r.out.String()) })
	r.operations = place.FindStringSubmatch(r.out.String())[1]
}

func (r *running) readFacts(file string) {
	r.t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &r.facts)
	}
	if err != nil || len(r.Accounts) < 4 {
		r.t.Fatalf("the facts cannot be used: %v: %s", err, text)
	}
}

// eventually waits for something, as long as the server runs.
func (r *running) eventually(what string, happened func() bool) {
	r.t.Helper()
	for end := time.Now().Add(patience); !happened(); time.Sleep(5 * time.Millisecond) {
		select {
		case <-r.ended:
			if !happened() {
				r.t.Fatalf("the server ended before %s: %s%v", what, r.log, r.stop())
			}
			return
		default:
		}
		if time.Now().After(end) {
			r.t.Fatalf("still waiting until %s; log:\n%s", what, r.log)
		}
	}
}

// logged returns the log's entries with the message.
func (r *running) logged(message string) []map[string]any {
	var found []map[string]any
	for line := range strings.Lines(r.log.String()) {
		var entry map[string]any
		if json.Unmarshal([]byte(line), &entry) == nil && entry["msg"] == message {
			found = append(found, entry)
		}
	}
	return found
}

// buffer is a bytes.Buffer for one writer and one reader at once.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
