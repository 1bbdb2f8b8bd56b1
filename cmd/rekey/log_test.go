package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// planted stands in everything secret that these tests make up.
const planted = "Planted-9-secret"

// outcome is a request, and what its log line says of it.
type outcome struct {
	request
	status      float64
	route, code any // code is nil for a success
}

// outcomes are requests of a dialect, good and bad, each full of secrets.
func (r *running) outcomes(d dialect, n int) []outcome {
	good := r.firstChange(d, n, planted+" fresh")
	weak, wrong := r.firstChange(d, n, "Planted-9"), d.change(r.facts, n, planted+" wrong", planted+" fresh")
	said := func(s situation) float64 { return float64(d.refusals[s].status) }
	proofless := map[string]any{"licensespring": "wrong_password", "unleash": "bad_token", "zap": "wrong_password"}
	again := map[string]any{"licensespring": "wrong_password", "unleash": "used_token", "zap": "wrong_password"}
	all := []outcome{
		{wrong, said(spent), d.path, proofless[d.name]},
		{weak, 400, d.path, "weak_password"},
		{good.saying(good.body + "," + planted), said(malformed), d.path, "malformed"},
		{good.saying(good.body + strings.Repeat(planted, 1<<14)), said(tooLarge), d.path, "too_large"},
		{good.at(http.MethodPost, d.path+"/"+planted+"?password="+planted), 404, "", "no_route"},
		{good.at(http.MethodDelete, d.path+"?token="+planted), 405, d.path, "bad_method"},
		{good, 200, d.path, nil},
		{good, said(spent), d.path, again[d.name]},
	}
	if d.name != "unleash" { // which ignores the header
		status := map[string]float64{"licensespring": 400, "zap": 401}[d.name]
		all = append(all, outcome{good.with("Authorization", "Bearer "+planted), status, d.path, nil})
	}
	return all
}

func TestEveryRequestLeavesOneLineWithoutSecrets(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	introduction := r.out.String()
	secrets := r.secrets()
	lines := 0
	for n, d := range dialects() {
		for i, o := range r.outcomes(d, n) {
			a := r.send(o.request)
			lines++
			r.eventually("the request is logged", func() bool { return len(r.logged("request")) >= lines })
			entry := r.logged("request")[lines-1]
			for key, want := range map[string]any{
				"dialect": d.name, "method": o.method, "route": o.route, "status": o.status,
				"request_id": a.header.Get("X-Request-Id"), "addr": "127.0.0.1",
			} {
				if entry[key] != want {
					t.Errorf("%s, request %d: %s is %v, want %v", d.name, i, key, entry[key], want)
				}
			}
			if o.code != nil && entry["code"] != o.code || o.status == 200 && entry["code"] != nil {
				t.Errorf("%s, request %d: code is %v, want %v", d.name, i, entry["code"], o.code)
			}
			if a.status < http.StatusInternalServerError && entry["code"] == "internal" {
				t.Errorf("%s, request %d: a refusal with status %d is logged as internal", d.name, i, a.status)
			}
			if date := o.header["Date"]; date != "" {
				secrets = append(secrets, signature(r.LicenseSpring.SharedKey, date))
			}
		}
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if got := len(r.logged("request")); got != lines {
		t.Errorf("%d requests left %d lines", lines, got)
	}
	h := newHunt()
	for i, secret := range append(secrets, planted, "argon2id") {
		h.plantWhole(fmt.Sprintf("secret %d (%.4s…)", i, secret), secret)
	}
	h.search("the log", []byte(r.log.String()))
	h.report(t)
	if r.out.String() != introduction {
		t.Errorf("after the introduction, this was printed: %s", strings.TrimPrefix(r.out.String(), introduction))
	}
}

// secrets returns every secret of the installation.
func (r *running) secrets() []string {
	all := []string{
		r.LicenseSpring.APIKey, r.LicenseSpring.SharedKey, r.LicenseSpring.RefusedAPIKey, r.LicenseSpring.RefusedSharedKey,
		r.ZAP.AdminToken, r.ZAP.OtherRoleToken, r.ZAP.HMACSecret, r.Unleash.AdminToken,
	}
	for _, token := range []string{r.ZAP.AdminToken, r.ZAP.OtherRoleToken} {
		all = append(all, strings.Split(token, ".")[2])
	}
	for _, account := range r.Accounts {
		all = append(all, account.Password)
	}
	return slices.Concat(all, r.Unleash.ResetTokens)
}

// What a client calls its request is taken over only if it can be put into any
// log and any header.
func TestAHostileRequestIDIsReplaced(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	made := regexp.MustCompile(`^[0-9a-f]{16}$`)
	for id, kept := range map[string]bool{
		"trace-1.A_z": true, strings.Repeat("x", 64): true,
		"": false, strings.Repeat("x", 65): false, "a b": false, "a\r\n\tb": false, `a"b`: false, "a=b": false, "é": false,
		"${jndi:x}": false, "\x1b[31m": false, "a\r\nX-Request-Id: b": true,
	} {
		w := r.dial()
		w.write(request{method: http.MethodPost, path: zapDialect.path}.head("X-Request-Id: " + id))
		a := w.answer()
		got := a.header.Values("X-Request-Id")
		if a.status == http.StatusBadRequest && len(got) == 0 {
			continue // net/http took it for no header
		}
		want := strings.Split(id, "\r\nX")[0]
		if len(got) != 1 || kept && got[0] != want || !kept && !made.MatchString(got[0]) {
			t.Errorf("%q became %q", id, got)
		}
		r.eventually("the id is logged", func() bool {
			return slices.ContainsFunc(r.logged("request"), func(entry map[string]any) bool { return entry["request_id"] == got[0] })
		})
	}
}
