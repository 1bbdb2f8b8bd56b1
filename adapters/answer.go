package adapters

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/labstack/echo/v4"
)

// AnswerJSON answers with v as JSON: one line without an end, nothing escaped
// for HTML, and the charset told (ASVS 4.1.1).
func AnswerJSON(c echo.Context, status int, v any) error {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	text := bytes.TrimSuffix(body.Bytes(), []byte("\n"))
	c.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(len(text))) // a refusal is flushed early
	return c.Blob(status, "application/json; charset=utf-8", text)
}
