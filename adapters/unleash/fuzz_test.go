package unleash_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"rekey/adapters"
	"rekey/adapters/unleash"
)

// FuzzValue holds that a value of any kind is made a text, or shown, in bounds.
func FuzzValue(f *testing.F) {
	for _, seed := range []string{`"a"`, `1e400`, `-0.0`, `[[[1]]]`, `{"a":{"b":null}}`, `"\ud83d\ude00"`, `123456789012345678901234567890`, `true`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		value, err := adapters.ParseJSON(body)
		if err != nil {
			return
		}
		text, ok := unleash.Coerce(string(value))
		if hollow := value.Kind() == '[' || value.Kind() == '{'; ok == hollow {
			t.Errorf("%q: coerced to %q, %v", body, text, ok)
		}
		if shown := unleash.Show(string(value)); len(shown) > 6*4<<10 || !strings.HasPrefix(shown, "[value") && !json.Valid([]byte(shown)) {
			t.Errorf("%q: shown as %q", body, shown)
		}
	})
}

// FuzzQuery holds that a token in a query is answered in the dialect.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"token=r3set", "token=a&token=b", "token=%zz", "token=%00%ff", "token", ";", strings.Repeat("token=a&", 50)} {
		f.Add(seed)
	}
	server := serve(f, &store{})
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "/auth/reset/validate", nil)
		r.URL = &url.URL{Path: "/auth/reset/validate", RawQuery: query}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if w.Code >= 500 || !json.Valid(w.Body.Bytes()) || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%q: got %d %s", query, w.Code, w.Body)
		}
	})
}
