// Package traces sends what requests go through to an OpenTelemetry collector:
// the steps of each, and the statements in the database, without their values.
// Nothing that a client wrote is in a span, nor an account's, a tenant's or a
// key's name, nor the text of an error.
package traces

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net/netip"
	"strings"
	"time"

	"github.com/XSAM/otelsql"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Parts is what [New] makes traces of.
type Parts struct {
	Config
	Version string         // of the program
	Trusted []netip.Prefix // whose traceparent is believed
	Report  func(why string, spans int)
}

// Traces are those of one process. Its methods are safe for concurrent use.
type Traces struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
	trusted  []netip.Prefix
}

// exportTimeout bounds one try to send.
const exportTimeout = 10 * time.Second

// New returns traces that are sent in the background, until [Traces.Close]. It
// connects to nobody: a collector that is away costs spans and nothing else, and
// each batch that is lost is reported, in words that are no server's.
func New(ctx context.Context, p Parts) (*Traces, error) {
	headers := map[string]string{}
	for name, value := range p.Headers {
		headers[name] = value.Reveal()
	}
	sent, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(p.Endpoint), otlptracehttp.WithHeaders(headers),
		otlptracehttp.WithTimeout(exportTimeout), otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
	if err != nil {
		return nil, err
	}
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(exporter{sent, p.Report}),
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(p.SampleRatio))),
		sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", "rekey"), attribute.String("service.version", p.Version))),
	)
	return &Traces{provider: provider, tracer: provider.Tracer("rekey"), trusted: p.Trusted}, nil
}

// Close sends what is left, for as long as ctx lasts. The nil Traces have
// nothing to send.
func (t *Traces) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// OpenDB opens a pool of connections whose statements are spans of the request
// that needs them.
func (t *Traces) OpenDB(c driver.Connector) *sql.DB {
	return otelsql.OpenDB(c,
		otelsql.WithTracerProvider(t.provider), otelsql.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelsql.WithSpanOptions(otelsql.SpanOptions{
			OmitConnResetSession: true, OmitConnPrepare: true, OmitRows: true, OmitConnectorConnect: true, DisableErrSkip: true,
			RecordError: func(error) bool { return false }, // its text may quote a value
			SpanFilter: func(ctx context.Context, _ otelsql.Method, _ string, _ []driver.NamedValue) bool {
				return trace.SpanContextFromContext(ctx).IsSampled() // not what is done in the background
			},
		}))
}

// Sending makes a span of statements that are sent together, within the request that
// needs them.
func (t *Traces) Sending(ctx context.Context, statements []string) (arrived func()) {
	if !trace.SpanContextFromContext(ctx).IsSampled() {
		return func() {}
	}
	_, span := t.tracer.Start(ctx, "sql.batch", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("db.query.text", strings.Join(statements, ";\n"))))
	return func() { span.End() }
}

// exporter tells of what is lost in place of OpenTelemetry's handler, which is
// one for the whole process, and says what the server said.
type exporter struct {
	sdk.SpanExporter
	report func(why string, spans int)
}

// ExportSpans implements [sdk.SpanExporter].
func (e exporter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.report(reason(err), len(spans))
	}
	return nil
}
