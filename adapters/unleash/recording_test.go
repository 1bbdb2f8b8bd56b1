package unleash_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// exchange is one line of testdata/recording.jsonl: what a client sent to an
// unleash-server 8.2.0 in a certain state, and what it got. Bodies of more
// than 16 KiB are left out; their names say how many bytes they had.
type exchange struct {
	Name    string            `json:"name"`
	Given   []step            `json:"given"`
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Body    *string           `json:"body"`
	Base64  bool              `json:"base64"` // whether Body is
	Status  int               `json:"status"`
	Type    string            `json:"type"`
	Answer  string            `json:"answer"`
}

// step is something that was done before.
type step struct {
	Do, As, Ago, Name, Password, Token string
	Role                               int
	Email, Username                    bool
}

// deviations are the exchanges that are answered otherwise on purpose. The
// reasons stand in PROTOCOL.md, too.
var deviations = map[string]string{
	"two-live-tokens-redeem-first":  "an account has one live token; the recording wrote a second one into the database",
	"two-live-tokens-redeem-second": "an account has one live token; the recording wrote a second one into the database",
	"root-array-nonempty":           "a body that may hold a password is not told back",
	"pw-lone-surrogate":             "half of a surrogate pair is refused: it would change the password",
	"json-single-quotes":            "what is wrong with JSON is told in other words, in the same form",
	"json-only-brace":               "what is wrong with JSON is told in other words, in the same form",
	"vp-malformed":                  "what is wrong with JSON is told in other words, in the same form",
	"validate-if-none-match":        "an answer that holds a token must not be stored, so it has no ETag",
	"validate-post":                 "405 in the dialect, not a web page",
}

// TestTheRecordingIsMatched replays what a real server answered. Its figure is
// printed by: go test ./adapters/unleash -run Recording -v.
func TestTheRecordingIsMatched(t *testing.T) {
	all := recording(t)
	names := slices.Sorted(maps.Keys(all))
	matched, deviating := 0, 0
	for _, name := range names {
		r := replay{t: t, all: all, server: newReplayServer(t), bound: map[string]string{
			"ADMIN_TOKEN": adminToken, "BACKEND_TOKEN": backendToken, "FRONTEND_TOKEN": frontendToken,
		}}
		differs := r.run(all[name])
		_, excused := deviations[name]
		switch {
		case differs == "":
			matched++
			if excused {
				t.Errorf("%s matches, and must not stand among the deviations", name)
			}
		case excused:
			deviating++
		default:
			t.Errorf("%s: %s", name, differs)
		}
	}
	t.Logf("%d matched, %d deviating on purpose, %d in all", matched, deviating, len(names))
	page, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	figure := fmt.Sprintf("Of %d exchanges recorded from a real server, %d are answered to the byte", len(names), matched)
	for _, want := range append(slices.Collect(maps.Keys(deviations)), figure) {
		if !strings.Contains(string(page), want) {
			t.Errorf("PROTOCOL.md does not say %q", want)
		}
	}
	if len(names) < 150 || matched+deviating != len(names) {
		t.Errorf("%d of %d exchanges are accounted for", matched+deviating, len(names))
	}
}

func recording(t *testing.T) map[string]exchange {
	t.Helper()
	file, err := os.Open("testdata/recording.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	all := map[string]exchange{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e exchange
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		all[e.Name] = e
	}
	return all
}

// replay is one exchange with all that went before.
type replay struct {
	t      *testing.T
	all    map[string]exchange
	server *replayServer
	bound  map[string]string // what ${NAME} stands for
}

// run does what went before, then the exchange, and returns how the answer
// differs, or "".
func (r *replay) run(e exchange) string {
	for _, s := range e.Given {
		if s.Do == "exchange" {
			// Its own preparations are among this exchange's already.
			r.answer(r.all[s.Name])
			continue
		}
		r.server.prepare(r, s)
	}
	status, mediaType, body := r.answer(e)
	want := mask(e.Answer)
	if got := mask(r.unbind(body)); status != e.Status || mediaType != e.Type || got != want {
		return fmt.Sprintf("got %d %q %s\nwant %d %q %s", status, mediaType, got, e.Status, e.Type, want)
	}
	return ""
}

// answer sends the exchange's request over a socket of its own.
func (r *replay) answer(e exchange) (status int, mediaType, body string) {
	var raw bytes.Buffer
	fmt.Fprintf(&raw, "%s %s HTTP/1.1\r\nHost: rekey.example\r\nConnection: close\r\n", e.Method, r.bind(e.Path))
	for name, value := range e.Headers {
		fmt.Fprintf(&raw, "%s: %s\r\n", name, r.bind(value))
	}
	content := r.contentOf(e)
	if content != "" || e.Body != nil {
		if e.Headers["Transfer-Encoding"] == "" {
			fmt.Fprintf(&raw, "Content-Length: %d\r\n", len(content))
		}
	}
	raw.WriteString("\r\n" + content)
	conn, err := net.DialTimeout("tcp", r.server.addr, 5*time.Second)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	go func() { _, _ = conn.Write(raw.Bytes()) }()
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: e.Method})
	if err != nil {
		r.t.Fatalf("%s: %v", e.Name, err)
	}
	defer func() { _ = resp.Body.Close() }()
	var text bytes.Buffer
	if _, err := text.ReadFrom(resp.Body); err != nil {
		r.t.Fatalf("%s: %v", e.Name, err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), text.String()
}

var size = regexp.MustCompile(`^body-(\d+)(-bytes|mb)$`)

// contentOf returns the body's bytes. One that was left out is made anew, of
// the size that its name tells: the filler is what the recording's token was.
func (r *replay) contentOf(e exchange) string {
	if m := size.FindStringSubmatch(e.Name); m != nil && e.Body == nil {
		n := 1 << 20
		if m[2] == "-bytes" {
			_, _ = fmt.Sscan(m[1], &n)
		}
		frame := `{"token":"","password":"Tr0ub4dor&3x"}`
		return `{"token":"` + strings.Repeat("a", n-len(frame)) + frame[len(`{"token":"`):]
	}
	if e.Body == nil {
		return ""
	}
	if e.Base64 {
		content, err := base64.StdEncoding.DecodeString(*e.Body)
		if err != nil {
			r.t.Fatal(err)
		}
		return string(content)
	}
	if e.Headers["Transfer-Encoding"] == "chunked" {
		// The recording has the chunks of a real token: the sizes are ours.
		_, data, _ := strings.Cut(*e.Body, "\r\n")
		data, _, _ = strings.Cut(data, "\r\n0\r\n")
		data = strings.TrimSpace(recordedToken.ReplaceAllLiteralString(data, `"${TOKEN}"`))
		data = r.bind(data)
		return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(data), data)
	}
	return r.bind(*e.Body)
}

var recordedToken = regexp.MustCompile(`"\$2b\$10\$[^"]{53}"`)

func (r *replay) bind(text string) string {
	for name, value := range r.bound {
		text = strings.ReplaceAll(text, "${"+name+"}", value)
	}
	return text
}

func (r *replay) unbind(text string) string {
	for _, name := range slices.Sorted(maps.Keys(r.bound)) {
		if value := r.bound[name]; len(value) > 8 {
			text = strings.ReplaceAll(text, value, "${"+name+"}")
		}
	}
	return text
}

var (
	uuids   = regexp.MustCompile(`\$\{UUID\}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	numbers = regexp.MustCompile(`"id":\d+,"role"`)
	tokens  = regexp.MustCompile(`"token":"\$\{[A-Z0-9_]+\}"`)
)

// mask hides what differs between servers: ids and tokens.
func mask(text string) string {
	text = uuids.ReplaceAllString(text, "UUID")
	text = numbers.ReplaceAllString(text, `"id":0,"role"`)
	return tokens.ReplaceAllString(text, `"token":"TOKEN"`)
}
