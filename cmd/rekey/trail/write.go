package trail

import (
	"bufio"
	"context"
	"encoding/csv"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rekey/core/audit"
)

// Export writes a trail.
type Export struct {
	Trail    audit.Trail
	Filter   audit.Filter // which events are written; the seals are all
	CSV      bool
	Now      func() time.Time
	Progress func(done, all int64) // is told of seals, after each
}

const (
	version  = 1
	pageRows = 1000
)

// Write writes the trail to w.
func (e Export) Write(ctx context.Context, w io.Writer) (err error) {
	out := newWriter(w, e.CSV)
	head, err := e.Trail.Head(ctx)
	if err != nil {
		return err
	}
	first := File{Type: typeFile, Version: version, MadeAt: audit.Stamp(e.Now().Truncate(time.Microsecond)), Partial: !e.Filter.Everything()}
	if head.Seq > 0 {
		first.Head = head.String()
	}
	if err := out.line(first); err != nil {
		return err
	}
	event := func(r audit.Row) error {
		if !e.Filter.Admits(r) {
			return nil
		}
		return out.line(LineOf(r))
	}
	walk := audit.Walk{Trail: e.Trail, Head: head, Stray: event, Batch: func(s audit.Seal, rows []audit.Row, _ int64) error {
		if err := out.line(sealLineOf(s)); err != nil {
			return err
		}
		for _, r := range rows {
			if err := event(r); err != nil {
				return err
			}
		}
		e.Progress(s.Seq, head.Seq)
		return nil
	}}
	if err := walk.Run(ctx); err != nil {
		return err
	}
	if err := e.unsealed(ctx, event); err != nil {
		return err
	}
	return out.flush()
}

func (e Export) unsealed(ctx context.Context, event func(audit.Row) error) error {
	for after := (audit.Row{}); ; {
		rows, err := e.Trail.Unsealed(ctx, after, pageRows)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			if err := event(r); err != nil {
				return err
			}
		}
		after = rows[len(rows)-1]
	}
}

// writer writes lines.
type writer struct {
	json *bufio.Writer
	csv  *csv.Writer // nil for JSON
	any  bool
}

func newWriter(w io.Writer, table bool) *writer {
	out := &writer{json: bufio.NewWriter(w)}
	if table {
		out.csv = csv.NewWriter(out.json)
	}
	return out
}

func (w *writer) line(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if w.csv != nil {
		return w.cells(text)
	}
	_, err = w.json.Write(append(text, '\n'))
	return err
}

// columns are the fields of all types of lines, but for the type.
var columns = strings.Fields("type batch tenant id at account action proof outcome actor dialect addr request_id " +
	"seq prev rows first last sealed_at root digest mac pruned leaves version made_at head partial")

func (w *writer) cells(text []byte) error {
	if !w.any {
		w.any = true
		if err := w.csv.Write(columns); err != nil {
			return err
		}
	}
	var fields map[string]jsontext.Value
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	cells := make([]string, len(columns))
	for i, column := range columns {
		value, ok := fields[column]
		switch {
		case !ok:
		case value.Kind() == '"':
			var field string
			if err := json.Unmarshal(value, &field); err != nil {
				return err
			}
			cells[i] = escape(field)
		default:
			cells[i] = string(value)
		}
	}
	return w.csv.Write(cells)
}

func (w *writer) flush() error {
	if w.csv != nil {
		w.csv.Flush()
		if err := w.csv.Error(); err != nil {
			return err
		}
	}
	return w.json.Flush()
}

// escape writes a text for a cell: a spreadsheet must not take it for a formula, and
// line ends stay what they are.
func escape(text string) string {
	text = strings.NewReplacer(`\`, `\\`, "\r", `\r`, "\n", `\n`).Replace(text)
	if text != "" && strings.ContainsRune("=+-@\t", rune(text[0])) {
		text = `\` + text
	}
	return text
}

func unescape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' && i+1 < len(text) {
			i++
			switch c = text[i]; c {
			case 'r':
				c = '\r'
			case 'n':
				c = '\n'
			}
		}
		_ = b.WriteByte(c)
	}
	return b.String()
}
