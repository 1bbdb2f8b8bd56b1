package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// request is what a client sends; answer is what it gets.
type (
	request struct {
		method, path string
		header       map[string]string
		body         string
	}
	answer struct {
		status int
		header http.Header
		body   string
		last   bool // the connection ends with it
	}
)

// with returns the request with one header more, or another.
func (q request) with(name, value string) request {
	header := map[string]string{name: value}
	for n, v := range q.header {
		if n != name {
			header[n] = v
		}
	}
	q.header = header
	return q
}

// at returns the request with another method and path.
func (q request) at(method, path string) request {
	q.method, q.path = method, path
	return q
}

// saying returns the request with another body.
func (q request) saying(body string) request {
	q.body = body
	return q
}

// send sends a request whose length is told.
func (r *running) send(q request) answer {
	r.t.Helper()
	return r.sendFrom(q, strings.NewReader(q.body))
}

// sendChunked sends a request whose length is not told.
func (r *running) sendChunked(q request) answer {
	r.t.Helper()
	return r.sendFrom(q, io.MultiReader(strings.NewReader(q.body)))
}

func (r *running) sendFrom(q request, body io.Reader) answer {
	r.t.Helper()
	sent, err := http.NewRequestWithContext(r.t.Context(), q.method, r.BaseURL+q.path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	for name, value := range q.header {
		sent.Header.Set(name, value)
	}
	response, err := r.client.Do(sent)
	if err != nil {
		r.t.Errorf("%s %s: no answer: %v", q.method, q.path, err)
		return answer{}
	}
	return read(r.t, response)
}

func read(t *testing.T, response *http.Response) answer {
	t.Helper()
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Errorf("the answer breaks off: %v", err)
	}
	return answer{response.StatusCode, response.Header, string(body), response.Close}
}

// atOnce sends n requests at the same moment and returns their answers.
func (r *running) atOnce(n int, write func(i int) request) []answer {
	r.t.Helper()
	answers, begin := make([]answer, n), make(chan struct{})
	var done sync.WaitGroup
	for i := range n {
		q := write(i)
		done.Go(func() {
			<-begin
			answers[i] = r.send(q)
		})
	}
	close(begin)
	done.Wait()
	return answers
}

// probe asks a health check.
func (r *running) probe(path string) (int, string) {
	r.t.Helper()
	response, err := r.client.Get(r.operations + path)
	if err != nil {
		r.t.Errorf("%s: no answer: %v", path, err)
		return 0, ""
	}
	a := read(r.t, response)
	return a.status, a.body
}

// wire is a connection that a test writes by hand.
type wire struct {
	net.Conn
	t    *testing.T
	read *bufio.Reader
}

// dial opens a connection for a test to write by hand.
func (r *running) dial() *wire {
	r.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.BaseURL, "http://"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return &wire{conn, r.t, bufio.NewReader(conn)}
}

func (w *wire) write(text string) {
	w.t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		w.t.Errorf("write: %v", err)
	}
}

// answer reads one answer.
func (w *wire) answer() answer {
	w.t.Helper()
	response, err := http.ReadResponse(w.read, nil)
	if err != nil {
		w.t.Errorf("no answer: %v", err)
		return answer{}
	}
	return read(w.t, response)
}

// head returns the request's head with its body's length, as it goes over the
// wire, and with further lines.
func (q request) head(lines ...string) string {
	lines = append(lines, "Host: rekey.example", "Content-Length: "+strconv.Itoa(len(q.body)))
	for name, value := range q.header {
		lines = append(lines, name+": "+value)
	}
	return q.method + " " + q.path + " HTTP/1.1\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
}
