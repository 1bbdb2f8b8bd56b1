package main

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// published is what a vendor's published sample puts on the wire: the head line by
// line, without its Content-Length, and the body.
type published struct {
	name, head, body string
}

// send writes the sample to a connection of its own, to the byte.
func (s published) send(r *running) answer {
	r.t.Helper()
	w := r.dial()
	head := strings.ReplaceAll(strings.TrimSpace(s.head), "\n", "\r\n")
	w.write(head + "\r\nContent-Length: " + strconv.Itoa(len(s.body)) + "\r\n\r\n" + s.body)
	return w.answer()
}

func TestLicenseSpringsSamplesWork(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	for _, s := range licensespringSamples(r.facts) {
		r.succeeds(licensespringDialect, s.send(r), s.name)
	}
}

// licensespringSamples are to be sent in their order: each client proves the
// password that the one before it has set, in its own spelling of é, ß, / and 😀.
func licensespringSamples(f facts) []published {
	user, key, shared := f.Accounts[0].Email, f.LicenseSpring.APIKey, f.LicenseSpring.SharedKey
	date := time.Now().UTC().Format(http.TimeFormat)
	mac := signature(shared, date)
	// PHP writes the day without a leading zero: the same in the rest of a month.
	phpDate := time.Now().UTC().Format("Mon, 2 Jan 2006 15:04:05 GMT")
	escaped := `stapl\u00e9 \u00df/ \ud83d\ude00`
	return []published{
		{name: "Node, axios", head: `
POST /api/v4/change_password HTTP/1.1
Accept: application/json, text/plain, */*
Content-Type: application/json
Authorization: algorithm="hmac-sha256",headers="date",signature="` + mac + `",apikey="` + key + `"
Date: ` + date + `
User-Agent: axios/1.7.7
Accept-Encoding: gzip, compress, deflate, br
Host: api.licensespring.com
Connection: close`,
			body: `{"username":"` + user + `","password":"` + f.Accounts[0].Password + `","new_password":"node staplé ß/ 😀"}`},
		{name: "Python, requests with json.dumps", head: `
POST /api/v4/change_password HTTP/1.1
Host: api.licensespring.com
User-Agent: python-requests/2.32.3
Accept-Encoding: gzip, deflate
Accept: */*
Connection: keep-alive
Content-Type: application/json
Date: ` + date + `
Authorization: algorithm="hmac-sha256",headers="date",signature="` + mac + `",apiKey="` + key + `"`,
			body: `{"username": "` + user + `", "password": "node ` + escaped + `", "new_password": "python ` + escaped + `"}`},
		{name: "Python, requests with data=", head: `
POST /api/v4/change_password HTTP/1.1
Host: api.licensespring.com
User-Agent: python-requests/2.32.3
Date: ` + date + `
Authorization: algorithm="hmac-sha256", headers="date", signature="` + mac + `", apiKey="` + key + `"
Content-Type: application/x-www-form-urlencoded`,
			body: url.Values{"username": {user}, "password": {"python staplé ß/ 😀"}, "new_password": {"form staplé ß/ 😀"}}.Encode()},
		{name: "PHP, curl with json_encode", head: `
POST /api/v4/change_password HTTP/1.1
Host: api.licensespring.com
Accept: */*
Date: ` + phpDate + `
Authorization: algorithm="hmac-sha256",headers="date",signature="` + signature(shared, phpDate) + `",apiKey="` + key + `"
Content-Type: application/json`,
			body: `{"username":"` + user + `","password":"form stapl\u00e9 \u00df\/ \ud83d\ude00","new_password":"php stapl\u00e9 \u00df\/ \ud83d\ude00"}`},
		{name: "curl, without a Content-Type", head: `
POST /api/v4/change_password/ HTTP/1.1
Host: api.licensespring.com
User-Agent: curl/8.5.0
Accept: */*
Date: ` + date + `
Authorization: algorithm="hmac-sha256",headers="date",signature="` + mac + `",apikey="` + key + `"
Content-Type: application/x-www-form-urlencoded`,
			body: "{\n    \"username\": \"" + user + "\",\n    \"password\": \"php staplé ß/ 😀\",\n    \"new_password\": \"curl staplé ß/ 😀\"\n}"},
		{name: "Java, OkHttp", head: `
POST /api/v4/change_password HTTP/1.1
Content-Type: application/json; charset=utf-8
Date: ` + date + `
Authorization: algorithm="hmac-sha256",headers="date",signature="` + mac + `",apiKey="` + key + `"
Host: api.licensespring.com
Connection: Keep-Alive
Accept-Encoding: gzip
User-Agent: okhttp/4.12.0`,
			body: `{"new_password":"java staplé ß/ 😀","password":"curl staplé ß/ 😀","username":"` + user + `"}`},
		{name: "C++, libcurl", head: `
POST /api/v4/change_password HTTP/1.1
host: api.licensespring.com
content-type: application/json
date: ` + date + `
authorization: algorithm="hmac-sha256",headers="date",signature="` + mac + `",apikey="` + key + `"`,
			body: `{"username":"` + user + `","password":"java staplé ß/ 😀","new_password":"c++ staplé ß/ 😀"}`},
	}
}

// The vendor's page shows an empty Authorization header, and a password that
// its own server refuses.
func TestUnleashsSampleWorks(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	s := published{name: "the published sample", head: `
POST /auth/reset/password HTTP/1.1
Host: unleash.example
Content-Type: application/json
Accept: application/json
Authorization:`,
		body: "{\n  \"token\": \"" + r.Unleash.ResetTokens[1] + "\",\n  \"password\": \"correct horse battery staple\"\n}"}
	a := s.send(r)
	r.succeeds(unleashDialect, a, s.name)
	if told, ok := a.header["Content-Type"]; ok {
		t.Errorf("an empty answer has the Content-Type %q", told)
	}
	r.fails(unleashDialect, s.send(r), spent)
	r.knows(1, "correct horse battery staple")
}

// The vendor's sample has two spaces before the token, and a comma too many.
func TestZAPsSampleWorksWithoutItsLastComma(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	user := r.Accounts[2]
	s := published{name: "the published sample", head: `
POST /v1/changePassword HTTP/1.1
Host: api.zap.example
Content-Type: application/json
Authorization: Bearer  ` + r.ZAP.AdminToken,
		body: `{
  "userId": "` + user.ZAPUserID + `",
  "email": "` + user.Email + `",
  "oldPassword": "` + user.Password + `",
  "newPassword": "correct horse battery staple",
}`}
	a := s.send(r)
	r.fails(zapDialect, a, malformed)
	if !strings.Contains(a.body, "trailing comma") {
		t.Errorf("the answer does not say what is wrong: %s", a.body)
	}
	s.body = strings.Replace(s.body, ",\n}", "\n}", 1)
	r.succeeds(zapDialect, s.send(r), s.name)
	r.fails(zapDialect, s.send(r), spent)
	r.knows(2, "correct horse battery staple")
}
