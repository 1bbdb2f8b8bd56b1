package traces

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// Log returns a handler that adds to each record the id of the trace which it
// belongs to, as trace_id, and passes it on.
func Log(next slog.Handler) slog.Handler { return logged{next} }

type logged struct{ slog.Handler }

// Handle implements [slog.Handler].
func (l logged) Handle(ctx context.Context, r slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		r = r.Clone()
		r.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs implements [slog.Handler].
func (l logged) WithAttrs(attrs []slog.Attr) slog.Handler { return logged{l.Handler.WithAttrs(attrs)} }

// WithGroup implements [slog.Handler].
func (l logged) WithGroup(name string) slog.Handler { return logged{l.Handler.WithGroup(name)} }
