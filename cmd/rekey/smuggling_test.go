package main

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
)

// What a proxy and a server could take for one request or for two gets one
// answer, and what may hide behind it is never read as a request: see RFC 9112,
// sections 2.2, 5.1, 6.1 and 11.2.
func TestNothingIsSmuggledBehindARequest(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	hidden := r.firstChange(unleashDialect, 0, "A smuggled sample staple 1")
	second := hidden.head("Connection: close") + hidden.body
	for name, c := range map[string]struct {
		lines string // after the path, the Host and the Content-Type
		body  string
		want  int
	}{
		"both lengths, by length one":        {"Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n", 400},
		"both lengths, by chunks one":        {"Transfer-Encoding: chunked\r\nContent-Length: 3", "2\r\n{}\r\n0\r\n\r\n", 400},
		"chunked over two lines":             {"Transfer-Encoding:\r\n chunked\r\nContent-Length: 2", "{}", 400},
		"chunked after a tab":                {"Transfer-Encoding:\tchunked", "0\r\n\r\n", 400},
		"chunked after a vertical tab":       {"Transfer-Encoding: \x0bchunked\r\nContent-Length: 2", "{}", 400},
		"chunked before a space and a colon": {"Transfer-Encoding : chunked\r\nContent-Length: 2", "{}", 400},
		"chunked twice":                      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n", 501},
		"chunked and identity":               {"Transfer-Encoding: chunked, identity\r\nContent-Length: 2", "{}", 501},
		"an unknown coding":                  {"Transfer-Encoding: xchunked\r\nContent-Length: 2", "{}", 501},
		"gzip and chunked":                   {"Transfer-Encoding: gzip, chunked", "0\r\n\r\n", 501},
		"two lengths that differ":            {"Content-Length: 2\r\nContent-Length: 3", "{}", 400},
		"two lengths in one line":            {"Content-Length: 2, 2", "{}", 400},
		"a length with a sign":               {"Content-Length: +2", "{}", 400},
		"a length below 0":                   {"Content-Length: -2", "{}", 400},
		"a length in hexadecimal":            {"Content-Length: 0x2", "{}", 400},
		"no number":                          {"Content-Length: ", "{}", 400},
		"a length beyond all numbers":        {"Content-Length: 99999999999999999999", "{}", 400},
		"two hosts":                          {"Host: other\r\nContent-Length: 2", "{}", 400},
		"a carriage return in a line":        {"X-A: a\rContent-Length: 9\r\nContent-Length: 2", "{}", 400},
		"a NUL in a line":                    {"X-A: a\x00\r\nContent-Length: 2", "{}", 400},
		"a line without a colon":             {"X-A\r\nContent-Length: 2", "{}", 400},
		"a chunk with an extension":          {"Transfer-Encoding: chunked", "2;a=b\r\n{}\r\n0\r\n\r\n", 400},
		"an extension that ends in LF":       {"Transfer-Encoding: chunked", "2;\n{}\r\n0\r\n\r\n", 400},
		"chunks that end in LF":              {"Transfer-Encoding: chunked", "2\n{}\n0\n\n", 400},
		"a chunk below 0":                    {"Transfer-Encoding: chunked", "-2\r\n{}\r\n0\r\n\r\n", 400},
		"a chunk with 0x":                    {"Transfer-Encoding: chunked", "0x2\r\n{}\r\n0\r\n\r\n", 400},
		"a chunk beyond all numbers":         {"Transfer-Encoding: chunked", "10000000000000002\r\n{}\r\n0\r\n\r\n", 400},
		"a length in the trailer":            {"Transfer-Encoding: chunked\r\nTrailer: Content-Length", "2\r\n{}\r\n0\r\nContent-Length: 7\r\n\r\n", 400},
	} {
		for _, d := range dialects() {
			w := r.dial()
			w.write("POST " + d.path + " HTTP/1.1\r\nHost: rekey.example\r\nContent-Type: application/json\r\n" + c.lines + "\r\n\r\n" + c.body + second)
			got := w.answers()
			want := c.want
			if want == 400 && len(got) == 1 && d.name == "zap" && got[0].status == http.StatusUnauthorized {
				want = http.StatusUnauthorized // who calls comes before what they wrote
			}
			if len(got) != 1 || got[0].status != want {
				t.Errorf("%s: %s: got %v, want one answer with %d", d.name, name, got, want)
			}
		}
	}
	r.succeeds(unleashDialect, r.send(hidden), "the change that was hidden, sent in the open")
}

// Requests that are as they should be may follow each other at once: each is
// answered, in its order.
func TestPipelinedRequestsAreAnsweredInTheirOrder(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	var all strings.Builder
	for n, d := range dialects() {
		q := r.firstChange(d, n, "A fresh sample staple 1")
		all.WriteString(q.head() + q.body + q.head() + q.body)
	}
	w := r.dial()
	w.write(all.String() + "GET /end HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	got := w.answers()
	if len(got) != 7 {
		t.Fatalf("got %d answers: %v", len(got), got)
	}
	for n, d := range dialects() {
		r.succeeds(d, got[2*n], "pipelined")
		r.fails(d, got[2*n+1], spent)
	}
}

// answers reads all that comes until the connection ends.
func (w *wire) answers() []answer {
	w.t.Helper()
	var all []answer
	for left := w.end(); left != ""; {
		from := bufio.NewReader(strings.NewReader(left))
		response, err := http.ReadResponse(from, nil)
		if err != nil {
			w.t.Errorf("what comes is no answer: %v in %q", err, left)
			return all
		}
		all = append(all, read(w.t, response))
		var rest strings.Builder
		_, _ = from.WriteTo(&rest)
		left = rest.String()
	}
	return all
}
