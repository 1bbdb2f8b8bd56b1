package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// dialect is how one vendor's clients talk, and the answers that they know.
type dialect struct {
	name, path string
	yes        string // the body of success

	// proof returns what account n has for its first change: its password, or
	// its reset token.
	proof func(f facts, n int) string

	// change asks for a new password for account n.
	change func(f facts, n int, proof, fresh string) request

	// members are the sets of members that a failure may have, and code is the
	// one that names it.
	members []string
	code    string

	refusals map[situation]refusal
}

// situation is why a request is refused.
type situation string

// The situations that every dialect words.
const (
	spent     situation = "spent" // the old password, or the token, was used
	noRoute   situation = "unknown path"
	badMethod situation = "wrong method"
	tooLarge  situation = "too large"
	malformed situation = "malformed"
	tooSlow   situation = "too slow"
	busy      situation = "overloaded or draining"
	throttled situation = "too many failed attempts"
)

// refusal is a failure's status and its name in the dialect.
type refusal struct {
	status int
	code   string
}

// refusalIn reads a failure, and tells what is not the dialect's.
func (a answer) refusalIn(d dialect) refusal {
	var body map[string]any
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		return refusal{a.status, "not in the dialect: " + a.body}
	}
	members := strings.Join(slices.Sorted(maps.Keys(body)), " ")
	status, told := body["status"]
	switch {
	case !slices.Contains(d.members, members), a.header.Get("Content-Type") != "application/json; charset=utf-8",
		told && status != float64(a.status), body["success"] == true, body["message"] == "":
		return refusal{a.status, "not in the dialect: " + a.body}
	}
	code, _ := body[d.code].(string)
	return refusal{a.status, code}
}

func (f facts) passwordOf(n int) string { return f.Accounts[n].Password }

func dialects() []dialect { return []dialect{licensespringDialect, unleashDialect, zapDialect} }

var licensespringDialect = dialect{
	name: "licensespring", path: "/api/v4/change_password", yes: "password_changed",
	proof: facts.passwordOf,
	change: func(f facts, n int, proof, fresh string) request {
		date, authorization := signed(f.LicenseSpring.APIKey, f.LicenseSpring.SharedKey, time.Now())
		return request{http.MethodPost, "/api/v4/change_password",
			map[string]string{"Content-Type": "application/json", "Date": date, "Authorization": authorization},
			toJSON(map[string]string{"username": f.Accounts[n].Email, "password": proof, "new_password": fresh})}
	},
	members: []string{"code message status"}, code: "code",
	refusals: map[situation]refusal{
		spent: {400, "invalid_credentials"}, noRoute: {404, "not_found"}, badMethod: {405, "method_not_allowed"},
		tooLarge: {413, "request_too_large"}, malformed: {400, "invalid_json"}, tooSlow: {408, "request_timeout"},
		busy: {503, "service_unavailable"}, throttled: {429, "too_many_requests"},
	},
}

// Unleash's parser fails with a message alone.
var unleashDialect = dialect{
	name: "unleash", path: "/auth/reset/password", yes: "",
	proof: func(f facts, n int) string { return f.Unleash.ResetTokens[n] },
	change: func(_ facts, _ int, proof, fresh string) request {
		return request{http.MethodPost, "/auth/reset/password",
			map[string]string{"Content-Type": "application/json"}, toJSON(map[string]string{"token": proof, "password": fresh})}
	},
	members: []string{"message", "details message name", "details id message name"}, code: "name",
	refusals: map[situation]refusal{
		spent: {401, "InvalidTokenError"}, noRoute: {404, "NotFoundError"}, badMethod: {405, "MethodNotAllowedError"},
		tooLarge: {413, ""}, malformed: {400, ""}, tooSlow: {408, ""}, busy: {503, "UnavailableError"},
		throttled: {429, "RateLimitError"},
	},
}

var zapDialect = dialect{
	name: "zap", path: "/v1/changePassword", yes: `{"success":true,"data":"Password updated successfully"}`,
	proof: facts.passwordOf,
	change: func(f facts, n int, proof, fresh string) request {
		return request{http.MethodPost, "/v1/changePassword",
			map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + f.ZAP.AdminToken},
			toJSON(map[string]string{
				"userId": f.Accounts[n].ZAPUserID, "email": f.Accounts[n].Email, "oldPassword": proof, "newPassword": fresh,
			})}
	},
	members: []string{"error message success"}, code: "error",
	refusals: map[situation]refusal{
		spent: {400, "invalid_credentials"}, noRoute: {404, "not_found"}, badMethod: {405, "method_not_allowed"},
		tooLarge: {413, "request_too_large"}, malformed: {400, "invalid_json"}, tooSlow: {400, "request_timeout"},
		busy: {503, "service_unavailable"}, throttled: {429, "too_many_requests"},
	},
}

// signed returns LicenseSpring's two headers, as its documentation makes them.
func signed(apiKey, sharedKey string, now time.Time) (date, authorization string) {
	date = now.UTC().Format(http.TimeFormat)
	return date, `algorithm="hmac-sha256",headers="date",signature="` + signature(sharedKey, date) + `",apikey="` + apiKey + `"`
}

func signature(sharedKey, date string) string {
	mac := hmac.New(sha256.New, []byte(sharedKey))
	mac.Write([]byte("licenseSpring\ndate: " + date))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func toJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// firstChange asks, in the dialect, for account n's first new password.
func (r *running) firstChange(d dialect, n int, fresh string) request {
	return d.change(r.facts, n, d.proof(r.facts, n), fresh)
}

// succeeds reports a change that did not.
func (r *running) succeeds(d dialect, a answer, what string) {
	r.t.Helper()
	if a.status != http.StatusOK || a.body != d.yes {
		r.t.Errorf("%s: %s: got %d %s, want 200 %s", d.name, what, a.status, a.body, d.yes)
	}
}

// fails reports an answer that is not the dialect's for the situation.
func (r *running) fails(d dialect, a answer, want situation) {
	r.t.Helper()
	if got := a.refusalIn(d); got != d.refusals[want] {
		r.t.Errorf("%s: %s: got %v, want %v in %s", d.name, want, got, d.refusals[want], a.body)
	}
}

// knows reports an account of which the password is not the one given, by a
// change to another one.
func (r *running) knows(n int, password string) {
	r.t.Helper()
	a := r.send(licensespringDialect.change(r.facts, n, password, "Another sample staple 77"))
	r.succeeds(licensespringDialect, a, "the new password as the old one")
}
