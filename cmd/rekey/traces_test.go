package main

import (
	"slices"
	"strings"
	"testing"

	"rekey/adapters/traces/tracestest"
	"rekey/config"
)

// traced makes a dev installation send all traces to the collector.
func traced(sink *tracestest.Collector) func(*config.Config) {
	return func(cfg *config.Config) {
		cfg.Telemetry.Traces.Endpoint, cfg.Telemetry.Traces.SampleRatio = sink.Endpoint, 1
	}
}

func TestATraceGoesFromTheRequestToTheCommit(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		sink := tracestest.Start(t)
		r := startDev(t, withDSN(dsn), traced(sink))
		for n, d := range dialects() {
			r.succeeds(d, r.send(r.firstChange(d, n, "A fresh sample staple 1")), "the change")
		}
		r.fails(licensespringDialect, r.send(licensespringDialect.change(r.facts, 0, "hunter2 hunter2", "hunter2 hunter3")), spent)
		for _, path := range []string{"/hunter2?token=hunter2", "/v1/hunter2"} {
			r.send(request{method: "GET", path: path, header: map[string]string{"User-Agent": "hunter2", "Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}})
		}
		r.end() // what is left is sent
		spans := sink.Spans()
		paths := map[string]int{}
		for _, s := range spans {
			path := tracestest.Path(spans, s)
			paths[path]++
			if s.Name == "request" || s.Trace == "0af7651916cd43dd8448eb211c80319c" {
				t.Errorf("got %+v", s)
			}
			if statement := s.Name == "sql.conn.exec" || s.Name == "sql.conn.query" || s.Name == "sql.batch"; statement && (s.Attributes["db.query.text"] == "" || s.Events > 0) {
				t.Errorf("a statement without words: %s %+v", path, s)
			}
		}
		for _, route := range []string{"POST /api/v4/change_password", "POST /auth/reset/password", "POST /v1/changePassword"} {
			for _, step := range []string{"", "/change", "/change/seat", "/change/throttle", "/change/read", "/change/derive", "/change/commit"} {
				if paths[route+step] == 0 {
					t.Errorf("there is no %s%s", route, step)
				}
			}
			if !slices.ContainsFunc(spans, func(s tracestest.Span) bool {
				return strings.HasPrefix(tracestest.Path(spans, s), route+"/change/commit/sql.") && strings.Contains(s.Attributes["db.query.text"], "UPDATE ")
			}) {
				t.Errorf("there is no statement in %s/change/commit: %v", route, paths)
			}
		}
		if paths["POST /api/v4/change_password/change/record"] != 1 {
			t.Errorf("the refusal is recorded %d times", paths["POST /api/v4/change_password/change/record"])
		}
		r.tracesTellNothing(sink)
		r.linesHaveTraces(spans)
	})
}

// tracesTellNothing looks for what traces must not hold.
func (r *running) tracesTellNothing(sink *tracestest.Collector) {
	r.t.Helper()
	raw := string(sink.Raw())
	for _, secret := range []string{
		"hunter", "staple", "$argon2id", "acme", "globex", r.Accounts[0].Email, r.Accounts[0].Username, r.Accounts[0].Password,
		r.LicenseSpring.APIKey, r.LicenseSpring.SharedKey, r.Unleash.AdminToken, r.ZAP.AdminToken,
	} {
		if secret != "" && strings.Contains(strings.ToLower(raw), strings.ToLower(secret)) {
			r.t.Errorf("the traces tell %q", secret)
		}
	}
	if len(raw) < 10_000 {
		r.t.Errorf("there are %d bytes of traces", len(raw))
	}
}

// linesHaveTraces holds that each request's log line names its trace.
func (r *running) linesHaveTraces(spans []tracestest.Span) {
	r.t.Helper()
	lines := r.logged("request")
	for _, line := range lines {
		id, _ := line["trace_id"].(string)
		if !slices.ContainsFunc(spans, func(s tracestest.Span) bool { return s.Trace == id && s.Parent == "" }) {
			r.t.Errorf("a line names the trace %q", id)
		}
	}
	if len(lines) < 6 {
		r.t.Errorf("there are %d lines", len(lines))
	}
}

// A collector that is away costs nobody anything but traces.
func TestACollectorThatIsAwayIsNoMatterOfClients(t *testing.T) {
	t.Parallel()
	r := startDev(t, func(cfg *config.Config) {
		cfg.Telemetry.Traces.Endpoint, cfg.Telemetry.Traces.SampleRatio = "http://127.0.0.1:1/v1/traces", 1
	})
	for n, d := range dialects() {
		r.succeeds(d, r.send(r.firstChange(d, n, "A fresh sample staple 1")), "the change")
	}
	r.end()
	if lines := r.logged("spans are lost"); len(lines) != 1 || lines[0]["why"] != "the collector cannot be reached" {
		t.Errorf("got %v", lines)
	}
}
