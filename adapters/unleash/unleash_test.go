package unleash_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
	"testing"

	"rekey/adapters"
	"rekey/adapters/adaptertest"
	"rekey/adapters/unleash"
	"rekey/config/load"
	"rekey/config/secret"
	"rekey/core"
)

// The API tokens that every transcript finds configured, by their kinds.
var apiTokens = map[string]string{
	"admin":    "*:*.964a287e1b728cb5f4f3e0120df92cb5",
	"backend":  "default:development.4ff5e1a6cb4a3e2f",
	"frontend": "default:development.be7536c3a160ff15",
}

func section() unleash.Config {
	cfg := unleash.Default()
	cfg.Enabled, cfg.BaseURL = true, "https://unleash.acme.example"
	cfg.APITokens = map[string]unleash.APIToken{}
	for kind, text := range apiTokens {
		cfg.APITokens[kind] = unleash.APIToken{Secret: secret.New(text), Kind: unleash.Kind(kind), Tenant: adaptertest.Tenant}
	}
	return cfg
}

func build(yaml []byte, env adapters.Env) (adapters.Adapter, error) {
	cfg := section()
	if problems := load.Into(&cfg, load.Options{Sources: []load.Source{load.Text("config", yaml)}}); len(problems) > 0 {
		return nil, problems
	}
	return unleash.New(cfg, env)
}

const redemption = `{"token":"r3set","password":"correct horse battery staple"}`

func TestTranscripts(t *testing.T) {
	packed := func(open func(io.Writer) io.WriteCloser, text string) string {
		var body bytes.Buffer
		w := open(&body)
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return body.String()
	}
	gzipped := func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
	deflated := func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }
	little, big := utf16Of(redemption)
	constants := map[string]string{
		"gzipped": packed(gzipped, redemption), "deflated": packed(deflated, redemption),
		"bomb": packed(gzipped, strings.Repeat(" ", 1<<20)), "nothing.gzipped": packed(gzipped, ""),
		"utf16le": little, "utf16be": big, "utf16.half": little[:len(little)-1],
	}
	constants["torn"] = constants["gzipped"][:30]
	for kind, text := range apiTokens {
		constants[kind] = text
	}
	adaptertest.Run(t, adaptertest.Dialect{New: build, Constants: constants})
}

// utf16Of returns ASCII text in both byte orders.
func utf16Of(text string) (little, big string) {
	for _, c := range []byte(text) {
		little += string([]byte{c, 0})
		big += string([]byte{0, c})
	}
	return little, big
}

func TestEveryFailureHasItsWords(t *testing.T) {
	if missing := unleash.Faults().Missing(); len(missing) > 0 {
		t.Errorf("no row for %v", missing)
	}
	for err, row := range unleash.Faults() {
		if row.Status < 400 || row.Message == "" {
			t.Errorf("%v: got %+v, want a status and a message", err, row)
		}
	}
	for _, rule := range core.Rules() {
		if unleash.RuleWords()[rule] == "" {
			t.Errorf("no words for %s", rule)
		}
	}
	for _, reason := range adapters.JSONReasons() {
		if unleash.JSONReasons()[reason] == "" {
			t.Errorf("no words for %s", reason)
		}
	}
	f := unleash.Faults()
	if f[core.NotFound] != f[core.WrongPassword] {
		t.Error("an answer tells whether an account exists")
	}
	for _, code := range []core.Code{core.UsedToken, core.Disabled} {
		if f[code] != f[core.BadToken] {
			t.Errorf("%s differs from a dead token", code)
		}
	}
}

func TestTextIsMadeAsJavaScriptDoes(t *testing.T) {
	for value, want := range map[string]string{
		`"a\u00e9"`: "aé", `null`: "", `true`: "true", `false`: "false",
		`12345`: "12345", `1e3`: "1000", `-0`: "0", `0.10`: "0.1", `1.5E+2`: "150", `-7.0`: "-7",
		`12345678901234567890`: "12345678901234567000", `9007199254740993`: "9007199254740992",
		`1e21`: "1e+21", `123e18`: "123000000000000000000", `1e-6`: "0.000001", `1e-7`: "1e-7",
	} {
		if got, ok := unleash.Coerce(value); !ok || got != want {
			t.Errorf("%s: got %q, %v; want %q", value, got, ok, want)
		}
	}
	for _, value := range []string{`[]`, `{}`, `["a"]`} {
		if got, ok := unleash.Coerce(value); ok {
			t.Errorf("%s: got %q, want a refusal", value, got)
		}
	}
}

func TestValuesAreShownAsJSONStringifyDoes(t *testing.T) {
	const tooLarge = "[value too large or deeply nested to display]"
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for value, want := range map[string]string{
		`[ 1.0 , "\u0061\/\u003c&>", null ]`:           `[1,"a/<&>",null]`,
		`{"b":{"__proto__":1e2},"a":"\u001f\n\u2028"}`: "{\"b\":{\"__proto__\":100},\"a\":\"\\u001f\\n\u2028\"}",
		nested(100): nested(100), nested(101): tooLarge,
		`["` + strings.Repeat("a", 4092) + `"]`: `["` + strings.Repeat("a", 4092) + `"]`,
		`["` + strings.Repeat("a", 4093) + `"]`: tooLarge,
	} {
		if got := unleash.Show(value); got != want {
			t.Errorf("%.60s: got %.60s, want %.60s", value, got, want)
		}
	}
}

func TestValidateReportsEveryProblem(t *testing.T) {
	const admin, backend = "*:*.964a287e1b728cb5f4f3e0120df92cb5", "default:development.4ff5e1a6cb4a3e2f"
	token := func(text, kind, tenant string) unleash.APIToken {
		return unleash.APIToken{Secret: secret.New(text), Kind: unleash.Kind(kind), Tenant: core.TenantID(tenant)}
	}
	for _, test := range []struct {
		name          string
		authorization unleash.Authorization
		tokens        map[string]unleash.APIToken
		want          string
	}{
		{"default", unleash.Optional, nil, ""},
		{"all kinds", unleash.Required, section().APITokens, ""},
		{"a backend token needs no tenant", unleash.Optional, map[string]unleash.APIToken{"b": token(backend, "backend", "")}, ""},
		{"unknown word", "sometimes", nil, "authorization"},
		{"nobody could call", unleash.Required, map[string]unleash.APIToken{"b": token(backend, "backend", "")}, "authorization"},
		{"empty entry", unleash.Optional, map[string]unleash.APIToken{"ops": {}}, "api_tokens.ops.secret api_tokens.ops.kind"},
		{"short and no tenant", unleash.Optional, map[string]unleash.APIToken{"ops": token("short", "admin", "")},
			"api_tokens.ops.secret api_tokens.ops.tenant"},
		{"no header can hold it", unleash.Optional, map[string]unleash.APIToken{"ops": token(admin+"\n", "admin", "acme")},
			"api_tokens.ops.secret"},
		{"one secret twice", unleash.Optional, map[string]unleash.APIToken{
			"a": token(admin, "admin", "acme"), "b": token(admin, "frontend", "Acme Ltd"),
		}, "api_tokens.b.tenant api_tokens.b.secret"},
	} {
		cfg := section()
		cfg.Authorization, cfg.APITokens = test.authorization, test.tokens
		var got []string
		cfg.Validate(func(key, problem string) {
			got = append(got, key)
			if strings.Contains(problem, admin) || problem == "" {
				t.Errorf("%s: %s: %q", test.name, key, problem)
			}
		})
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestValidateJudgesWhereLinksLead(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*unleash.Config)
		want   string
	}{
		"as it is":               {func(*unleash.Config) {}, ""},
		"with a path":            {func(c *unleash.Config) { c.BaseURL = "http://127.0.0.1:8080/unleash/" }, ""},
		"nowhere":                {func(c *unleash.Config) { c.BaseURL = "" }, "base_url"},
		"nobody asks":            {func(c *unleash.Config) { c.BaseURL, c.APITokens = "", nil }, ""},
		"no host":                {func(c *unleash.Config) { c.BaseURL = "unleash.acme.example" }, "base_url"},
		"another scheme":         {func(c *unleash.Config) { c.BaseURL = "javascript://unleash.acme.example" }, "base_url"},
		"a query":                {func(c *unleash.Config) { c.BaseURL = "https://unleash.acme.example?x=1" }, "base_url"},
		"no such role":           {func(c *unleash.Config) { c.DefaultRole = "owner" }, "default_role"},
		"a tenant that can't be": {func(c *unleash.Config) { c.Tenant = "Acme Ltd" }, "tenant"},
	} {
		cfg := section()
		test.change(&cfg)
		var got []string
		cfg.Validate(func(key, _ string) { got = append(got, key) })
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
