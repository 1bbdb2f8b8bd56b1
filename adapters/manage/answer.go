package manage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/labstack/echo/v4"
)

// answer is what is told to a client, and may be told again.
type answer struct {
	Status   int    `json:"status"`
	Location string `json:"location,omitempty"`
	Type     string `json:"type,omitempty"`
	Body     string `json:"body,omitempty"`
}

const (
	plainJSON   = "application/json; charset=utf-8"
	problemJSON = "application/problem+json; charset=utf-8"
)

// say returns an answer with v as JSON: one line without an end, nothing escaped
// for HTML.
func say(status int, kind string, v any) (answer, error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return answer{}, fmt.Errorf("encode answer: %w", err)
	}
	return answer{Status: status, Type: kind, Body: string(bytes.TrimSuffix(body.Bytes(), []byte("\n")))}, nil
}

func (a answer) write(c echo.Context) error {
	header := c.Response().Header()
	if a.Location != "" {
		header.Set(echo.HeaderLocation, a.Location)
	}
	if a.Body == "" {
		return c.NoContent(a.Status)
	}
	header.Set(echo.HeaderContentLength, strconv.Itoa(len(a.Body))) // a refusal is flushed early
	return c.Blob(a.Status, a.Type, []byte(a.Body))
}
