package unleash

import (
	"net/http"
	"regexp"
	"strings"

	"rekey/adapters"
)

// media is what the Content-Type of a JSON request says.
type media struct {
	charset string // in lower case

	// readable is false if the parameters are not well-formed. The vendor
	// then takes the body for absent, and does not refuse it.
	readable bool
}

var (
	jsonType  = regexp.MustCompile(`(?i)^application/json *(?:;|$)`)
	parameter = regexp.MustCompile("^; *([!#$%&'*+.^_`|~0-9A-Za-z-]+) *= *" +
		"(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([!#$%&'*+.^_`|~0-9A-Za-z-]+)) *")
	escape = regexp.MustCompile(`\\(.)`)
)

// mediaOf reads the Content-Type, which must be application/json, in any case
// and with any parameters.
func mediaOf(h http.Header) (media, error) {
	text := strings.TrimSpace(h.Get("Content-Type"))
	if !jsonType.MatchString(text) {
		return media{}, wrongContentType(text)
	}
	m := media{charset: "utf-8", readable: true}
	for rest := strings.TrimRight(text[len("application/json"):], " "); rest != ""; {
		rest = strings.TrimLeft(rest, " ")
		found := parameter.FindStringSubmatch(rest)
		if found == nil {
			return media{}, nil
		}
		if value := escape.ReplaceAllString(found[2], "$1") + found[3]; strings.EqualFold(found[1], "charset") && value != "" {
			m.charset = strings.ToLower(value)
		}
		rest = rest[len(found[0]):]
	}
	return m, nil
}

func wrongContentType(text string) error {
	if text == "" {
		text = "you didn't provide one"
	}
	return &fault{class: adapters.BadMedia, Fault: adapters.Fault{
		Status: http.StatusUnsupportedMediaType, Code: "ContentTypeError",
		Message: "We do not accept the content-type you provided (" + text + "). Try using one of the content-types we do " +
			"accept instead (application/json) and make sure the body is in the corresponding format.",
	}}
}
