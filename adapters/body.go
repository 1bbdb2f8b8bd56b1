package adapters

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
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

// drain reads what a refused client still sends. One that waits to be asked
// for it is not asked.
func drain(r *http.Request) {
	if r.Header.Get("Expect") == "" {
		_, _ = io.CopyN(io.Discard, r.Body, drainable)
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
