package adaptertest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// runner goes through one transcript.
type runner struct {
	Dialect
	t *testing.T

	given, config string
	world         *world // nil until the next request needs one
	title         string
	got           string   // the response to the last request
	events        []string // what it left, until a then section tells
	answered      bool     // whether a response section followed
}

func (r *runner) section(files []txtar.File, i int) {
	kind, title, _ := strings.Cut(files[i].Name, ":")
	text := string(files[i].Data)
	switch kind {
	case "given":
		r.finish()
		r.given, r.config, r.world = text, "", nil
	case "config":
		r.finish()
		r.config, r.world = text, nil
	case "request":
		r.finish()
		r.title = strings.TrimSpace(title)
		r.request(text)
	case "response":
		r.answered = true
		if want := text; r.got != want {
			if !*update {
				r.t.Errorf("%s\ngot:\n%s\nwant:\n%s", r.title, r.got, want)
			}
			files[i].Data = []byte(r.got)
		}
	case "then":
		want := strings.FieldsFunc(text, func(c rune) bool { return c == '\n' })
		if !slices.Equal(r.events, want) {
			r.t.Errorf("%s: events\ngot:  %q\nwant: %q", r.title, r.events, want)
		}
		r.events = nil
	default:
		r.t.Fatalf("unknown section %q", files[i].Name)
	}
}

// finish checks that nothing of the last request was left untold.
func (r *runner) finish() {
	if r.title != "" && !r.answered {
		r.t.Errorf("%s: no response section; got:\n%s", r.title, r.got)
	}
	if len(r.events) > 0 {
		r.t.Errorf("%s: events not told: %q", r.title, r.events)
	}
	r.title, r.events, r.answered = "", nil, false
}

// request sends the request and keeps the response and the events.
func (r *runner) request(text string) {
	if r.world == nil {
		r.world = newWorld(r.t, r.Dialect, r.given, r.config)
	}
	raw := r.rawRequest(text)
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(r.t.Context(), "tcp", r.world.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	go func() { _, _ = conn.Write(raw) }()
	method, _, _ := strings.Cut(text, " ")
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		r.t.Fatalf("%s: %v", r.title, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatalf("%s: %v", r.title, err)
	}
	if r.world.contract != nil {
		if err := r.world.contract.holds(raw, resp, body); err != nil {
			r.t.Errorf("%s: %v", r.title, err)
		}
	}
	r.got, r.events = r.shown(resp, body), r.world.newEvents()
}

// rawRequest makes what goes over the wire: lines ended by CRLF, and the Host
// and Content-Length headers where they are missing.
func (r *runner) rawRequest(text string) []byte {
	head, body, _ := strings.Cut(text, "\n\n")
	head, body = strings.TrimSuffix(r.expand(head), "\n"), r.expand(strings.TrimSuffix(body, "\n"))
	has := func(name string) bool { return strings.Contains(strings.ToLower(head), "\n"+name+":") }
	if !has("host") {
		head += "\nHost: rekey.example"
	}
	if body != "" && !has("content-length") && !has("transfer-encoding") {
		head += "\nContent-Length: " + strconv.Itoa(len(body))
	}
	return []byte(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body)
}

var placeholder = regexp.MustCompile(`\{\{([a-z0-9_.-]+)(?: ([^{}]*))?\}\}`)

// expand replaces the placeholders.
func (r *runner) expand(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(match string) string {
		parts := placeholder.FindStringSubmatch(match)
		name, arg := parts[1], parts[2]
		switch name {
		case "hex":
			var data []byte
			if _, err := fmt.Sscanf(arg, "%x", &data); err != nil {
				r.t.Fatalf("%s: %v", match, err)
			}
			return string(data)
		case "repeat":
			count, what, _ := strings.Cut(arg, " ")
			n, err := strconv.Atoi(count)
			if err != nil {
				r.t.Fatalf("%s: %v", match, err)
			}
			return strings.Repeat(what, n)
		case "id":
			return r.world.idOf(arg)
		case "told":
			return r.told(arg)
		}
		value, ok := r.Constants[name]
		if !ok {
			r.t.Fatalf("%s: unknown constant %s", r.title, match)
		}
		return value
	})
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// shown returns the response as a transcript shows it.
func (r *runner) shown(resp *http.Response, body []byte) string {
	resp.Header.Del("Date")
	resp.Header.Del("X-Request-Id")
	var out bytes.Buffer
	fmt.Fprintf(&out, "HTTP/1.1 %s\n", resp.Status)
	for _, name := range slices.Sorted(maps.Keys(resp.Header)) {
		for _, value := range resp.Header[name] {
			fmt.Fprintf(&out, "%s: %s\n", name, value)
		}
	}
	if len(body) > 0 {
		fmt.Fprintf(&out, "\n%s\n", bytes.TrimSuffix(body, []byte("\n")))
	}
	shown := uuid.ReplaceAllString(out.String(), "{{uuid}}")
	for name, value := range r.Constants {
		if len(value) > 20 {
			shown = strings.ReplaceAll(shown, value, "{{"+name+"}}")
		}
	}
	return shown
}
