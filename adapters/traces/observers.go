package traces

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"rekey/adapters"
	"rekey/core"
)

var (
	_ adapters.Observer = Requests{}
	_ core.Observer     = Steps{}
)

// Requests makes a span of each request; it is an [adapters.Observer].
type Requests struct{ *Traces }

// Begin implements [adapters.Observer].
func (t Requests) Begin(r *http.Request) (context.Context, func(adapters.Answered)) {
	ctx, span := t.tracer.Start(t.parent(r), "request", trace.WithSpanKind(trace.SpanKindServer))
	return ctx, func(a adapters.Answered) {
		span.SetName(a.Method + " " + a.Route)
		span.SetAttributes(
			attribute.String("http.request.method", a.Method), attribute.String("http.route", a.Route),
			attribute.Int("http.response.status_code", a.Status), attribute.String("rekey.dialect", a.Dialect),
		)
		if a.Code != "" {
			span.SetAttributes(attribute.String("error.type", a.Code))
		}
		if a.Status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, a.Code)
		}
		span.End()
	}
}

// parent returns the request's context, within the span that the header
// traceparent names (W3C Trace Context) if a trusted proxy sent it. Anybody
// else could choose which traces are kept, and add to them. The vendors' part,
// tracestate, is dropped: it may hold any text.
func (t *Traces) parent(r *http.Request) context.Context {
	if !t.trusts(r.RemoteAddr) {
		return r.Context()
	}
	ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	span := trace.SpanContextFromContext(ctx)
	return trace.ContextWithRemoteSpanContext(r.Context(), span.WithTraceState(trace.TraceState{}))
}

func (t *Traces) trusts(address string) bool {
	from, err := netip.ParseAddrPort(address)
	return err == nil && slices.ContainsFunc(t.trusted, func(p netip.Prefix) bool { return p.Contains(from.Addr().Unmap()) })
}

// Steps makes a span of each step of a request; it is a [core.Observer].
type Steps struct{ *Traces }

// Begin implements [core.Observer]. What belongs to no request has no span.
func (t Steps) Begin(ctx context.Context, s core.Step) (context.Context, func(error)) {
	if !trace.SpanContextFromContext(ctx).IsSampled() {
		return ctx, func(error) {}
	}
	ctx, span := t.tracer.Start(ctx, string(s))
	return ctx, func(err error) {
		code := core.CodeOf(err)
		if code != "" {
			span.SetAttributes(attribute.String("error.type", string(code)))
		}
		if code == core.Unavailable || code == core.Internal {
			span.SetStatus(codes.Error, string(code))
		}
		span.End()
	}
}

// reason says why spans were not taken, without what the server said.
func reason(err error) string {
	var reached net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &reached) && reached.Timeout():
		return "it took too long"
	case errors.As(err, &reached):
		return "the collector cannot be reached"
	}
	return "the collector refused them"
}
