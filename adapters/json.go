package adapters

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Member is one member of a JSON object.
type Member struct {
	Name  string
	Value jsontext.Value
}

// MalformedJSON says where and why a body is not JSON. It is a [Malformed] refusal.
// It holds nothing of the body.
type MalformedJSON struct {
	Offset int64 // in bytes
	Reason JSONReason
}

// JSONReason is why a body is not JSON.
type JSONReason string

// The closed set of reasons.
const (
	JSONSyntax    JSONReason = "syntax"
	JSONTruncated JSONReason = "truncated"      // it ends too early
	JSONComma     JSONReason = "trailing_comma" // a comma before a closing bracket
	JSONDuplicate JSONReason = "duplicate_name" // a name stands twice in one object
	JSONEncoding  JSONReason = "encoding"       // not UTF-8, or half of a surrogate pair
	JSONTrailing  JSONReason = "trailing_data"  // more than one value
)

// JSONReasons returns all reasons, in the order of their declaration.
func JSONReasons() []JSONReason {
	return []JSONReason{JSONSyntax, JSONTruncated, JSONComma, JSONDuplicate, JSONEncoding, JSONTrailing}
}

// Error returns the reason.
func (e *MalformedJSON) Error() string { return "malformed json: " + string(e.Reason) }

// Unwrap returns [Malformed].
func (e *MalformedJSON) Unwrap() error { return Malformed }

// ParseJSON reads exactly one value of I-JSON (RFC 7493): UTF-8, no name twice
// in an object, no half of a surrogate pair. encoding/json lets these pass and
// changes the text, which would change a password. The value may be of any
// kind; white space around it is dropped. Errors are *[MalformedJSON].
func ParseJSON(data []byte) (jsontext.Value, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	value, err := dec.ReadValue()
	if err != nil {
		return nil, malformed(data, dec, err)
	}
	value = slices.Clone(value)
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, &MalformedJSON{dec.InputOffset(), JSONTrailing}
	}
	return value, nil
}

func malformed(data []byte, dec *jsontext.Decoder, err error) error {
	e := &MalformedJSON{dec.InputOffset(), JSONSyntax}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		e.Offset = syntax.ByteOffset
	}
	before := bytes.TrimRight(data[:min(e.Offset, int64(len(data)))], " \t\r\n")
	at := bytes.TrimLeft(data[len(before):], " \t\r\n")
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.Reason = JSONTruncated
	case errors.Is(err, jsontext.ErrDuplicateName):
		e.Reason = JSONDuplicate
	case !utf8.Valid(data), halfPair.Match(at):
		e.Reason = JSONEncoding
	case bytes.HasSuffix(before, []byte(",")) && len(at) > 0 && (at[0] == '}' || at[0] == ']'):
		e.Reason = JSONComma
	}
	return e
}

// halfPair is an escaped surrogate.
var halfPair = regexp.MustCompile(`^\\u[dD][89a-fA-F][0-9a-fA-F]{2}`)

// Members returns the members of an object in their order, and false if value
// is not an object. value comes from [ParseJSON].
func Members(value jsontext.Value) ([]Member, bool) {
	if value.Kind() != '{' {
		return nil, false
	}
	dec := jsontext.NewDecoder(bytes.NewReader(value))
	_, _ = dec.ReadToken()
	var members []Member
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, false
		}
		text := name.String()
		member, err := dec.ReadValue()
		if err != nil {
			return nil, false
		}
		members = append(members, Member{text, slices.Clone(member)})
	}
	return members, true
}

// Text returns the text of a JSON string, and false if value is not one.
func Text(value jsontext.Value) (string, bool) {
	if value.Kind() != '"' {
		return "", false
	}
	text, err := jsontext.AppendUnquote(nil, value)
	return string(text), err == nil
}
