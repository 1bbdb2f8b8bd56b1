package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httputil"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rekey/adapters/mail/mailtest"
	"rekey/adapters/traces/tracestest"
)

// campaign is an installation full of canaries, its clients, and what they left.
type campaign struct {
	*running
	h         *hunt
	base      base
	folder    string
	config    string // its file
	address   string
	process   *exec.Cmd
	smtp      *mailtest.Server
	collector *tracestest.Collector

	present, fresh                []string // passwords, by account
	fresher, weak, long, wrong    string
	misplaced                     string
	typed, named, requestID       string
	oauth, strangersToken, forged string
	token, linked, mailed, factor string
	step                          int64 // the last time step whose code was spent
	quoting                       atomic.Value
	quoted                        atomic.Int64
	mu                            sync.Mutex
	left                          map[string][]byte // by place
	refusedMails                  []string
	statuses                      map[int]int
	hooked                        sync.Mutex
	hook                          []byte // all that was posted to the webhook
}

// aPassword needs escaping wherever it goes, and is like no other in any part.
func aPassword() string {
	text := ""
	for _, special := range " é\"\\+&%" {
		text += rand.Text()[:4] + string(special)
	}
	return text + rand.Text()[:4]
}

// keep notes what was left at a place, to be looked through in the end.
func (c *campaign) keep(place string, content []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left[place] = append(append(c.left[place], content...), '\n')
}

// command runs what an operator types and keeps what it prints.
func (c *campaign) command(place, stdin string, works bool, args ...string) (stdout string) {
	c.t.Helper()
	args = append(args, "-c", c.config)
	if args[0] == "account" || args[0] == "token" {
		c.keep("process arguments", []byte(strings.Join(args, " ")))
	}
	command := exec.CommandContext(c.t.Context(), "rekey", args...)
	var out, log bytes.Buffer
	command.Dir, command.Stdin, command.Stdout, command.Stderr = c.folder, strings.NewReader(stdin), &out, &log
	if err := command.Run(); (err == nil) != works {
		c.t.Fatalf("rekey %s: %v: %s", strings.Join(args, " "), err, log.String())
	}
	c.keep(place, out.Bytes())
	c.keep(place, log.Bytes())
	return out.String()
}

// run runs what fails, with one more variable, and returns all that it prints.
func (c *campaign) run(variable string, args ...string) (printed string) {
	command := exec.CommandContext(c.t.Context(), "rekey", args...)
	command.Env, command.Dir = append(os.Environ(), variable), c.folder
	out, _ := command.CombinedOutput() // some of it can be told only when it is used
	return string(out)
}

// start runs the server and gives it clients that keep every answer.
func (c *campaign) start() {
	c.t.Helper()
	c.ended, c.log, c.out = make(chan struct{}), &buffer{}, &buffer{}
	c.process = exec.Command("rekey", "serve", "-c", c.config)
	c.process.Dir, c.process.Stdout, c.process.Stderr = c.folder, c.out, c.log
	if err := c.process.Start(); err != nil {
		c.t.Fatal(err)
	}
	go func() {
		defer close(c.ended)
		_ = c.process.Wait()
	}()
	c.stop = func() error { return nil }
	c.t.Cleanup(func() {
		_ = c.process.Process.Kill()
		<-c.ended
	})
	c.client = &http.Client{Timeout: patience, Transport: c}
	c.eventually("it is ready", func() bool {
		response, err := http.Get(c.operations + "/readyz")
		if err != nil {
			return false
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	c.command("health", "", true, "health")
}

// RoundTrip implements [http.RoundTripper] and keeps the answer.
func (c *campaign) RoundTrip(q *http.Request) (*http.Response, error) {
	a, err := http.DefaultTransport.RoundTrip(q)
	if err != nil {
		return nil, err
	}
	text, err := httputil.DumpResponse(a, true)
	c.keep("answers", text)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.statuses[a.StatusCode]++
	return a, err
}

// ask asks for a change of the dialect's own account.
func (c *campaign) ask(d dialect, proof, fresh string) request {
	n := map[string]int{"licensespring": 0, "unleash": 1, "zap": 2}[d.name]
	q := d.change(c.facts, n, proof, fresh)
	if _, mac, ok := strings.Cut(q.header["Authorization"], `signature="`); ok {
		mac, _, _ = strings.Cut(mac, `"`)
		known := slices.ContainsFunc(c.h.planted, func(k *canary) bool { return k.text == mac })
		if shown := strings.Contains(string(c.left["example"]), mac); !known && !shown { // made in the same second
			c.h.plant("a signature", mac)
		}
	}
	return q
}

func (c *campaign) withCode(q request, code string) request {
	return q.saying(strings.TrimSuffix(q.body, "}") + `,"secureOTP":"` + code + `"}`)
}

// quit asks the server for a dump of its goroutines, which ends it, and returns
// what was logged before.
func (c *campaign) quit() (log, dump string) {
	c.t.Helper()
	before := c.log.String()
	if err := c.process.Process.Signal(quitSignal); err != nil {
		c.t.Fatal(err)
	}
	select {
	case <-c.ended:
	case <-time.After(patience):
		c.t.Fatal(errors.New("SIGQUIT does not end it"))
	}
	log, dump, found := strings.Cut(c.log.String(), "SIGQUIT: quit")
	if !found || len(log) < len(before) || strings.Count(dump, "goroutine ") < 5 {
		c.t.Errorf("no dump was made: %.200s", dump)
	}
	return log, dump
}
