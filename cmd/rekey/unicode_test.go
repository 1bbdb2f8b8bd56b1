package main

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"rekey/core"
	"rekey/store/memory"
)

// spelling is a name, the spellings that name the same account in every dialect,
// and those that do not, however much they look like it.
type spelling struct {
	is          string
	same, other []string
}

var spellings = map[string]spelling{
	"case":        {"Ada", []string{"ada", "ADA"}, []string{"аda", "ａｄａ", "adа", "ada\u0301", "𝐚𝐝𝐚"}}, // Cyrillic, full width, mathematical
	"composition": {"rené", []string{"rene\u0301", "RENE\u0301", "RENÉ"}, []string{"rene", "renè", "rene\u0300"}},
	"sharp s":     {"straße", []string{"STRASSE", "straẞe"}, []string{"strase", "strabe"}},
	"dotted i":    {"İpek", []string{"i\u0307pek"}, []string{"ipek", "IPEK", "ıpek"}},
	"dotless i":   {"ışık", nil, []string{"isik", "ISIK", "işik"}},
	"Kelvin sign": {"kelvin", []string{"\u212aelvin", "KELVIN"}, []string{"ĸelvin", "κelvin"}},
	"final sigma": {"ὀδυσσεύς", []string{"ὈΔΥΣΣΕΎΣ", "ὀδυσσεύσ"}, []string{"οδυσσευς"}},
	"ligature":    {"ﬁnn", []string{"finn", "FINN"}, nil},
	"no NFKC":     {"no1", nil, []string{"no①", "no¹", "ⁿo1", "№1"}},
	"invisible":   {"mary", nil, []string{"ma\u200dry", "ma\u200bry", "\u202emary", "\ufeffmary", "m\u00adary", "mary\ufe0f", "mary\u200e"}},
	"astral":      {"𐐀da", []string{"𐐨da"}, []string{"da", "\ue000da"}}, // Deseret
	"controls":    {"alan", nil, []string{"alan\u0085", "al\u0000an", "alan\n", "alan "}},
}

func TestOneNameIsOneAccountInEveryDialect(t *testing.T) {
	g := newTarget(t)
	service := core.New(g.parts)
	for what, s := range spellings {
		g.Store = memory.New()
		password := core.NewPassword(adasPassword)
		account, err := service.CreateAccount(context.Background(), core.NewAccount{
			Tenant: devTenant, Username: s.is, Email: s.is + "@acme.example", Password: &password, ExternalIDs: map[string]string{"zap": "zap-1"},
		}, byOperator)
		noError(t, err)
		g.accounts = []core.Account{account}
		for yes, typed := range map[bool][]string{true: append(s.same, s.is), false: s.other} {
			for _, name := range typed {
				for _, a := range g.named(t, name) {
					if granted := a.status == http.StatusOK; granted != yes || !granted && a.status != http.StatusBadRequest && a.status != http.StatusNotFound {
						t.Errorf("%s: %+q for %+q at %s: got %d %s", what, name, s.is, a.URL.Path, a.status, a.body)
					}
				}
			}
		}
	}
}

// named asks every dialect for an account by its name and by its address.
func (g *target) named(t *testing.T, name string) []exchange {
	t.Helper()
	var all []exchange
	for _, login := range []string{name, name + "@ACME.example"} {
		all = append(all,
			g.ask(t, "/api/v4/change_password", "Date: {{acme.date}}\r\nAuthorization: {{acme.authorization}}",
				map[string]string{"username": login, "password": adasPassword, "new_password": "A fresh sample staple 1"}),
			g.ask(t, "/api/admin/user-admin/reset-password", "Authorization: {{unleash}}", map[string]string{"id": login}))
	}
	return append(all, g.ask(t, "/v1/changePassword", "Authorization: Bearer {{admin}}",
		map[string]string{"userId": "zap-1", "email": name + "@acme.example", "oldPassword": adasPassword, "newPassword": "A fresh sample staple 1"}))
}

// ask sends JSON, or a text as it is, and returns the one exchange.
func (g *target) ask(t *testing.T, path, headers string, body any) exchange {
	t.Helper()
	text, raw := body.(string)
	if !raw {
		text = toJSON(body)
	}
	head := "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + headers + "\r\nContent-Length: {{length}}\r\n\r\n"
	all, _, _ := g.attack(t, g.expand([]byte(head), []byte(text)))
	if len(all) != 1 {
		t.Fatalf("%s: got %d exchanges", path, len(all))
	}
	return all[0]
}

// What is no Unicode is refused before it could become another text; what is
// escaped is what it stands for.
func TestBrokenUnicodeIsRefusedInEveryDialect(t *testing.T) {
	g := newTarget(t)
	bodies := map[string]string{
		"/api/v4/change_password": `{"username":"ada","password":"forgotten tomorrow","new_password":"A fresh sample staple @"}`,
		"/auth/reset/password":    `{"token":"r3set","password":"A fresh sample staple @"}`,
		"/v1/changePassword": `{"userId":"43af9a8989ffb63cc9cdd0537","email":"ada@acme.example","oldPassword":"forgotten tomorrow",` +
			`"otp":"` + mailedCode + `","newPassword":"A fresh sample staple @"}`,
	}
	for path, body := range bodies {
		headers := map[string]string{"/api/v4/change_password": "Date: {{acme.date}}\r\nAuthorization: {{acme.authorization}}", "/v1/changePassword": "Authorization: Bearer {{admin}}"}[path]
		if headers == "" {
			headers = "X-A: b"
		}
		for text, want := range map[string]int{
			`\ud800`: 400, `\udc00\ud800`: 400, `\ud800x`: 400, "\xc0\xae": 400, "\xe0\x80\xaf": 400, "\xf0\x80\x80\xaf": 400, "\xed\xa0\x80": 400,
			"\xf4\x90\x80\x80": 400, "\xff": 400, "\xc3": 400, "\xed\xa0\xbd\xed\xb8\x80": 400,
			`\ud83d\ude00`: 200, "😀": 200, `\u0041`: 200, "\ufffd": 200, "\u202e": 200, "\ue000": 200,
		} {
			at := strings.LastIndex(body, "@")
			x := g.ask(t, path, headers, body[:at]+text+body[at+1:])
			if x.status != want {
				t.Errorf("%s: %+q: got %d %s, want %d", path, text, x.status, x.body, want)
			}
		}
	}
}
