package zap_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// inDialect fails unless the answer is one that the dialect gives to a client
// that is at fault.
func inDialect(t *testing.T, h http.Handler, body string, authorization ...string) int {
	t.Helper()
	w := post(h, body, authorization...)
	var answer struct {
		Success        *bool
		Error, Message string
	}
	err := json.Unmarshal(w.Body.Bytes(), &answer)
	if err != nil || answer.Success == nil || *answer.Success || answer.Error == "" || answer.Message == "" ||
		w.Code < 400 || w.Code >= 500 || w.Header().Get("Content-Type") != "application/json; charset=utf-8" || w.Body.Len() > 1<<10 {
		t.Errorf("%q with %q: got %d, %q", body, authorization, w.Code, w.Body)
	}
	return w.Code
}

func FuzzAuthorization(f *testing.F) {
	server := serve(f, issuers())
	tokens := constants()
	held := map[string]bool{}
	for name, token := range tokens {
		f.Add("Bearer " + token)
		if name == "admin" || name == "other" || name == "many" || name == "late" || name == "ahead" || name == "now" {
			held[token] = true
		}
	}
	for _, seed := range []string{"", "Bearer", "Bearer ", "Basic eDp5", "Bearer e30.e30.e30", "Bearer a.b.c", "Bearer " + with(`,"crit":[]`, good())} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, authorization string) {
		code := inDialect(t, server, "{}", authorization)
		_, token, _ := strings.Cut(authorization, " ")
		if code == passed && !held[strings.TrimLeft(token, " ")] {
			t.Errorf("%q passed", authorization)
		}
	})
}

func FuzzClaims(f *testing.F) {
	server := serve(f, issuers())
	f.Add(`{"alg":"HS256"}`, good())
	f.Add(`{"alg":"HS256","crit":["x"]}`, `{"exp":1e300,"iat":-1}`)
	f.Add(`{"alg":"none"}`, `{"sub":["root"],"role":{"":null}}`)
	f.Fuzz(func(t *testing.T, header, payload string) {
		inDialect(t, server, "{}", "Bearer "+signed(header, payload, jwt.SigningMethodHS256, []byte(mainSecret)))
	})
}

func FuzzBody(f *testing.F) {
	server := serve(f, issuers())
	admin := "Bearer " + hs256(mainSecret, nil)
	for _, seed := range []string{
		``, `{}`, `[]`, `null`, `{"userId":"a","email":"a@b","oldPassword":"a","newPassword":"b"}`,
		`{"userId":"a","email":"a@b","oldPassword":"a","newPassword":"b","secureOTP":"1","otp":null}`,
		`{"userId":"a","email":"a@b","oldPassword":"a","newPassword":"\ud800"}`, `{"userId":5,"x":{},"":[],}`,
		`{"userId":"a","email":"a@b","oldPassword":"` + strings.Repeat("a", 1<<10) + `","newPassword":"\u0000"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if code := inDialect(t, server, body, admin); code != http.StatusBadRequest && code != http.StatusRequestEntityTooLarge {
			t.Errorf("%q: got %d", body, code)
		}
	})
}
