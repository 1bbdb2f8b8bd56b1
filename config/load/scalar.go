package load

import (
	"encoding"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"time"
)

// scalar is one kind of single value.
type scalar struct {
	is    func(reflect.Type) bool
	want  string // what to write, behind "write "
	text  bool   // YAML must take it for text
	bare  bool   // YAML must not have it in quotes
	tells bool   // the error of parse says what is wrong
	parse func(v reflect.Value, s string) error
	show  func(v reflect.Value) string // parse's opposite
}

// scalars are all kinds; the first that a type is counts.
var scalars = []scalar{
	{
		is: isType[time.Duration], want: "a duration with its unit, such as 30s, 15m or 24h",
		parse: parseDuration, show: showDuration,
	},
	{is: isType[netip.Prefix], text: true, want: "a network, such as 10.0.0.0/8 or 192.0.2.7/32", parse: parseText, show: showText},
	{is: isType[netip.Addr], text: true, want: "an address, such as 192.0.2.7", parse: parseText, show: showText},
	{is: isText, text: true, tells: true, want: "text", parse: parseText, show: showText},
	{is: isKind(reflect.Bool, reflect.Bool), bare: true, want: "true or false", parse: parseBool, show: showBool},
	{is: isKind(reflect.Int, reflect.Int64), bare: true, want: "a whole number", parse: parseInt, show: showInt},
	{is: isKind(reflect.Uint, reflect.Uint64), bare: true, want: "a whole number, 0 or more", parse: parseUint, show: showUint},
	{is: isKind(reflect.Float32, reflect.Float64), bare: true, want: "a number, such as 0.5", parse: parseFloat, show: showFloat},
	{
		is: isKind(reflect.String, reflect.String), text: true, want: "text",
		parse: func(v reflect.Value, s string) error { v.SetString(s); return nil },
		show:  func(v reflect.Value) string { return v.String() },
	},
}

// scalarOf returns the kind of t, or nil if t is no single value.
func scalarOf(t reflect.Type) *scalar {
	for i := range scalars {
		if scalars[i].is(t) {
			return &scalars[i]
		}
	}
	return nil
}

// set sets v, which is of this kind, to what s means. It returns the
// problem's text, or "" if there is none.
func (k *scalar) set(v reflect.Value, s string) string {
	err := k.parse(v, s)
	shown := "is " + strconv.Quote(s)
	if len(s) > 40 {
		shown = "is not readable"
	}
	switch {
	case err == nil:
		return ""
	case errors.Is(err, strconv.ErrRange):
		return fmt.Sprintf("%s, which does not fit into %d bits; write %s", shown, v.Type().Bits(), k.want)
	case k.tells:
		return shown + ": " + err.Error()
	}
	return shown + "; write " + k.want
}

func isType[T any](t reflect.Type) bool { return t == reflect.TypeFor[T]() }

func isKind(first, last reflect.Kind) func(reflect.Type) bool {
	return func(t reflect.Type) bool { return first <= t.Kind() && t.Kind() <= last }
}

func isText(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) && p.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}
