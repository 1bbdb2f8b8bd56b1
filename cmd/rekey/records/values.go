package records

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

var (
	errBoolean = errors.New("is neither true nor false")
	errTime    = errors.New("is no time; write it as 2026-11-21T12:00:00Z")
)

func boolean(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "t", "1", "yes", "y":
		return true, nil
	case "false", "f", "0", "no", "n":
		return false, nil
	}
	return false, errBoolean
}

func contrary(text string) (string, error) {
	yes, err := boolean(text)
	return strconv.FormatBool(!yes), err
}

// forms are those of times without a zone, which are UTC, and with one.
var forms = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999Z07",
	"2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02",
}

// instant reads a time, or a number of seconds or, from 100 billion on, of
// milliseconds since 1970.
func instant(text string) (time.Time, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n < 0 || n >= 1e14 {
			return time.Time{}, errTime
		}
		if n < 1e11 {
			n *= 1000
		}
		return time.UnixMilli(n).UTC(), nil
	}
	for _, form := range forms {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC().Truncate(time.Microsecond), nil
		}
	}
	return time.Time{}, errTime
}
