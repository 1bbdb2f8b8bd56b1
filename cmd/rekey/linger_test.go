package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A body that is refused for its length, or its sender for its credentials, is
// not waited for: the answer is there while nothing of the body is.
func TestARefusalDoesNotWaitForTheBody(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	for _, path := range []string{"/api/v4/change_password", "/auth/reset/password", "/v1/changePassword"} {
		for _, expect := range []string{"", "Expect: 100-continue\r\n"} {
			conn, err := net.Dial("tcp", strings.TrimPrefix(r.BaseURL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%sContent-Length: 5000000\r\n\r\n", path, expect)
			_ = conn.SetReadDeadline(time.Now().Add(8 * time.Second)) // below server.read_timeout
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatalf("%s %q: %v", path, expect, err)
			}
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode < 400 || resp.StatusCode >= 500 || len(body) == 0 {
				t.Errorf("%s %q: got %d %s, %v", path, expect, resp.StatusCode, body, err)
			}
			_ = conn.Close()
		}
	}
}
