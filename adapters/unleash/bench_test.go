package unleash_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rekey/adapters/unleash"
)

func BenchmarkReadBody(b *testing.B) {
	body := strings.NewReader(`{"token":"3pB1n0vq2Zx8mK7rT5yW9cL4dF6gH1jS","password":"correct horse battery staple"}`)
	request := httptest.NewRequest(http.MethodPost, "/", body)
	request.Header.Set("Content-Type", "application/json")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := body.Seek(0, io.SeekStart); err != nil {
			b.Fatal(err)
		}
		if err := unleash.ReadBody(request); err != nil {
			b.Fatal(err)
		}
	}
}
