package main

import (
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"
)

// Whoever is refused before anything is judged leaves no event in the audit
// trail. The log has them, with who asked from where for what (ASVS 16.3.2).
func TestEveryRefusedCallerIsInTheLog(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	vendor, asked := r.LicenseSpring, r.firstChange(licensespringDialect, 0, "A fresh sample staple 1")
	signedBy := func(apiKey, sharedKey string, at time.Time) request {
		date, authorization := signed(apiKey, sharedKey, at)
		return asked.with("Date", date).with("Authorization", authorization)
	}
	bearing := func(token string) request {
		return r.firstChange(zapDialect, 1, "A fresh sample staple 1").with("Authorization", "Bearer "+token)
	}
	linking := request{method: http.MethodPost, path: "/api/admin/user-admin/reset-password",
		header: map[string]string{"Content-Type": "application/json"}, body: `{"id":"ada"}`}
	callers := map[string]struct {
		request
		status       float64
		dialect, why string
	}{
		"an unknown API key":        {signedBy(planted, vendor.SharedKey, time.Now()), 400, "licensespring", "unauthenticated"},
		"a forged signature":        {signedBy(vendor.APIKey, planted, time.Now()), 401, "licensespring", "unauthenticated"},
		"an old signature":          {signedBy(vendor.APIKey, vendor.SharedKey, time.Now().Add(-time.Hour)), 400, "licensespring", "unauthenticated"},
		"a company switched off":    {signedBy(vendor.RefusedAPIKey, vendor.RefusedSharedKey, time.Now()), 400, "licensespring", "forbidden"},
		"a forged token":            {bearing(r.ZAP.AdminToken + "x"), 401, "zap", "unauthenticated"},
		"a token of another role":   {bearing(r.ZAP.OtherRoleToken), 403, "zap", "forbidden"},
		"no API token":              {linking, 401, "unleash", "unauthenticated"},
		"an API token that is none": {linking.with("Authorization", planted), 401, "unleash", "unauthenticated"},
	}
	for n, name := range slices.Sorted(maps.Keys(callers)) {
		c := callers[name]
		a := r.send(c.request)
		r.eventually("the request is logged", func() bool { return len(r.logged("request")) > n })
		entry := r.logged("request")[n]
		for key, want := range map[string]any{
			"code": c.why, "status": c.status, "dialect": c.dialect, "route": c.path, "method": c.method,
			"addr": "127.0.0.1", "request_id": a.header.Get("X-Request-Id"),
		} {
			if entry[key] != want {
				t.Errorf("%s: %s is %v, want %v", name, key, entry[key], want)
			}
		}
		if at, err := time.Parse(time.RFC3339Nano, entry["time"].(string)); err != nil || time.Since(at).Abs() > time.Minute {
			t.Errorf("%s: the time is %v", name, entry["time"])
		}
	}
}
