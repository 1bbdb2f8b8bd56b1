package load_test

import (
	"net/netip"
	"testing"
	"time"

	"rekey/config/load"
	"rekey/config/secret"
)

func TestEnvironmentGoesOverYAML(t *testing.T) {
	acme := given{yaml: []string{"companies: {Acme-Corp.eu: {enabled: false}}"}}
	with := func(g given, variables ...string) given { g.environ = variables; return g }
	for _, test := range []accepted{
		{"variables of others", environ("PATH=/bin", "REKEYS=1", "rekey_mode=x", "REKEY", "=C:=x"), func(*config) {}},
		{"a variable to ignore", environ("REKEY_CONFIG=/etc/rekey.yaml"), func(*config) {}},
		{"text", environ("REKEY_MODE=lax"), func(c *config) { c.Mode = "lax" }},
		{"text over a file", with(yaml("mode: a"), "REKEY_MODE=lax"), func(c *config) { c.Mode = "lax" }},
		{"text that looks like a number", environ("REKEY_MODE=0123"), func(c *config) { c.Mode = "0123" }},
		{"text with anything in it", environ("REKEY_MODE= a=b, [c]: *d "), func(c *config) { c.Mode = " a=b, [c]: *d " }},
		{"empty text", environ("REKEY_MODE="), func(c *config) { c.Mode = "" }},
		{"a key in a section", environ("REKEY_SERVER__TIMEOUT=5s"), func(c *config) { c.Server.Timeout = 5 * time.Second }},
		{"a name in lower case", environ("REKEY_server__Workers=5"), func(c *config) { c.Server.Workers = 5 }},
		{"numbers", environ("REKEY_SMALL=-1", "REKEY_COUNT=+7", "REKEY_RATE=1e3"), func(c *config) { c.Small, c.Count, c.Rate = -1, 7, 1000 }},
		{
			"a list, which replaces the default", environ("REKEY_SERVER__TRUSTED_PROXIES=192.0.2.0/24, ::1/128"),
			func(c *config) {
				c.Server.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("::1/128")}
			},
		},
		{"an empty list", environ("REKEY_PORTS="), func(c *config) { c.Ports = []uint16{} }},
		{"a key of an entry", environ("REKEY_LIMITS__LOGIN__PER=5s"), func(c *config) { c.Limits["login"] = limit{5 * time.Second} }},
		{"a table of text", environ("REKEY_LABELS__A=b"), func(c *config) { c.Labels = map[string]string{"a": "b"} }},
		{
			"a key of an entry that a variable cannot spell", with(acme, "REKEY_COMPANIES__ACME_CORP_EU__API_KEY=0123"),
			func(c *config) {
				c.Companies = map[string]company{"Acme-Corp.eu": {Key: secret.New("0123"), Names: []string{"default"}}}
			},
		},
		{
			"a new entry with its defaults", environ("REKEY_COMPANIES__NEW__API_KEY=x", "REKEY_COMPANIES__NEW__OLD_KEYS=y,0123"),
			func(c *config) {
				old := []secret.Value{secret.New("y"), secret.New("0123")}
				c.Companies = map[string]company{"new": {Enabled: true, Key: secret.New("x"), Old: old, Names: []string{"default"}}}
			},
		},
	} {
		test.run(t)
	}
}

func TestMistakesInEnvironmentAreRefused(t *testing.T) {
	entries := given{yaml: []string{"labels: {a-b: x, A.B: y}"}, environ: []string{"REKEY_LABELS__A_B=z"}}
	for _, test := range []refused{
		{"an unknown variable", environ("REKEY_NONSENSE=1"), []string{"nonsense (REKEY_NONSENSE): is no key"}},
		{"the prefix alone", environ("REKEY_=1"), []string{`"" (REKEY_): is no key`}},
		{"a misspelled variable", environ("REKEY_SERVER__TIMOUT=1s"), []string{"server.timout (REKEY_SERVER__TIMOUT): is no key: did you mean REKEY_SERVER__TIMEOUT?"}},
		{"one underscore between levels", environ("REKEY_SERVER_TIMEOUT=1s"), []string{"server_timeout (REKEY_SERVER_TIMEOUT): is no key: did you mean REKEY_SERVER__TIMEOUT?"}},
		{"two underscores within a name", environ("REKEY_SERVER__TRUSTED__PROXIES="), []string{"server.trusted.proxies (REKEY_SERVER__TRUSTED__PROXIES): is no key: did you mean REKEY_SERVER__TRUSTED_PROXIES?"}},
		{"a misspelled key of a new entry", environ("REKEY_COMPANIES__A__API_KEYS=1"), []string{"companies.a.api_keys (REKEY_COMPANIES__A__API_KEYS): is no key: did you mean REKEY_COMPANIES__A__API_KEY?"}},
		{"a key below a value", environ("REKEY_MODE__FILE=x"), []string{"mode.file (REKEY_MODE__FILE): is no key"}},
		{"a key below a list", environ("REKEY_PORTS__0=1"), []string{"ports.0 (REKEY_PORTS__0): is no key: did you mean REKEY_PORTS?"}},
		{"an entry without a name", environ("REKEY_LABELS__=1"), []string{`labels."" (REKEY_LABELS__): is no key`}},
		{"a section", environ("REKEY_SERVER=1"), []string{"server (REKEY_SERVER): is a section; set its keys, each by its own variable, such as REKEY_SERVER__KEY"}},
		{"a table", environ("REKEY_COMPANIES={}"), []string{"companies (REKEY_COMPANIES): is a table; set its keys, each by its own variable, such as REKEY_COMPANIES__KEY"}},
		{"a key given twice", environ("REKEY_mode=a", "REKEY_MODE=b"), []string{"mode (REKEY_mode): is given by REKEY_MODE too; unset one of them"}},
		{"a variable given twice", environ("REKEY_MODE=a", "REKEY_MODE=b"), []string{"mode (REKEY_MODE): is given by REKEY_MODE too; unset one of them"}},
		{"a name of two entries", entries, []string{"labels (REKEY_LABELS__A_B): names several entries: A.B, a-b; set this key in the file"}},
		{"a boolean as 1", environ("REKEY_COMPANIES__A__ENABLED=1"), []string{`companies.a.enabled (REKEY_COMPANIES__A__ENABLED): is "1"; write true or false`}},
		{"a duration without a unit", environ("REKEY_SERVER__TIMEOUT=30"), []string{`server.timeout (REKEY_SERVER__TIMEOUT): is "30"` + unit}},
		{"a number too large", environ("REKEY_COUNT=65536"), []string{`count (REKEY_COUNT): is "65536", which does not fit into 16 bits; write a whole number, 0 or more`}},
		{"a number with a leading zero", environ("REKEY_COUNT=010"), []string{`count (REKEY_COUNT): is "010"; write a whole number, 0 or more`}},
		{"an empty number", environ("REKEY_COUNT="), []string{`count (REKEY_COUNT): is ""; write a whole number, 0 or more`}},
		{"a bad element", environ("REKEY_PORTS=1,x"), []string{`ports[1] (REKEY_PORTS): is "x"; write a whole number, 0 or more`}},
		{"an empty element", environ("REKEY_PORTS=1,,2"), []string{"ports[1] (REKEY_PORTS): is empty; write the elements with one comma between them"}},
		{"what is not UTF-8", environ("REKEY_MODE=\xff"), []string{"mode (REKEY_MODE): is not text in UTF-8"}},
	} {
		test.run(t)
	}
}

func TestWithoutPrefixNoVariableIsRead(t *testing.T) {
	c := defaults()
	if problems := load.Into(&c, load.Options{Environ: []string{"MODE=x", "NONSENSE=y"}}); len(problems) > 0 || c.Mode != "strict" {
		t.Errorf("got mode %q and %v, want the default", c.Mode, problems)
	}
}
