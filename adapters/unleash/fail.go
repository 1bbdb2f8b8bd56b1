package unleash

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// Fail implements [adapters.Adapter].
func (a *Adapter) Fail(c echo.Context, err error) error {
	adapters.RetryAfter(c, err)
	f := word(err)
	return adapters.AnswerJSON(c, f.Status, answer{a.idFor(f.Code), f.Code, f.Message, f.details})
}

// answer is the body of every failure, in the vendor's order of members.
type answer struct {
	ID      string `json:"id,omitempty"`
	Name    string `json:"name,omitempty"`
	Message string `json:"message"`
	Details []any  `json:"details,omitempty"`
}

// The forms of a detail.
type (
	remark struct {
		Message string `json:"message"`
	}
	pathFirst struct {
		Path    string `json:"path"`
		Message string `json:"message"`
	}
	pathLast struct {
		Message string `json:"message"`
		Path    string `json:"path"`
	}
	weakness struct {
		ValidationErrors []string `json:"validationErrors"`
		Message          string   `json:"message"`
	}
)

// word returns the words for any error.
func word(err error) fault {
	var f fault
	var own *fault
	var malformed *adapters.MalformedJSON
	switch refused := core.AsError(err); {
	case errors.As(err, &own):
		f = *own
	case errors.As(err, &malformed):
		f.Fault = faults[adapters.Malformed]
		f.Message = jsonMessage(malformed)
	case refused.Code == core.WeakPassword:
		f.Fault = faults[core.WeakPassword]
		sentences := []string{f.Message}
		if len(refused.Violations) > 0 {
			sentences = ruleMessages(refused.Violations)
		}
		f.Message = sentences[0]
		f.details = []any{weakness{sentences, f.Message}}
	default:
		f.Fault = faults.Of(err)
	}
	if f.Code != "" && f.details == nil {
		f.details = []any{remark{f.Message}}
	}
	return f
}

// identified are the names of the failures that bear an id, as the vendor
// gives it to all that fail before a handler.
var identified = []string{"BadDataError", "ContentTypeError", "AuthenticationRequired"}

// idFor returns a fresh UUID of version 4 (RFC 9562, section 5.4) where the
// failure bears one. Without randomness it goes without.
func (a *Adapter) idFor(name string) string {
	var b [16]byte
	if !slices.Contains(identified, name) {
		return ""
	}
	if _, err := io.ReadFull(a.env.Random, b[:]); err != nil {
		return ""
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
