package unleash

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"rekey/adapters"
)

// coerce returns what JavaScript makes of a JSON value that a string is
// wanted of, and false for an array or an object. null becomes "".
func coerce(value jsontext.Value) (string, bool) {
	if text, ok := adapters.Text(value); ok {
		return text, true
	}
	switch text := stringify(value); text[0] {
	case 'n':
		return "", true
	case '[', '{':
		return "", false
	default:
		return text, true
	}
}

// stringify writes a JSON value as JSON.stringify does (ECMA-262, 25.5.2):
// without spaces, numbers as the doubles that they become. What is too large
// for a double becomes the largest one.
func stringify(value jsontext.Value) string {
	text, err := jsontext.AppendFormat(nil, value, jsontext.CanonicalizeRawInts(true), jsontext.CanonicalizeRawFloats(true))
	if err != nil {
		return tooLarge
	}
	return string(text)
}

// What is told back of a value at most. The vendor's limit is the depth of
// its stack.
const (
	maxShown      = 4 << 10 // bytes
	maxShownDepth = 100
)

const tooLarge = "[value too large or deeply nested to display]"

// show returns the value as it is told back to the client.
func show(value jsontext.Value) string {
	if len(value) > maxShown || depth(value) > maxShownDepth {
		return tooLarge
	}
	return stringify(value)
}

func depth(value jsontext.Value) int {
	deepest, dec := 0, jsontext.NewDecoder(bytes.NewReader(value))
	for {
		if _, err := dec.ReadToken(); err != nil {
			return deepest
		}
		deepest = max(deepest, dec.StackDepth())
	}
}

// hollow reports whether there is no text and no number in the value, and so
// nothing that could be a secret.
func hollow(value jsontext.Value) bool { return !bytes.ContainsAny(value, `"0123456789`) }
