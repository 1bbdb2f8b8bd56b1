package manage

import (
	"errors"
	"mime"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"

	"rekey/adapters"
	"rekey/core"
)

// maxBody bounds a request: an account with all that one may have.
const maxBody = 64 << 10

// readBody reads the body of a request that may have one.
func readBody(r *http.Request) ([]byte, error) {
	body, err := adapters.ReadBody(r, maxBody)
	if err != nil || len(body) == 0 {
		return nil, err
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset, told := params["charset"]
	if err != nil || media != "application/json" || told && !strings.EqualFold(charset, "utf-8") || r.Header.Get("Content-Encoding") != "" {
		return nil, adapters.BadMedia
	}
	return body, nil
}

// decode reads the body into what it must be, to the letter: no member that is
// not known, none twice, and no text that would change in reading.
func decode[T any](body []byte) (v T, err error) {
	if _, err := adapters.ParseJSON(body); err != nil {
		return v, err
	}
	err = json.Unmarshal(body, &v, json.RejectUnknownMembers(true))
	var wrong *json.SemanticError
	if err == nil || !errors.As(err, &wrong) {
		return v, err
	}
	pointer := "#" + string(wrong.JSONPointer)
	if last := pointer[strings.LastIndexByte(pointer, '/')+1:]; pointer != "#" && !adapters.Tellable(last) {
		pointer = "#" // a body that is taken apart wrongly has passwords for names
	}
	return v, &refusal{faults[core.Invalid], core.Invalid, []place{{Pointer: pointer}}}
}

// nothing refuses a body where none is expected, but for an empty object.
func (c *call) nothing() error {
	if len(c.body) == 0 {
		return nil
	}
	_, err := decode[struct{}](c.body)
	return err
}
