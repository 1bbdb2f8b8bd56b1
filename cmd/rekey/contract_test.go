package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"rekey/config"
)

func TestTheContractDescribesTheDialectsThatAreEnabled(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*config.Config){
		"/api/admin/user-admin/reset-password /api/v4/change_password /api/v4/oauth_url /auth/reset/password " +
			"/auth/reset/password-email /auth/reset/validate /auth/reset/validate-password /manage/v1/accounts /manage/v1/accounts/{id} " +
			"/manage/v1/accounts/{id}/disable /manage/v1/accounts/{id}/enable /manage/v1/accounts/{id}/end_sessions " +
			"/manage/v1/accounts/{id}/external_ids/{kind} /manage/v1/accounts/{id}/reset_token /manage/v1/accounts/{id}/unlock " +
			"/manage/v1/configuration /manage/v1/deliveries /manage/v1/deliveries/retry /manage/v1/deliveries/{id}/retry " +
			"/manage/v1/dialects /manage/v1/events /manage/v1/findings /manage/v1/key /manage/v1/samples /manage/v1/verify /v1/changePassword /v1/otp": func(*config.Config) {},
		"/api/v4/change_password /api/v4/oauth_url": func(c *config.Config) {
			c.Adapters.ZAP.Enabled, c.Adapters.Unleash.Enabled, c.Manage.Enabled = false, false, false
		},
	} {
		r := startDev(t, change)
		status, text := r.probe("/openapi.json")
		if status != http.StatusOK {
			t.Fatalf("got %d %s", status, text)
		}
		doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := doc.Validate(t.Context()); err != nil {
			t.Error(err)
		}
		if got := strings.Join(slices.Sorted(maps.Keys(doc.Paths.Map())), " "); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// A backend gets a link by the token that the facts tell, and the link leads to
// the server itself.
func TestABackendGetsALink(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	body, _ := json.Marshal(map[string]string{"id": r.Accounts[0].Email})
	a := r.send(request{
		method: http.MethodPost, path: "/api/admin/user-admin/reset-password", body: string(body),
		header: map[string]string{"Content-Type": "application/json", "Authorization": r.Unleash.AdminToken},
	})
	var link struct {
		URL string `json:"resetPasswordUrl"`
	}
	if err := json.Unmarshal([]byte(a.body), &link); err != nil || !strings.HasPrefix(link.URL, r.BaseURL+"/reset-password?token=") {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	_, token, _ := strings.Cut(link.URL, "token=")
	if a := r.send(request{method: http.MethodGet, path: "/auth/reset/validate?token=" + token}); a.status != http.StatusOK {
		t.Errorf("the link's token is answered %d %s", a.status, a.body)
	}
}
