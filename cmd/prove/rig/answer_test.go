package rig_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rekey/cmd/prove/rig"
)

// A client is as strict as it has to be, or a harness proves nothing.
func TestAClientTellsAnswersThatBreakTheDialect(t *testing.T) {
	const (
		text  = "text/plain; charset=utf-8"
		json  = "application/json; charset=utf-8"
		yes   = `{"success":true,"data":"Password updated successfully"}`
		wrong = `{"success":false,"error":"invalid_credentials","message":"no"}`
	)
	for _, c := range []struct {
		via               rig.Via
		status            int
		media, body, wait string
		verdict           rig.Verdict
		fault             string
	}{
		{rig.ByPassword, 200, text, "password_changed", "", rig.Acknowledged, ""},
		{rig.ByPassword, 200, text, "password_changed\n", "", rig.Acknowledged, "200 with"},
		{rig.ByPassword, 200, json, "password_changed", "", rig.Acknowledged, "200 with"},
		{rig.ByPassword, 400, json, `{"status":400,"code":"invalid_credentials","message":"no"}`, "", rig.Refused, ""},
		{rig.ByPassword, 400, json, `{"status":401,"code":"invalid_credentials","message":"no"}`, "", rig.Refused, "the body tells another status"},
		{rig.ByPassword, 400, json, `{"status":400,"code":"invalid_credentials"}`, "", rig.Refused, "a member is missing"},
		{rig.ByPassword, 400, json, `{"status":400,"code":"c","message":"no","more":1}`, "", rig.Refused, "the body is not in"},
		{rig.ByPassword, 502, "text/html", "<html>", "", rig.Refused, "the body is not in"},
		{rig.ByToken, 200, "", "", "", rig.Acknowledged, ""},
		{rig.ByToken, 200, json, "{}", "", rig.Acknowledged, "200 with"},
		{rig.ByToken, 401, json, `{"name":"InvalidTokenError","message":"no","details":[]}`, "", rig.Refused, ""},
		{rig.ByToken, 401, json, `{"name":"InvalidTokenError"}`, "", rig.Refused, "there is no message"},
		{rig.ByToken, 401, text, `{"message":"no"}`, "", rig.Refused, "a refusal is not application/json"},
		{rig.ByAdmin, 200, json, yes, "", rig.Acknowledged, ""},
		{rig.ByAdmin, 200, json, wrong, "", rig.Acknowledged, "200 with"},
		{rig.ByAdmin, 400, json, wrong, "", rig.Refused, ""},
		{rig.ByAdmin, 400, json, wrong + wrong, "", rig.Refused, "the body goes on"},
		{rig.ByAdmin, 400, json, yes, "", rig.Refused, "the body is not in"},
		{rig.ByAdmin, 500, json, wrong, "", rig.Refused, "a server's error that is not 503"},
		{rig.ByAdmin, 503, json, wrong, "", rig.Refused, "no Retry-After"},
		{rig.ByAdmin, 503, json, wrong, "soon", rig.Refused, "no Retry-After"},
		{rig.ByAdmin, 503, json, wrong, "2", rig.Refused, ""},
		{rig.ByAdmin, 429, json, wrong, "", rig.Refused, "no Retry-After"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			if c.media != "" {
				w.Header().Set("Content-Type", c.media)
			}
			if c.wait != "" {
				w.Header().Set("Retry-After", c.wait)
			}
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		client := rig.NewClient(server.URL, rig.Keys{IssuerSecret: "secret"})
		answer := client.Do(t.Context(), rig.Attempt{Via: c.via})
		if answer.Verdict != c.verdict || !strings.HasPrefix(answer.Fault, c.fault) || (c.fault == "") != (answer.Fault == "") {
			t.Errorf("%s %d %s: got %v, %q", c.via, c.status, c.body, answer, answer.Fault)
		}
		if want := c.status < 500; answer.Certain() != want {
			t.Errorf("%d: certain is %v", c.status, answer.Certain())
		}
		client.Close()
		server.Close()
	}
}

func TestTheLedgerJudgesAnswersThatCameTogether(t *testing.T) {
	yes, no, cut := rig.Answer{Verdict: rig.Acknowledged, Status: 200}, rig.Answer{Verdict: rig.Refused, Status: 400}, rig.Answer{Verdict: rig.Unknown}
	busy, later := rig.Answer{Verdict: rig.Refused, Status: 503}, rig.Answer{Verdict: rig.Refused, Status: 429}
	for _, c := range []struct {
		answers []rig.Answer
		want    rig.Kind
		changes int
	}{
		{[]rig.Answer{yes}, "", 1},
		{[]rig.Answer{yes, no}, "", 1},
		{[]rig.Answer{no, yes}, "", 1},
		{[]rig.Answer{cut, yes}, "", 1},
		{[]rig.Answer{yes, yes}, rig.Doubled, 1},
		{[]rig.Answer{no}, rig.Denied, 0},
		{[]rig.Answer{no, no}, rig.Denied, 0},
		{[]rig.Answer{no, cut}, "", 0},
		{[]rig.Answer{no, busy}, "", 0},
		{[]rig.Answer{later}, "", 0},
		{[]rig.Answer{{Verdict: rig.Refused, Status: 503, Fault: "no Retry-After"}}, rig.Malformed, 0},
	} {
		var e rig.Entry
		attempts := make([]rig.Attempt, len(c.answers))
		for k := range attempts {
			attempts[k].New = rig.NewPassword()
		}
		var got rig.Kind
		for _, v := range e.Settle(attempts, c.answers) {
			got = v.Kind
		}
		if got != c.want || e.Changes() != c.changes {
			t.Errorf("%v: got %q and %d changes, want %q and %d", c.answers, got, e.Changes(), c.want, c.changes)
		}
	}
}
