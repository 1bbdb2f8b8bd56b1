package licensespring_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"rekey/adapters/adaptertest"
	"rekey/adapters/licensespring"
	"rekey/config/secret"
)

// codeOf returns the code of a failure: missing_parameters is what credentials
// that hold earn with an empty body.
func codeOf(t testing.TB, w *httptest.ResponseRecorder) string {
	t.Helper()
	var answer struct{ Code string }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%q: %v", w.Body, err)
	}
	return answer.Code
}

const held = "missing_parameters"

// curable are the codes that make the vendor's client try again without end.
var curable = map[string]bool{"oauth_token_expired": true, "oauth_token_malformed": true}

func TestOnlyWhatANewTokenCuresIsCalledExpiredOrMalformed(t *testing.T) {
	server := serve(t, companies(), atNoon)
	good := token(issuerKey, nil)
	parts := strings.Split(good, ".")
	old := ago(time.Hour)
	for name, test := range map[string]struct{ token, want string }{
		"good":                         {good, held},
		"just expired, clocks differ":  {token(issuerKey, jwt.MapClaims{"exp": ago(29 * time.Second)}), held},
		"expired":                      {token(issuerKey, jwt.MapClaims{"exp": ago(30 * time.Second)}), "oauth_token_expired"},
		"expired long ago":             {token(issuerKey, jwt.MapClaims{"iat": ago(48 * time.Hour), "exp": ago(24 * time.Hour)}), "oauth_token_expired"},
		"cut in its claims":            {good[:len(parts[0])+20], "oauth_token_malformed"},
		"cut after its header":         {parts[0] + ".", "oauth_token_malformed"},
		"cut in its signature":         {good[:len(good)-10], "oauth_token_invalid"},
		"cut to nothing to be seen":    {parts[0][:10], "oauth_token_invalid"},
		"opaque":                       {"2YotnFZFEjr1zCsicMWpAA", "oauth_token_invalid"},
		"opaque, with a dot":           {"2YotnFZFEjr1.zCsicMWpAA", "oauth_token_invalid"},
		"JSON that is no token":        {base64.RawURLEncoding.EncodeToString([]byte(`{"session":1}`)) + ".abc", "oauth_token_invalid"},
		"encrypted":                    {good + ".a.b", "oauth_token_invalid"},
		"padded":                       {good + "=", "oauth_token_invalid"},
		"unsigned":                     {parts[0] + "." + parts[1] + ".", "oauth_token_invalid"},
		"another key":                  {token(strangersKey, nil), "oauth_token_invalid"},
		"another key, expired":         {token(strangersKey, jwt.MapClaims{"exp": old}), "oauth_token_invalid"},
		"another issuer":               {token(issuerKey, jwt.MapClaims{"iss": "https://elsewhere.example"}), "oauth_token_invalid"},
		"another issuer, expired":      {token(issuerKey, jwt.MapClaims{"iss": "https://elsewhere.example", "exp": old}), "oauth_token_invalid"},
		"no issuer, expired":           {token(issuerKey, jwt.MapClaims{"iss": nil, "exp": old}), "oauth_token_invalid"},
		"another client":               {token(issuerKey, jwt.MapClaims{"azp": "stranger"}), "oauth_token_invalid"},
		"another client, expired":      {token(issuerKey, jwt.MapClaims{"azp": "stranger", "exp": old}), "oauth_token_invalid"},
		"azp goes before client_id":    {token(issuerKey, jwt.MapClaims{"azp": "stranger", "client_id": "rekey-oauth"}), "oauth_token_invalid"},
		"client_id goes before sub":    {token(issuerKey, jwt.MapClaims{"azp": nil, "client_id": "stranger", "sub": "rekey-oauth"}), "oauth_token_invalid"},
		"no client":                    {token(issuerKey, jwt.MapClaims{"azp": nil}), "oauth_token_invalid"},
		"another audience, expired":    {token(issuerKey, jwt.MapClaims{"aud": "elsewhere", "exp": old}), "oauth_token_invalid"},
		"no audience, expired":         {token(issuerKey, jwt.MapClaims{"aud": nil, "exp": old}), "oauth_token_invalid"},
		"never expires":                {token(issuerKey, jwt.MapClaims{"exp": nil}), "oauth_token_invalid"},
		"undated, expired":             {token(issuerKey, jwt.MapClaims{"iat": nil, "exp": old}), "oauth_token_invalid"},
		"issued in the future":         {token(issuerKey, jwt.MapClaims{"iat": ago(-time.Minute)}), "oauth_token_invalid"},
		"not yet valid":                {token(issuerKey, jwt.MapClaims{"nbf": ago(-time.Minute)}), "oauth_token_invalid"},
		"not yet valid, and expired":   {token(issuerKey, jwt.MapClaims{"nbf": ago(-time.Minute), "exp": old}), "oauth_token_invalid"},
		"an extension, expired":        {tokenOf(issuerKey, map[string]any{"crit": []string{"x"}}, jwt.MapClaims{"exp": old}), "oauth_token_invalid"},
		"names a key of its own":       {tokenOf(strangersKey, map[string]any{"jku": "https://evil.example/"}, nil), "oauth_token_invalid"},
		"brings an address, of no use": {tokenOf(issuerKey, map[string]any{"jku": "https://evil.example/"}, nil), held},
	} {
		w := post(server, "Bearer "+test.token)
		if got := codeOf(t, w); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
		if challenged := w.Header().Get("WWW-Authenticate") != ""; challenged != (w.Code == http.StatusUnauthorized) {
			t.Errorf("%s: %d with challenge %v", name, w.Code, challenged)
		}
	}
}

func TestASymmetricTokenOfThePublicKeyIsForged(t *testing.T) {
	server := serve(t, companies(), atNoon)
	made := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": loginIssuer, "aud": "rekey", "azp": "rekey-oauth", "iat": ago(0), "exp": ago(-time.Hour),
	})
	text, err := made.SignedString([]byte(issuerKey.public.Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	if got := codeOf(t, post(server, "Bearer "+text)); got != "oauth_token_invalid" {
		t.Errorf("got %s", got)
	}
}

func TestAnAPIKeyNeverEarnsACodeOfOAuth(t *testing.T) {
	server := serve(t, companies(), atNoon)
	for _, company := range []string{"acme", "oauth", "required", "closed", "revoked", "readonly", "refused", "unknown"} {
		for _, shared := range []string{sharedKey, "not the shared key"} {
			_, authorization := licensespring.Sign(strings.Replace(apiKey, "acme", company, 1), shared, adaptertest.Now)
			for _, sent := range []string{authorization, authorization + ",x", "Bearer", "Bearer ", "Basic eDp5", strings.Repeat(authorization+",", 90)} {
				if got := codeOf(t, post(server, sent)); curable[got] || got == "oauth_token_invalid" {
					t.Errorf("%s: %.80s: got %s", company, sent, got)
				}
			}
		}
	}
	_, authorization := licensespring.Sign(strings.Replace(apiKey, "acme", "required", 1), "not the shared key", adaptertest.Now)
	if got := codeOf(t, post(server, authorization)); got != "signature_mismatch" {
		t.Errorf("whoever has no shared key learns %s", got)
	}
}

func TestWithoutAnyClientATokenIsNoCredential(t *testing.T) {
	cfg := companies()
	for name, company := range cfg.Companies {
		company.OAuth, company.IsOAuthRequired = licensespring.OAuth{Algorithm: "RS256"}, false
		cfg.Companies[name] = company
	}
	server := serve(t, cfg, atNoon)
	for name, text := range tokens() {
		if got := codeOf(t, post(server, "Bearer "+text)); got != "authorization_invalid_headers" {
			t.Errorf("%s: got %s", name, got)
		}
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v4/oauth_url?login_type=client_credentials", nil))
	if w.Code != http.StatusNotFound || codeOf(t, w) != "not_found" {
		t.Errorf("oauth_url: got %d, %s", w.Code, w.Body)
	}
}

func TestACompanyMayHaveATokenAndNoKeys(t *testing.T) {
	cfg := companies()
	company := cfg.Companies["required"]
	company.APIKey, company.SharedKey = secret.Value{}, secret.Value{}
	cfg.Companies["required"] = company
	server := serve(t, cfg, atNoon)
	if got := codeOf(t, post(server, "Bearer "+token(issuerKey, jwt.MapClaims{"azp": "rekey-required"}))); got != held {
		t.Errorf("its token: got %s", got)
	}
	// The keys that it has not are no keys.
	_, authorization := licensespring.Sign("x", "", adaptertest.Now)
	for _, empty := range []string{authorization, strings.Replace(authorization, `"x"`, `""`, 1)} {
		if got := codeOf(t, post(server, empty)); got != "invalid_api_key" && got != "authorization_missing_params" {
			t.Errorf("%s: got %s", empty, got)
		}
	}
}

func TestPublishedKeysAreFollowedAndWaitedFor(t *testing.T) {
	t.Parallel()
	var up atomic.Bool
	jwk, err := jwkset.NewJWKFromKey(issuerKey.key.Public(), jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: "one", USE: jwkset.UseSig}})
	if err != nil {
		t.Fatal(err)
	}
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !up.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_ = json.NewEncoder(w).Encode(jwkset.JWKSMarshal{Keys: []jwkset.JWKMarshal{jwk.Marshal()}})
	}))
	defer issuer.Close()
	cfg := companies()
	company := cfg.Companies["oauth"]
	company.OAuth.PublicKey, company.OAuth.JWKSURL = secret.Value{}, issuer.URL
	cfg.Companies["oauth"] = company
	server := serve(t, cfg, atNoon)
	good := tokenOf(issuerKey, map[string]any{"kid": "one"}, nil)

	w := post(server, "Bearer "+good)
	if codeOf(t, w) != "service_unavailable" || w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("the issuer is down: got %d, %s", w.Code, w.Body)
	}
	up.Store(true)
	if got := codeOf(t, post(server, "Bearer "+good)); got != held {
		t.Fatalf("the issuer is up again: got %s", got)
	}
	for text, want := range map[string]string{
		good:                  held,
		token(issuerKey, nil): "oauth_token_invalid", // no kid
		tokenOf(issuerKey, map[string]any{"kid": "two"}, nil):                                  "oauth_token_invalid",
		tokenOf(strangersKey, map[string]any{"kid": "one"}, nil):                               "oauth_token_invalid",
		tokenOf(issuerKey, map[string]any{"kid": "one"}, jwt.MapClaims{"exp": ago(time.Hour)}): "oauth_token_expired",
		tokenOf(issuerKey, map[string]any{"kid": "two"}, jwt.MapClaims{"exp": ago(time.Hour)}): "oauth_token_invalid",
	} {
		for range 2 {
			if got := codeOf(t, post(server, "Bearer "+text)); got != want {
				t.Errorf("%.40s...: got %s, want %s", text, got, want)
			}
		}
	}
}

func TestValidateJudgesOAuth(t *testing.T) {
	private := secret.New(responseKey.private.Reveal())
	pkcs1 := inPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(responseKey.key))
	for name, test := range map[string]struct {
		change func(*licensespring.Company)
		want   string // keys, below companies.oauth
	}{
		"as it is":  {func(*licensespring.Company) {}, ""},
		"no client": {func(c *licensespring.Company) { c.OAuth = licensespring.OAuth{Algorithm: "RS256"} }, ""},
		"required, of no client": {func(c *licensespring.Company) {
			c.OAuth, c.IsOAuthRequired = licensespring.OAuth{Algorithm: "RS256"}, true
		}, "oauth"},
		"required": {func(c *licensespring.Company) { c.IsOAuthRequired = true }, ""},
		"required, no keys": {func(c *licensespring.Company) {
			c.IsOAuthRequired, c.APIKey, c.SharedKey = true, secret.Value{}, secret.Value{}
		}, ""},
		"required, half a key":     {func(c *licensespring.Company) { c.IsOAuthRequired, c.SharedKey = true, secret.Value{} }, "shared_key"},
		"not required, no keys":    {func(c *licensespring.Company) { c.APIKey, c.SharedKey = secret.Value{}, secret.Value{} }, "api_key shared_key"},
		"only an address":          {func(c *licensespring.Company) { c.OAuth = licensespring.OAuth{TokenURL: "https://x/y"} }, "oauth.algorithm oauth.client_id oauth.issuer oauth.audience oauth.token_url"},
		"no key":                   {func(c *licensespring.Company) { c.OAuth.PublicKey = secret.Value{} }, "oauth.public_key"},
		"two keys":                 {func(c *licensespring.Company) { c.OAuth.JWKSURL = "https://x/y" }, "oauth.jwks_url"},
		"an address":               {func(c *licensespring.Company) { c.OAuth.PublicKey, c.OAuth.JWKSURL = secret.Value{}, "https://x/y" }, ""},
		"an address in plain HTTP": {func(c *licensespring.Company) { c.OAuth.PublicKey, c.OAuth.JWKSURL = secret.Value{}, "http://x/y" }, "oauth.jwks_url"},
		"a shared secret":          {func(c *licensespring.Company) { c.OAuth.Algorithm = "HS256" }, "oauth.algorithm"},
		"another curve":            {func(c *licensespring.Company) { c.OAuth.Algorithm = "ES256" }, "oauth.public_key"},
		"a blank audience":         {func(c *licensespring.Company) { c.OAuth.Audience = []string{"a", ""} }, "oauth.audience"},
		"another company's client": {func(c *licensespring.Company) { c.OAuth.ClientID = "rekey-closed" }, "oauth.client_id"},
		"the same id, other issuer": {func(c *licensespring.Company) {
			c.OAuth.ClientID, c.OAuth.Issuer = "rekey-closed", "https://other.example"
		}, ""},
		"another token address":   {func(c *licensespring.Company) { c.OAuth.TokenURL = "https://other.example/token" }, "oauth.token_url"},
		"no token address":        {func(c *licensespring.Company) { c.OAuth.TokenURL = "" }, ""},
		"a token address in HTTP": {func(c *licensespring.Company) { c.OAuth.TokenURL = "http://login.example/token" }, "oauth.token_url"},
		"a response key":          {func(c *licensespring.Company) { c.ResponseKey = private }, ""},
		"a response key of old":   {func(c *licensespring.Company) { c.ResponseKey = pkcs1 }, ""},
		"two response keys":       {func(c *licensespring.Company) { c.ResponseKey = secret.New(private.Reveal() + private.Reveal()) }, "response_key"},
		"a public response key":   {func(c *licensespring.Company) { c.ResponseKey = responseKey.public }, "response_key"},
		"no response key at all":  {func(c *licensespring.Company) { c.ResponseKey = secret.New("AAAA") }, "response_key"},
	} {
		cfg := companies()
		company := cfg.Companies["oauth"]
		test.change(&company)
		cfg.Companies["oauth"] = company
		var keys []string
		cfg.Validate(func(key, problem string) {
			keys = append(keys, strings.TrimPrefix(key, "companies.oauth."))
			if strings.Contains(problem, "MII") {
				t.Errorf("%s: %s reveals a key", name, problem)
			}
		})
		// A company after this one may be the one that is told.
		got := strings.ReplaceAll(strings.Join(keys, " "), "companies.required.", "")
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
	cfg := companies()
	cfg.ResponseKey = secret.New("AAAA")
	var got []string
	cfg.Validate(func(key, _ string) { got = append(got, key) })
	if strings.Join(got, " ") != "response_key" {
		t.Errorf("got %q for the dialect's response key", got)
	}
}

func FuzzBearer(f *testing.F) {
	server := serve(f, companies(), atNoon)
	for _, text := range tokens() {
		f.Add("Bearer " + text)
	}
	f.Add("Bearer e30.e30.e30")
	f.Fuzz(func(t *testing.T, authorization string) {
		w := post(server, authorization)
		code := codeOf(t, w)
		if w.Code < 400 || w.Code >= 500 {
			t.Errorf("%q: got %d, %s", authorization, w.Code, w.Body)
		}
		if curable[code] && !strings.HasPrefix(strings.ToLower(authorization), "bearer ") {
			t.Errorf("%q: got %s", authorization, code)
		}
	})
}
