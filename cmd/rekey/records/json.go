package records

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxLine bounds a line, in bytes. A longer one is refused.
const maxLine = 1 << 20

// lines reads one JSON object a line.
type lines struct {
	from    *bufio.Reader
	number  int
	mapping *Mapping // nil for rekey's own form
}

// NewLines reads one JSON object a line; empty lines are none. Without a
// mapping they have the form that [NewWriter] writes.
func NewLines(from io.Reader, m *Mapping) Reader {
	return &lines{from: bufio.NewReaderSize(from, 1<<16), mapping: m}
}

func (*lines) What() string { return "line" }

func (l *lines) Missing() []string { return l.mapping.unfound() }

func (l *lines) Next(context.Context) (Record, error) {
	for {
		line, long, err := l.line()
		if err != nil {
			return Record{}, err
		}
		l.number++
		if l.number == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		r := Record{Number: l.number}
		switch {
		case long:
			r.Fault = faultf("line", "has more than %d bytes", maxLine)
		case len(bytes.TrimSpace(line)) == 0:
			continue
		default:
			decode(line, l.mapping, &r)
		}
		return r, nil
	}
}

// line returns the next line, or that it is too long.
func (l *lines) line() (line []byte, long bool, err error) {
	for {
		part, err := l.from.ReadSlice('\n')
		if long = long || len(line)+len(part) > maxLine; !long {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && (len(line) > 0 || long):
			return line, long, nil
		default:
			return line, long, err
		}
	}
}

// array reads the objects of one JSON array.
type array struct {
	from    *jsontext.Decoder
	begun   bool
	number  int
	mapping *Mapping
}

// NewArray reads an array of JSON objects, as mongoexport --jsonArray writes it.
func NewArray(from io.Reader, m *Mapping) Reader {
	return &array{from: jsontext.NewDecoder(from), mapping: m}
}

func (*array) What() string { return "record" }

func (a *array) Missing() []string { return a.mapping.unfound() }

func (a *array) Next(context.Context) (Record, error) {
	if !a.begun {
		if token, err := a.from.ReadToken(); err != nil || token.Kind() != '[' {
			return Record{}, broken(err)
		}
		a.begun = true
	}
	if a.from.PeekKind() == ']' {
		return Record{}, io.EOF
	}
	value, err := a.from.ReadValue()
	if err != nil {
		return Record{}, broken(err)
	}
	a.number++
	r := Record{Number: a.number}
	decode(value, a.mapping, &r)
	return r, nil
}

// broken says where a file ceases to be JSON. A decoder's own text may quote it.
func broken(err error) error {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		return faultf("file", "is no JSON array from byte %d on", syntax.ByteOffset)
	}
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return faultf("file", "is no whole JSON array")
	}
	return err
}

// decode reads one object.
func decode(value []byte, m *Mapping, r *Record) {
	if m == nil {
		decodeOwn(value, r)
		return
	}
	var t tree
	if err := json.Unmarshal(value, &t); err != nil || t == nil {
		r.Fault = unreadable(err)
		return
	}
	m.read(t, r)
}

// unreadable says what is wrong with an object by where it is.
func unreadable(err error) error {
	var syntax *jsontext.SyntacticError
	var semantic *json.SemanticError
	switch {
	case errors.As(err, &syntax):
		return faultf("line", "is no JSON from byte %d on, or has a name twice", syntax.ByteOffset)
	case errors.As(err, &semantic) && errors.Is(err, json.ErrUnknownName):
		return faultf("line", "has a field that rekey's own form has not; say with --map where what is")
	case errors.As(err, &semantic):
		return faultf("line", "has a value of another kind than its field's")
	}
	return faultf("line", "is no JSON object")
}

func (m *Mapping) unfound() []string {
	if m == nil {
		return nil
	}
	return m.missing()
}
