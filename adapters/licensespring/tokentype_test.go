package licensespring_test

import "testing"

// RFC 8725, section 3.11: other tokens of the same issuer must not pass.
func TestATokenOfAnotherTypeIsRefused(t *testing.T) {
	cfg := companies()
	typed := cfg.Companies["oauth"]
	typed.OAuth.Type = "at+jwt"
	cfg.Companies["oauth"] = typed
	server := serve(t, cfg, atNoon)
	for typ, want := range map[any]string{
		"at+jwt": held, "application/AT+JWT": held, "JWT": "oauth_token_invalid", "": "oauth_token_invalid", 1: "oauth_token_invalid",
	} {
		if got := codeOf(t, post(server, "Bearer "+tokenOf(issuerKey, map[string]any{"typ": typ}, nil))); got != want {
			t.Errorf("typ %v: got %s, want %s", typ, got, want)
		}
	}
}
