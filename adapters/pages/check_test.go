package pages_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"rekey/adapters/pages"
)

type verdict struct {
	Rules        map[string]bool
	Strength     int
	Word, Status string
}

func (w *world) check(token, password string, fields ...string) (v verdict) {
	w.t.Helper()
	a := w.post("/reset-password/check", append(fields, "token", token, "password", password)...)
	w.wants(a, http.StatusOK)
	if err := json.Unmarshal([]byte(a.text), &v); err != nil {
		w.t.Fatal(err)
	}
	return v
}

func TestAPasswordIsJudgedWhileItIsTyped(t *testing.T) {
	w := newWorld(t)
	token := w.account("ada").Reveal()
	v := w.check(token, "xada")
	if len(v.Rules) != 4 || v.Rules["too_short"] || v.Rules["is_own_name"] || !v.Rules["too_long"] || v.Strength != 0 {
		t.Errorf("an own name: got %+v", v)
	}
	if v.Status != "2 of 4 requirements met. Strength: very weak." {
		t.Errorf("got %q", v.Status)
	}
	if v = w.check(token, fresh, "lang", "de"); !v.Rules["too_short"] || v.Strength != 4 || v.Word != "stark" || v.Status != "4 von 4 Anforderungen erfüllt. Stärke: stark." {
		t.Errorf("a good one: got %+v", v)
	}
	if got := w.events(); len(got) > 0 {
		t.Errorf("it left %q", got)
	}
	w.wants(w.post("/reset-password", "token", token, "password", fresh), http.StatusSeeOther)
}

func TestWithoutALiveTokenNothingIsJudged(t *testing.T) {
	w := newWorld(t)
	spent := w.account("ada").Reveal()
	w.post("/reset-password", "token", spent, "password", fresh)
	var first string
	for _, token := range []string{"", "r3set", spent} {
		for _, password := range []string{"short", fresh, ""} {
			a := w.post("/reset-password/check", "token", token, "password", password)
			if a.Code != http.StatusGone || strings.Contains(a.text, "rules") || strings.Contains(a.text, "strength") {
				t.Errorf("token %q: got %d %s", token, a.Code, a.text)
			}
			if token == "r3set" && first == "" {
				first = a.text
			}
			if token == "r3set" && a.text != first {
				t.Errorf("the answer tells of the password: %s and %s", a.text, first)
			}
		}
	}
	w.wants(w.post("/reset-password/check", "token", w.token("ada").Reveal(), "password", "\xff"), http.StatusBadRequest)
}

func TestOneClientMayNotAskForEver(t *testing.T) {
	w := newWorld(t)
	token := w.account("ada").Reveal()
	for range pages.PaceBurst {
		w.check(token, "x")
	}
	a := w.post("/reset-password/check", "token", token, "password", "x")
	w.wants(a, http.StatusTooManyRequests)
	if a.Header().Get("Retry-After") != "1" {
		t.Errorf("Retry-After: %q", a.Header().Get("Retry-After"))
	}
	w.now = w.now.Add(3e9)
	w.check(token, "x")
	w.wants(w.post("/reset-password", "token", token, "password", fresh), http.StatusSeeOther) // which is not bounded by it
}
