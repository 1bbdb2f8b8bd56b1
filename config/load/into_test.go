package load_test

import (
	"log/slog"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"rekey/config/load"
	"rekey/config/secret"
)

func yaml(texts ...string) given { return given{yaml: texts} }

func environ(variables ...string) given { return given{environ: variables} }

func (a accepted) run(t *testing.T) {
	t.Run(a.name, func(t *testing.T) {
		got, problems := read(t, a.given)
		if len(problems) > 0 {
			t.Fatalf("got problems for %q:\n%v", a.given, problems)
		}
		want := defaults()
		a.change(&want)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nwant %+v\nfor %q", got, want, a.given)
		}
	})
}

func TestYAMLGoesOverDefaults(t *testing.T) {
	nothing := func(*config) {}
	for _, test := range []accepted{
		{"nothing", yaml(), nothing},
		{"an empty file", yaml(""), nothing},
		{"a file of comments", yaml("# server:\n#   workers: 3\n"), nothing},
		{"a document without content", yaml("---\n"), nothing},
		{"null at the top", yaml("~"), nothing},
		{"sections and tables without content", yaml("server:\ncompanies:\nlimits:\n"), nothing},
		{"text", yaml("server: {listen: 'x:1'}\nmode: lax"), func(c *config) { c.Server.Listen, c.Mode = "x:1", "lax" }},
		{"text of words that old YAML took for booleans", yaml("mode: yes"), func(c *config) { c.Mode = "yes" }},
		{"text in quotes that looks like a number", yaml(`mode: "0123"`), func(c *config) { c.Mode = "0123" }},
		{"text of several lines", yaml("mode: |\n  a\n  b\n"), func(c *config) { c.Mode = "a\nb\n" }},
		{"durations", yaml("server: {timeout: 1h30m}"), func(c *config) { c.Server.Timeout = 90 * time.Minute }},
		{"a duration of zero", yaml("server: {timeout: 0}"), func(c *config) { c.Server.Timeout = 0 }},
		{"numbers", yaml("small: -128\ncount: 65535\nrate: 2\n"), func(c *config) { c.Small, c.Count, c.Rate = -128, 65535, 2 }},
		{"a type of its own", yaml("server: {level: WARN}"), func(c *config) { c.Server.Level = slog.LevelWarn }},
		{"an address", yaml("peer: 192.0.2.7"), func(c *config) { c.Peer = netip.MustParseAddr("192.0.2.7") }},
		{"a network", yaml("network: fd00::/8"), func(c *config) { c.Network = netip.MustParsePrefix("fd00::/8") }},
		{"a network that is unset", yaml(`network: ""`), nothing},
		{"a list, which replaces the default", yaml("ports: [1]"), func(c *config) { c.Ports = []uint16{1} }},
		{"an empty list", yaml("ports: []"), func(c *config) { c.Ports = []uint16{} }},
		{"a list over a list of an earlier file", yaml("ports: [1, 2]", "ports: [3]"), func(c *config) { c.Ports = []uint16{3} }},
		{"a later file over an earlier one", yaml("mode: a\ncount: 1", "mode: b"), func(c *config) { c.Mode, c.Count = "b", 1 }},
		{"an empty later file", yaml("mode: a", ""), func(c *config) { c.Mode = "a" }},
		{"a section without content in a later file", yaml("server: {workers: 9}", "server:"), func(c *config) { c.Server.Workers = 9 }},
		{"an entry over its default", yaml("limits: {login: {per: 5s}}"), func(c *config) { c.Limits["login"] = limit{5 * time.Second} }},
		{"a new entry beside the default", yaml("limits: {reset: {per: 5s}}"), func(c *config) { c.Limits["reset"] = limit{5 * time.Second} }},
		{
			"an entry of several files", yaml("companies: {acme: {api_key: x, enabled: false}}", "companies: {acme: {names: [n]}}"),
			func(c *config) {
				c.Companies = map[string]company{"acme": {Key: secret.New("x"), Names: []string{"n"}}}
			},
		},
		{
			"a new entry with its defaults", yaml("companies:\n  acme:\n  other: {enabled: false}\n"),
			func(c *config) {
				c.Companies = map[string]company{"acme": {Enabled: true, Names: []string{"default"}}, "other": {Names: []string{"default"}}}
			},
		},
		{
			"names of any kind", yaml("labels:\n  a.b: x\n  'c d': y\n  '1': z\n  Ü: u\n"),
			func(c *config) { c.Labels = map[string]string{"a.b": "x", "c d": "y", "1": "z", "Ü": "u"} },
		},
		{"JSON", yaml(`{"mode": "j", "ports": [7]}`), func(c *config) { c.Mode, c.Ports = "j", []uint16{7} }},
	} {
		test.run(t)
	}
}

func TestFilesAreReadInOrder(t *testing.T) {
	c := defaults()
	o := load.Options{Sources: []load.Source{load.File(file(t, "a.yaml", "mode: a\ncount: 1\n")), load.File(file(t, "b.yaml", "mode: b\n"))}}
	if problems := load.Into(&c, o); len(problems) > 0 {
		t.Fatal(problems)
	}
	if c.Mode != "b" || c.Count != 1 {
		t.Errorf("got %q, %d; want b, 1", c.Mode, c.Count)
	}
}

func TestMistakeInTheProgramPanics(t *testing.T) {
	var unset *config
	for name, target := range map[string]any{
		"a nil pointer":         unset,
		"no pointer":            config{},
		"no struct":             new(int),
		"a field without a tag": &struct{ A int }{},
		"a tag in upper case": &struct {
			A int `key:"A"`
		}{},
		"a tag with a dot": &struct {
			A int `key:"a.b"`
		}{},
		"a tag with the mark": &struct {
			A int `key:"a__b"`
		}{},
		"a tag given twice": &struct {
			A, B int `key:"a"`
		}{},
		"a type without a shape": &struct {
			A chan int `key:"a"`
		}{},
		"a list of sections": &struct {
			A []limit `key:"a"`
		}{},
		"a mistake inside a type": &struct {
			A map[string]struct {
				B any `key:"b"`
			} `key:"a"`
		}{},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Errorf("got no panic for %T", target)
				}
			}()
			_ = load.Into(target, load.Options{})
		})
	}
}
