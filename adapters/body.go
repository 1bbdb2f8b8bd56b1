package adapters

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/labstack/echo/v4"
)

// drainable is how much of a refused request's body is still read, so that a
// client that writes before it reads gets its answer. A longer one is cut off.
const drainable = 8 << 20

// ReadBody reads the request's body, of at most limit bytes. Its errors are
// TooLarge, TooSlow, and Malformed for a body that breaks off.
func ReadBody(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, TooLarge
	}
	return ReadAll(r.Body, limit)
}

// lingering prepares a refusal, and returns what follows it: the answer goes out
// at once, and what the client still sends is read after it. A client that
// waits to be asked for its body is not asked.
func lingering(c echo.Context) func() {
	control := http.NewResponseController(c.Response())
	if c.Request().Header.Get("Expect") != "" || control.EnableFullDuplex() != nil {
		return func() {}
	}
	return func() {
		if control.Flush() == nil {
			_, _ = io.CopyN(io.Discard, c.Request().Body, drainable)
		}
	}
}

// ReadAll reads at most limit bytes, with the errors of [ReadBody].
func ReadAll(from io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, limit+1))
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, fmt.Errorf("read body: %w", TooSlow)
	case err != nil:
		return nil, fmt.Errorf("read body: %w", Malformed)
	case int64(len(data)) > limit:
		return nil, TooLarge
	}
	return data, nil
}
