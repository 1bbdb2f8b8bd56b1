package licensespring_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rekey/adapters/licensespring"
)

func BenchmarkVerifySignature(b *testing.B) {
	const sharedKey = "a shared key of some length"
	now := time.Now()
	date, authorization := licensespring.Sign("5f2c8a1e-7a2e-4a7e-9e0a-000000000001", sharedKey, now)
	header := http.Header{"Date": {date}, "Authorization": {authorization}}
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := licensespring.Verify(header, sharedKey, now); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkReadBody(b *testing.B) {
	body := strings.NewReader(`{"username":"ada@acme.example","password":"forgotten tomorrow","new_password":"correct horse battery staple"}`)
	request := httptest.NewRequest(http.MethodPost, "/", body)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := body.Seek(0, io.SeekStart); err != nil {
			b.Fatal(err)
		}
		if err := licensespring.ReadBody(request); err != nil {
			b.Fatal(err)
		}
	}
}
