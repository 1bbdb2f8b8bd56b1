package zap_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rekey/adapters/zap"
)

func BenchmarkReadBody(b *testing.B) {
	body := strings.NewReader(`{"userId":"43af9a8989ffb63cc9cdd0537","email":"ada@acme.example","oldPassword":"forgotten tomorrow","newPassword":"correct horse battery staple"}`)
	request := httptest.NewRequest(http.MethodPost, "/", body)
	request.Header.Set("Content-Type", "application/json")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := body.Seek(0, io.SeekStart); err != nil {
			b.Fatal(err)
		}
		if err := zap.ReadBody(request); err != nil {
			b.Fatal(err)
		}
	}
}
