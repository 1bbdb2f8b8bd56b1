// Package tracestest is an OpenTelemetry collector for tests: it takes traces by
// OTLP over HTTP, and keeps them.
package tracestest

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/protobuf/proto"
)

// Span is one span that was taken.
type Span struct {
	Name, Trace, ID, Parent string
	State                   string // tracestate
	Attributes              map[string]string
	Failed                  bool
	Message                 string // of the status
	Events                  int
}

// Collector takes traces until the test ends.
type Collector struct {
	Endpoint string

	mu     sync.Mutex
	spans  []Span
	raw    bytes.Buffer
	header http.Header
	status int
}

// Start returns a collector that listens.
func Start(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{status: http.StatusOK}
	server := httptest.NewServer(http.HandlerFunc(c.take))
	t.Cleanup(server.Close)
	c.Endpoint = server.URL + "/v1/traces"
	return c
}

// Refuse makes it answer every batch with the status, and what it was sent.
func (c *Collector) Refuse(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status = status
}

// Spans returns what was taken so far, by the order in which spans ended.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Span(nil), c.spans...)
}

// Raw returns all bytes that came, uncompressed.
func (c *Collector) Raw() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.raw.Bytes())
}

// Header returns the header of the latest batch.
func (c *Collector) Header() http.Header {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.header
}

func (c *Collector) take(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.header = r.Header.Clone()
	if c.status != http.StatusOK {
		w.WriteHeader(c.status)
		_, _ = fmt.Fprint(w, "refused: ", r.Header) //nolint:gosec // no browser is asked
		return
	}
	if err := c.keep(r); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func (c *Collector) keep(r *http.Request) error {
	body, err := gzip.NewReader(r.Body)
	if err != nil {
		return err
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	var batch collector.ExportTraceServiceRequest
	if err := proto.Unmarshal(content, &batch); err != nil {
		return err
	}
	c.raw.Write(content)
	for _, resource := range batch.GetResourceSpans() {
		service := attributes(resource.GetResource().GetAttributes())["service.name"]
		for _, scope := range resource.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				taken := Span{
					Name: s.GetName(), Trace: hex.EncodeToString(s.GetTraceId()), ID: hex.EncodeToString(s.GetSpanId()), Parent: hex.EncodeToString(s.GetParentSpanId()),
					State: s.GetTraceState(), Attributes: attributes(s.GetAttributes()), Failed: s.GetStatus().GetCode() == 2, Message: s.GetStatus().GetMessage(),
					Events: len(s.GetEvents()),
				}
				taken.Attributes["service.name"] = service
				c.spans = append(c.spans, taken)
			}
		}
	}
	return nil
}

func attributes(all []*common.KeyValue) map[string]string {
	read := map[string]string{}
	for _, a := range all {
		_, read[a.GetKey()], _ = strings.Cut(a.GetValue().String(), ":")
		read[a.GetKey()] = strings.Trim(read[a.GetKey()], `"`)
	}
	return read
}

// Path returns the names of the span's ancestors and its own, as "a/b/c".
func Path(spans []Span, s Span) string {
	for _, parent := range spans {
		if s.Parent == parent.ID && s.Trace == parent.Trace {
			return Path(spans, parent) + "/" + s.Name
		}
	}
	return s.Name
}
