package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rekey/core"
	"rekey/store"
)

// statements are what would do something in a query, a pattern, a template or a
// shell.
var statements = []string{
	`' OR '1'='1`, `" OR ""="`, `'; DROP TABLE accounts; --`, `ada' --`, `ada'/*`, `ada\' OR 1=1 --`, `') OR ('1'='1`, `' UNION SELECT 1,2,3 --`,
	`'||(SELECT password FROM accounts)||'`, `'; UPDATE accounts SET disabled = true; --`, `1; ATTACH DATABASE '/tmp/x' AS x; --`,
	`'); SELECT pg_sleep(60); --`, `%`, `_da`, `ad%`, `[a]da`, `*`, `$1`, `?`, `:tenant`, `@p1`, `ada' AND tenant='globex`, `\x27`, `%27`, "ada\x00", "\u02bc OR 1=1",
	`{{.Password}}`, `${jndi:ldap://localhost/x}`, `$(id)`, "`id`", `%s%n%d`,
}

// textField is one text of a request that a client chooses.
type textField struct {
	name string
	put  func(r *running, text string) request
}

// fieldsOf returns every text of the dialect's requests, for account n.
func fieldsOf(d dialect, n int) []textField {
	inBody := func(name string) textField {
		return textField{name, func(r *running, text string) request {
			q := r.firstChange(d, n, "A fresh sample staple 1")
			return q.saying(toJSON(replaced(q.body, name, text)))
		}}
	}
	bearing := func(name string, claims map[string]any) textField {
		return textField{name, func(r *running, text string) request {
			for claim := range claims {
				claims[claim] = text
			}
			q := r.firstChange(d, n, "A fresh sample staple 1")
			return q.with("Authorization", "Bearer "+r.adminTokenWith(claims)).saying("{}")
		}}
	}
	switch d.name {
	case "licensespring":
		return []textField{inBody("username"), inBody("password"), {"apikey", func(r *running, text string) request {
			date, authorization := signed(strings.NewReplacer(`"`, "", "\x00", "").Replace(text), r.LicenseSpring.SharedKey, time.Now())
			return r.firstChange(d, n, "A fresh sample staple 1").with("Date", date).with("Authorization", authorization)
		}}}
	case "unleash":
		return []textField{inBody("token"), {"token in a query", func(_ *running, text string) request {
			return request{method: http.MethodGet, path: "/auth/reset/validate?token=" + url.QueryEscape(text)}
		}}, {"id", func(r *running, text string) request {
			return request{http.MethodPost, "/api/admin/user-admin/reset-password",
				map[string]string{"Content-Type": "application/json", "Authorization": r.Unleash.AdminToken}, toJSON(map[string]string{"id": text})}
		}}}
	}
	return []textField{inBody("userId"), inBody("email"), inBody("oldPassword"), inBody("otp"),
		bearing("sub", map[string]any{"sub": ""}), bearing("role", map[string]any{"role": ""}), bearing("iss", map[string]any{"iss": ""})}
}

func TestStatementsInEveryFieldAreTexts(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		r := startDev(t, withDSN(dsn), unthrottled)
		before := directory(t, dsn)
		for n, d := range dialects() {
			for _, f := range fieldsOf(d, n) {
				if f.name == "otp" {
					continue // is not asked of accounts without one, and the change would be granted
				}
				for _, text := range statements {
					a := r.send(f.put(r, text))
					if got := a.refusalIn(d); a.status < 400 || a.status >= 500 || strings.HasPrefix(got.code, "not in the dialect") {
						t.Errorf("%s: %s is %q: got %d %s", d.name, f.name, text, a.status, a.body)
					}
				}
			}
		}
		if after := directory(t, dsn); after != before {
			t.Errorf("the directory was\n%s\nand is\n%s", before, after)
		}
		for n, d := range dialects() { // as a password, each is as good as any
			password := strings.Join(statements, " ")[:100]
			r.succeeds(d, r.send(r.firstChange(d, n, password)), "a password of statements")
			r.knows(n, password)
		}
	})
}

// directory returns what both tenants hold, in one text.
func directory(t *testing.T, dsn string) string {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{DSN: dsn})
	noError(t, err)
	defer func() { _ = db.Close() }()
	var all strings.Builder
	for _, tenant := range []core.TenantID{devTenant, otherTenant, ""} {
		accounts, err := db.Accounts(t.Context(), tenant, "", 1000)
		noError(t, err)
		for _, a := range accounts {
			whole, err := db.Account(t.Context(), tenant, core.Key{Kind: core.KeyID, Value: string(a.ID)})
			noError(t, err)
			_, _ = fmt.Fprintf(&all, "%s %s %+v\n", tenant, whole.Verifier, whole)
		}
	}
	return all.String()
}
