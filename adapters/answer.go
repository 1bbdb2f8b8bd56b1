package adapters

import (
	"bytes"
	"encoding/json"
	"fmt"

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
	return c.Blob(status, "application/json; charset=utf-8", bytes.TrimSuffix(body.Bytes(), []byte("\n")))
}
