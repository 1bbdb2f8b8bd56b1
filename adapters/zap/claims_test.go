package zap_test

import (
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rekey/adapters/zap"
)

func TestRolesMatchExactly(t *testing.T) {
	server := serve(t, issuers())
	for role, want := range map[string]int{
		`"site-admin"`:                 passed,
		`["site-admin"]`:               passed,
		`["user","site-admin"]`:        passed,
		`"Site-Admin"`:                 403,
		`"site-admin "`:                403,
		`"site"`:                       403,
		`"user,site-admin"`:            403,
		`""`:                           403,
		`[]`:                           403,
		`[["site-admin"]]`:             403,
		`["site-admin",1]`:             403,
		`{"site-admin":"site-admin"}`:  403,
		`true`:                         403,
		`null`:                         403,
		`7`:                            403,
		`["site-admin",null]`:          403,
		`["site-adm\u0131n"]`:          403,
		`["\u0073ite-admin","unused"]`: passed,
	} {
		if w := post(server, "{}", "Bearer "+with(``, but("role", role))); w.Code != want {
			t.Errorf("%s: got %d, want %d", role, w.Code, want)
		}
	}
}

func TestClaimsAreFoundAtTheirPaths(t *testing.T) {
	cfg := issuers()
	i := cfg.Issuers["main"]
	i.SubjectClaim, i.RoleClaim = "user.name.first", "https://rekey.example/claims.role"
	cfg.Issuers = map[string]zap.Issuer{"main": i}
	server := serve(t, cfg)
	namespaced := jwt.MapClaims{"sub": nil, "role": nil, "https://rekey.example/claims.role": "site-admin"}
	user := func(user any) string {
		change := maps.Clone(namespaced)
		change["user"] = user
		return hs256(mainSecret, change)
	}
	for name, test := range map[string]struct {
		token string
		want  int
	}{
		"nested":         {user(map[string]any{"name": map[string]any{"first": "root"}}), passed},
		"named in whole": {user(map[string]any{"name.first": "root"}), passed},
		"too shallow":    {user(map[string]any{"name": "root"}), 401},
		"too deep":       {user(map[string]any{"name": map[string]any{"first": map[string]any{"x": "root"}}}), 401},
		"in an array":    {user([]any{map[string]any{"name": map[string]any{"first": "root"}}}), 401},
		"absent":         {user(nil), 401},
	} {
		if w := post(server, "{}", "Bearer "+test.token); w.Code != test.want {
			t.Errorf("%s: got %d, want %d", name, w.Code, test.want)
		}
	}
}

func TestTypeAgeAndLifetimeAreChecked(t *testing.T) {
	cfg := issuers()
	i := cfg.Issuers["main"]
	i.Type, i.MaxAge, i.MaxLifetime = "at+jwt", 10*time.Minute, time.Hour
	cfg.Issuers["main"] = i
	server := serve(t, cfg)
	aged := func(age, life time.Duration) string {
		payload, err := json.Marshal(claims(jwt.MapClaims{"iat": at(-age), "exp": at(life - age)}))
		if err != nil {
			t.Fatal(err)
		}
		return string(payload)
	}
	for _, test := range []struct {
		name, token string
		want        int
	}{
		{"the type", with(`,"typ":"at+jwt"`, aged(0, time.Hour)), passed},
		{"the type in full", with(`,"typ":"application/AT+JWT"`, aged(0, time.Hour)), passed},
		{"another type", with(`,"typ":"JWT"`, aged(0, time.Hour)), 401},
		{"no type", with(``, aged(0, time.Hour)), 401},
		{"a type of another type", with(`,"typ":["at+jwt"]`, aged(0, time.Hour)), 401},
		{"at its age", with(`,"typ":"at+jwt"`, aged(10*time.Minute+30*time.Second, time.Hour)), passed},
		{"over its age", with(`,"typ":"at+jwt"`, aged(10*time.Minute+31*time.Second, time.Hour)), 401},
		{"over its lifetime", with(`,"typ":"at+jwt"`, aged(0, time.Hour+time.Second)), 401},
	} {
		if w := post(server, "{}", "Bearer "+test.token); w.Code != test.want {
			t.Errorf("%s: got %d, want %d", test.name, w.Code, test.want)
		}
	}
}
