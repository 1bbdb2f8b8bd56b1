package records

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// tree is a JSON object, of which only what is asked for is decoded. Doubled
// names and malformed UTF-8 are errors: they would change a value in silence.
type tree map[string]jsontext.Value

func (t tree) text(path []string) (string, bool, error) {
	value, ok := t[path[0]]
	switch {
	case !ok:
		return "", false, nil
	case len(path) > 1 && value.Kind() == '{':
		var below tree
		if err := json.Unmarshal(value, &below); err != nil {
			return "", false, errObject
		}
		return below.text(path[1:])
	case len(path) > 1 && value.Kind() != 'n' && !strings.HasPrefix(path[1], "$"): // an id may be a text, too
		return "", false, errObject
	}
	return scalar(value)
}

var (
	errObject = errors.New("is no object, or none that can be read")
	errScalar = errors.New("is no text, number or boolean")
)

// scalar returns what one value is as text; not ok if it is null or empty. What
// mongoexport wraps is taken out.
func scalar(value jsontext.Value) (string, bool, error) {
	switch value.Kind() {
	case '"':
		var text string
		err := json.Unmarshal(value, &text)
		return text, text != "", err
	case '0', 't', 'f':
		return string(value), true, nil
	case 'n':
		return "", false, nil
	case '{':
		var wrapped tree
		if err := json.Unmarshal(value, &wrapped); err != nil || len(wrapped) != 1 {
			return "", false, errScalar
		}
		return unwrap(wrapped)
	default:
		return "", false, errScalar
	}
}

// unwrap reads MongoDB's Extended JSON, version 2: {"$oid": …}, {"$date": …}
// and numbers.
func unwrap(wrapped tree) (string, bool, error) {
	for name, value := range wrapped {
		text, ok, err := scalar(value)
		switch {
		case err != nil:
			return "", false, errScalar
		case name == "$date":
			if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
				return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano), true, nil
			}
			return text, ok, nil
		case name == "$oid" || strings.HasPrefix(name, "$number"):
			return text, ok, nil
		}
	}
	return "", false, errScalar
}
