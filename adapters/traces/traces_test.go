package traces_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"rekey/adapters"
	"rekey/adapters/traces"
	"rekey/adapters/traces/tracestest"
	"rekey/config/secret"
	"rekey/core"
)

const (
	someTrace  = "0af7651916cd43dd8448eb211c80319c"
	parentSpan = "b7ad6b7169203331"
)

func start(t *testing.T, c traces.Config, trusted ...string) (*traces.Traces, func() []string) {
	t.Helper()
	var lost []string
	p := traces.Parts{Config: c, Version: "v1", Report: func(why string, spans int) { lost = append(lost, fmt.Sprint(why, " ", spans)) }}
	for _, network := range trusted {
		p.Trusted = append(p.Trusted, netip.MustParsePrefix(network))
	}
	made, err := traces.New(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return made, func() []string {
		if err := made.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
		return lost
	}
}

// serve traces a request with one step, which fails with err.
func serve(made *traces.Traces, r *http.Request, a adapters.Answered, err error) {
	ctx, answered := traces.Requests{Traces: made}.Begin(r)
	_, end := traces.Steps{Traces: made}.Begin(ctx, core.Reading)
	end(err)
	answered(a)
}

func get(header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/hunter2?token=hunter2", http.NoBody)
	r.Header.Set("User-Agent", "hunter2")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func TestARequestIsASpanWithItsStepsAndNoWordsOfTheClients(t *testing.T) {
	sink := tracestest.Start(t)
	made, stop := start(t, traces.Config{Endpoint: sink.Endpoint, SampleRatio: 1, Headers: map[string]secret.Value{"authorization": secret.New("s3cret")}})
	serve(made, get(), adapters.Answered{Dialect: "zap", Method: "POST", Route: "/v1/otp", Status: 503, Code: "unavailable"},
		&core.Error{Code: core.Unavailable, Err: errors.New("hunter2")})
	serve(made, get(), adapters.Answered{Method: "GET", Status: 404, Code: "no_route"}, core.NotFound)
	_, end := traces.Steps{Traces: made}.Begin(t.Context(), core.Reading) // of no request
	end(nil)
	if lost := stop(); len(lost) > 0 {
		t.Error(lost)
	}
	spans := sink.Spans()
	var paths []string
	for _, s := range spans {
		paths = append(paths, tracestest.Path(spans, s))
	}
	if want := []string{"POST /v1/otp/read", "POST /v1/otp", "GET /read", "GET "}; !slices.Equal(paths, want) {
		t.Fatalf("got %q, want %q", paths, want)
	}
	for i, want := range []string{
		"true unavailable map[error.type:unavailable service.name:rekey]",
		"true unavailable map[error.type:unavailable http.request.method:POST http.response.status_code:503 http.route:/v1/otp rekey.dialect:zap service.name:rekey]",
		"false  map[error.type:not_found service.name:rekey]",
		"false  map[error.type:no_route http.request.method:GET http.response.status_code:404 http.route: rekey.dialect: service.name:rekey]",
	} {
		if got := fmt.Sprint(spans[i].Failed, " ", spans[i].Message, " ", spans[i].Attributes); got != want || spans[i].Events > 0 {
			t.Errorf("%s: got %s, want %s", paths[i], got, want)
		}
	}
	if strings.Contains(string(sink.Raw()), "hunter2") {
		t.Error("a client's words are in a span")
	}
	if got := sink.Header().Get("Authorization"); got != "s3cret" {
		t.Errorf("the header is %q", got)
	}
}

// Who may decide on a trace: a proxy that is trusted, and otherwise the ratio.
func TestATraceparentIsBelievedOfTrustedProxiesAlone(t *testing.T) {
	const kept, dropped = "00-" + someTrace + "-" + parentSpan + "-01", "00-" + someTrace + "-" + parentSpan + "-00"
	for name, c := range map[string]struct {
		trusted, header string
		ratio           float64
		spans           int
		continued       bool
	}{
		"a stranger, who wants it":           {"10.0.0.0/8", kept, 0, 0, false},
		"a stranger, who does not":           {"10.0.0.0/8", dropped, 1, 2, false},
		"a proxy, which wants it":            {"192.0.2.0/24", kept, 0, 2, true},
		"a proxy, which does not":            {"192.0.2.0/24", dropped, 1, 0, false},
		"a proxy, which says nothing":        {"192.0.2.0/24", "", 1, 2, false},
		"a proxy, which says what is no id":  {"192.0.2.0/24", "00-hunter2-hunter2-01", 1, 2, false},
		"a proxy that IPv6 maps":             {"192.0.2.0/24", kept, 0, 2, true},
		"nobody is trusted, and none traced": {"", kept, 0, 0, false},
	} {
		sink := tracestest.Start(t)
		var trusted []string
		if c.trusted != "" {
			trusted = []string{c.trusted}
		}
		made, stop := start(t, traces.Config{Endpoint: sink.Endpoint, SampleRatio: c.ratio}, trusted...)
		r := get("Traceparent", c.header, "Tracestate", "vendor=hunter2") // from 192.0.2.1
		if strings.HasSuffix(name, "maps") {
			r.RemoteAddr = "[::ffff:192.0.2.1]:1234"
		}
		serve(made, r, adapters.Answered{Method: "GET"}, nil)
		stop()
		spans := sink.Spans()
		if len(spans) != c.spans {
			t.Errorf("%s: %d spans, want %d", name, len(spans), c.spans)
			continue
		}
		for _, s := range spans {
			if (s.Trace == someTrace) != c.continued || (s.Parent == parentSpan) != (c.continued && s.Name != "read") || s.State != "" {
				t.Errorf("%s: got %+v", name, s)
			}
		}
	}
}

func TestACollectorThatFailsIsReportedInOurWords(t *testing.T) {
	refusing, gone := tracestest.Start(t), traces.Config{Endpoint: "http://127.0.0.1:1/v1/traces", SampleRatio: 1}
	refusing.Refuse(http.StatusUnauthorized)
	for want, c := range map[string]traces.Config{
		"the collector refused them 2":      {Endpoint: refusing.Endpoint, SampleRatio: 1, Headers: map[string]secret.Value{"authorization": secret.New("s3cret")}},
		"the collector cannot be reached 2": gone,
	} {
		made, stop := start(t, c)
		serve(made, get(), adapters.Answered{}, nil)
		if lost := stop(); !slices.Equal(lost, []string{want}) {
			t.Errorf("got %q, want %q", lost, want)
		}
	}
}

func TestALogLineHasItsTrace(t *testing.T) {
	made, stop := start(t, traces.Config{Endpoint: tracestest.Start(t).Endpoint, SampleRatio: 0})
	defer stop()
	var out bytes.Buffer
	log := slog.New(traces.Log(slog.NewTextHandler(&out, nil))).With("a", 1)
	log.InfoContext(t.Context(), "outside")
	ctx, end := traces.Requests{Traces: made}.Begin(get())
	log.InfoContext(ctx, "inside")
	end(adapters.Answered{})
	lines := strings.Split(out.String(), "\n")
	if strings.Contains(lines[0], "trace_id") || !strings.Contains(lines[1], "a=1 trace_id=") || len(lines[1]) < len(lines[0])+40 {
		t.Errorf("got %q", lines)
	}
}

func TestTheConfigurationSaysWhatIsWrong(t *testing.T) {
	headers := map[string]secret.Value{"authorization": secret.New("s3cret")}
	for name, c := range map[string]struct {
		traces.Config
		want []string
	}{
		"the defaults":         {traces.Default(), nil},
		"a collector":          {traces.Config{Endpoint: "http://jaeger:4318/v1/traces"}, nil},
		"with a credential":    {traces.Config{Endpoint: "https://jaeger:4318/v1/traces", Headers: headers}, nil},
		"on this machine":      {traces.Config{Endpoint: "http://127.0.0.1:4318/v1/traces", Headers: headers}, nil},
		"read on the way":      {traces.Config{Endpoint: "http://jaeger:4318/v1/traces", Headers: headers}, []string{"endpoint"}},
		"no URL":               {traces.Config{Endpoint: "jaeger:4318"}, []string{"endpoint"}},
		"a credential in it":   {traces.Config{Endpoint: "https://me:s3cret@jaeger/v1/traces"}, []string{"endpoint"}},
		"too often":            {traces.Config{SampleRatio: 1.5}, []string{"sample_ratio"}},
		"no number":            {traces.Config{SampleRatio: math.NaN()}, []string{"sample_ratio"}},
		"no name for a header": {traces.Config{Headers: map[string]secret.Value{"a b": secret.New("s3cret")}}, []string{"headers.a b"}},
	} {
		var got []string
		c.Validate(func(key, problem string) {
			got = append(got, key)
			if strings.Contains(problem, "s3cret") {
				t.Errorf("%s: the problem tells the secret: %s", name, problem)
			}
		})
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
