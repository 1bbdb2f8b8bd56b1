package load_test

import (
	"reflect"
	"strings"
	"testing"

	"rekey/config/load"
	"rekey/core"
)

// FuzzYAML holds that any document is either refused or read into a
// configuration that prints as one that reads back the same.
func FuzzYAML(f *testing.F) {
	for _, seed := range []string{
		example, "", "mode: a\n---\nmode: b", "labels: {a: &x y, b: *x, <<: {c: d}}", "a: [b", "mode: |2\n   x\n", "? [a]\n: b", "\xef\xbb\xbfmode: x",
		"companies: {a: {api_key: 1, old_keys: [{file: '.'}]}}", "!!map {mode: !!str 1}", "small: 0x10\nrate: .inf", "%YAML 1.2\n---\nmode: \"\\0\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if strings.Contains(string(text), "file") && strings.Contains(string(text), "/") {
			t.Skip("would read any file")
		}
		c, problems := read(t, given{yaml: []string{string(text)}})
		settled(t, c, problems)
		_ = load.Compare(text, defaults())
	})
}

// FuzzEnvironment holds the same of any two variables.
func FuzzEnvironment(f *testing.F) {
	f.Add("MODE", "x", "SERVER__TIMEOUT", "5s")
	f.Add("LABELS__A", "\u2028 - # :\n", "LABELS__A-B", "\r\n x")
	f.Add("COMPANIES__A__OLD_KEYS", "a,,b", "COMPANIES____API_KEY", "\x00")
	f.Add("MODE", "\t\n#", "LABELS__\t\n", "on")
	f.Add("PORTS", "1, 2", "NETWORK", "::/0")
	f.Fuzz(func(t *testing.T, a, x, b, y string) {
		if strings.Contains(strings.ToLower(a+b), "file") {
			t.Skip("would read any file")
		}
		c, problems := read(t, environ("REKEY_"+a+"="+x, "REKEY_"+b+"="+y))
		settled(t, c, problems)
	})
}

// settled checks what was read.
func settled(t *testing.T, c config, problems load.Problems) {
	for _, p := range problems {
		if p.Text == "" || p.At == "" {
			t.Errorf("got %#v, want a text and a place", p)
		}
	}
	if len(problems) > 0 {
		return
	}
	text := printed(t, c)
	if strings.Contains(text, core.Mask) {
		return // it is refused
	}
	again := defaults()
	if problems := load.Into(&again, load.Options{Sources: []load.Source{load.Text("printed", []byte(text))}}); len(problems) > 0 {
		t.Fatalf("got %v for what was printed:\n%s", problems, text)
	}
	if printedAgain := printed(t, again); printedAgain != text {
		t.Errorf("got %s\nwant %s", printedAgain, text)
	}
	if len(c.Companies) == 0 && !reflect.DeepEqual(normal(c), normal(again)) {
		t.Errorf("got %+v\nwant %+v\nfor\n%s", again, c, text)
	}
}

// normal drops the difference between no list and an empty one.
func normal(c config) config {
	if len(c.Ports) == 0 {
		c.Ports = nil
	}
	if len(c.Server.Proxies) == 0 {
		c.Server.Proxies = nil
	}
	if len(c.Labels) == 0 {
		c.Labels = nil
	}
	if len(c.Companies) == 0 {
		c.Companies = nil
	}
	return c
}
