package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"rekey/config"
)

// Told to stop, the server says that it is not ready, still serves what comes
// until balancers have seen that, and finishes what it began.
func TestADrainingServerFinishesWhatItBegan(t *testing.T) {
	t.Parallel()
	r := startDev(t, func(cfg *config.Config) { cfg.Server.DrainDelay = 2 * time.Second })
	begun, kept := map[string]*wire{}, map[string]*wire{}
	for n, d := range dialects() {
		begun[d.name], kept[d.name] = r.beginning(d, n), r.keptAlive(d)
	}
	ended := make(chan error, 1)
	go func() { ended <- r.stop() }()
	r.eventually("it is not ready", func() bool {
		status, text := r.probe("/readyz")
		return status == http.StatusServiceUnavailable && text == "draining\n"
	})
	address := strings.TrimPrefix(r.operations, "http://")
	if out, failure := run("", "health", "-c", write(t, "rekey.yaml", "operations: {address: '"+address+"'}")); out != "draining\n" || failure != "not ready" {
		t.Errorf("rekey health says %q, %q", out, failure)
	}
	for _, d := range dialects() {
		kept[d.name].write(request{method: http.MethodGet, path: d.path}.head())
		a := kept[d.name].answer()
		r.fails(d, a, badMethod) // which only a server that serves would say
		if !a.last {
			t.Errorf("%s: the answer keeps the connection open: %v", d.name, a.header)
		}
	}
	if status, _ := r.probe("/healthz"); status != http.StatusOK {
		t.Errorf("while it drains, /healthz answers %d", status)
	}
	r.eventually("it takes no connections", func() bool { return !reachable(r.BaseURL) })
	for n, d := range dialects() {
		begun[d.name].write(r.firstChange(d, n, "A fresh sample staple 2").body)
		r.succeeds(d, begun[d.name].answer(), "a change that it began before")
	}
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if len(r.logged("stopped")) != 1 {
		t.Error("the log does not say that it stopped")
	}
}

// beginning sends a request's head, and returns when the server asks for its
// body: from then on the change is under way.
func (r *running) beginning(d dialect, n int) *wire {
	r.t.Helper()
	w := r.dial()
	w.write(r.firstChange(d, n, "A fresh sample staple 2").head("Expect: 100-continue"))
	response, err := http.ReadResponse(w.read, nil)
	if err != nil || response.StatusCode != http.StatusContinue {
		r.t.Fatalf("%s: the server does not ask for the body: %v, %v", d.name, response, err)
	}
	return w
}

// keptAlive returns a connection that has served a request.
func (r *running) keptAlive(d dialect) *wire {
	r.t.Helper()
	w := r.dial()
	w.write(request{method: http.MethodGet, path: d.path}.head())
	r.fails(d, w.answer(), badMethod)
	return w
}

func reachable(url string) bool {
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(url, "http://"), patience)
	if err == nil {
		_ = conn.Close()
	}
	return err == nil
}

func TestADrainHasAnEnd(t *testing.T) {
	t.Parallel()
	r := startDev(t, func(cfg *config.Config) { cfg.Server.DrainTimeout = 300 * time.Millisecond })
	w := r.beginning(zapDialect, 0)
	if err := r.stop(); err == nil || !strings.Contains(err.Error(), "drain") {
		t.Errorf("a client that never ends its request: got %v, want an error that says so", err)
	}
	_ = w.Close()
	r.stop = func() error { return nil } // its end was judged
}
