package licensespring_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"rekey/adapters/adaptertest"
	"rekey/adapters/licensespring"
)

func FuzzReadSignature(f *testing.F) {
	date, authorization := licensespring.Sign(apiKey, sharedKey, adaptertest.Now)
	f.Add(date, authorization)
	f.Add("Mon, 2 Mar 2026 12:00:00 GMT", `algorithm="hmac-sha256", headers="date", signature="", apiKey="a,b"`)
	f.Add("", `=",`)
	f.Fuzz(func(t *testing.T, date, authorization string) {
		h := http.Header{"Date": {date}, "Authorization": {authorization}}
		if err := licensespring.ReadSignature(h, adaptertest.Now); err != nil && licensespring.Status(err) >= 500 {
			t.Fatalf("%q %q: %v", date, authorization, err)
		}
	})
}

func FuzzReadBody(f *testing.F) {
	f.Add("application/json", []byte(`{"username":"a","password":"b","new_password":"c"}`))
	f.Add("application/x-www-form-urlencoded", []byte(`username=a&password=b&new_password=%ff`))
	f.Add("", []byte(`{"username":"\ud800"}`))
	f.Fuzz(func(t *testing.T, media string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/api/v4/change_password", bytes.NewReader(body))
		r.Header.Set("Content-Type", media)
		if err := licensespring.ReadBody(r); err != nil && licensespring.Status(err) >= 500 {
			t.Fatalf("%q: %v", body, err)
		}
	})
}
