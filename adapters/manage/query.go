package manage

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"rekey/adapters"
	"rekey/core"
)

// query is the parameters of a request, each given once and with a value.
type query map[string]string

func readQuery(u *url.URL, known ...string) (query, error) {
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, adapters.Malformed
	}
	q := query{}
	for name, given := range values {
		switch {
		case !slices.Contains(known, name):
			if !adapters.Tellable(name) {
				name = ""
			}
			return nil, parameter(name)
		case len(given) != 1, given[0] == "", !utf8.ValidString(given[0]):
			return nil, parameter(name)
		}
		q[name] = given[0]
	}
	return q, nil
}

// given returns which of the names have a value.
func (q query) given(names ...string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return q[name] == "" })
}

const (
	standardPage = 50
	greatestPage = 200
)

func (q query) limit() (int, error) {
	if q["limit"] == "" {
		return standardPage, nil
	}
	n, err := strconv.Atoi(q["limit"])
	if err != nil || n < 1 || n > greatestPage {
		return 0, parameter("limit")
	}
	return n, nil
}

// locator returns the account that a name means.
func (q query) locator() (core.Locator, error) {
	l := core.Locator{Login: q["username"], Email: q["email"]}
	if q["external_id"] == "" {
		return l, nil
	}
	kind, id, found := strings.Cut(q["external_id"], ":")
	if !found || kind == "" || id == "" || kind == core.KeyID || kind == core.KeyLogin {
		return l, parameter("external_id")
	}
	l.External = core.Key{Kind: kind, Value: id}
	return l, nil
}

// instant returns the time that a parameter gives, or zero.
func (q query) instant(name string) (time.Time, error) {
	if q[name] == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, q[name])
	if err != nil {
		return time.Time{}, parameter(name)
	}
	return t, nil
}

// cursorText has one text for every value.
var cursorText = base64.RawURLEncoding.Strict()

// cursorAt returns what the client gives back to go on after a place of a list.
func cursorAt(kind byte, place string) string {
	return cursorText.EncodeToString(append([]byte{kind}, place...))
}

// cursor returns the place after which to go on, "" for the beginning.
func (q query) cursor(kind byte) (string, error) {
	if q["cursor"] == "" {
		return "", nil
	}
	place, err := cursorText.DecodeString(q["cursor"])
	if err != nil || len(place) < 2 || place[0] != kind || !utf8.Valid(place) || strings.ContainsAny(q["cursor"], "\r\n") {
		return "", parameter("cursor")
	}
	return string(place[1:]), nil
}
