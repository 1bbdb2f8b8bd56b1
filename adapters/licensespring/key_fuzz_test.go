package licensespring_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"rekey/config/secret"
)

// FuzzResponseKey holds that what an operator pastes as a key is judged before
// it is used, in words that repeat nothing of it.
func FuzzResponseKey(f *testing.F) {
	f.Add(responseKey.private.Reveal())
	f.Add("-----BEGIN RSA PRIVATE KEY-----\nMIIBAAIBAAIBAAIBAAIBAA==\n-----END RSA PRIVATE KEY-----\n")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, key string) {
		cfg := companies()
		cfg.ResponseKey = secret.New(key)
		cfg.Validate(func(_, problem string) {
			if len(key) > 12 && strings.Contains(problem, key) {
				t.Errorf("%q is repeated: %s", key, problem)
			}
		})
	})
}

// FuzzQuery holds that any query is answered in the dialect.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"login_type=client_credentials", "login_type=a&login_type=b", "login_type=%zz", "login_type=%00", "&;=", ""} {
		f.Add(seed)
	}
	server := serve(f, companies(), atNoon)
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "/api/v4/oauth_url", nil)
		r.URL = &url.URL{Path: "/api/v4/oauth_url", RawQuery: query}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if w.Code >= 500 || !json.Valid(w.Body.Bytes()) || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%q: got %d %s", query, w.Code, w.Body)
		}
	})
}
