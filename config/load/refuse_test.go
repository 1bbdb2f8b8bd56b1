package load_test

import (
	"errors"
	"strings"
	"testing"

	"rekey/config/load"
)

const (
	quote = "is not text to YAML; put it in quotes, so that it stays as it is written"
	unit  = "; write a duration with its unit, such as 30s, 15m or 24h"
)

func TestMistakesInYAMLAreRefused(t *testing.T) {
	for _, test := range []refused{
		{"an unknown key", yaml("server:\n  nonsense: 1\n"), []string{"server.nonsense (base.yaml:2): is no key"}},
		{"a misspelled key", yaml("sever: {}"), []string{"sever (base.yaml:1): is no key: did you mean server?"}},
		{"a key in upper case", yaml("Mode: x"), []string{"Mode (base.yaml:1): is no key: did you mean mode?"}},
		{"a misspelled key in an entry", yaml("companies: {a.b: {enabeld: true}}"), []string{`companies."a.b".enabeld (base.yaml:1): is no key: did you mean enabled?`}},
		{"a key that is no key of the program's", yaml("computed: 1"), []string{"computed (base.yaml:1): is no key"}},
		{"a key given twice", yaml("mode: a\ncount: 1\nmode: a\n"), []string{"mode (base.yaml:3): is given twice, first at base.yaml:1"}},
		{"an entry given twice", yaml("labels:\n  a: x\n  'a': y\n"), []string{"labels.a (base.yaml:3): is given twice, first at base.yaml:2"}},
		{"a value where a section is", yaml("server: 1"), []string{"server (base.yaml:1): is a section; write its keys below it, indented"}},
		{"a list where a table is", yaml("companies: [a]"), []string{"companies (base.yaml:1): is a table; write its entries below it, indented, each by its name"}},
		{"a value where a list is", yaml("ports: 1"), []string{"ports (base.yaml:1): is a list; write its elements in brackets, such as [a, b]"}},
		{"a section where a list is", yaml("ports: {a: 1}"), []string{"ports (base.yaml:1): is a list; write its elements in brackets, such as [a, b]"}},
		{"a list where one value is", yaml("mode: [a]"), []string{"mode (base.yaml:1): is one value; write text"}},
		{"a section where one value is", yaml("server: {timeout: {a: 1}}"), []string{"server.timeout (base.yaml:1): is one value; write a duration with its unit, such as 30s, 15m or 24h"}},
		{"no value", yaml("mode:\nports: ~"), []string{"mode (base.yaml:1): has no value; write one, or leave the key out", "ports (base.yaml:2): has no value; write one, or leave the key out"}},
		{"a number for text", yaml("mode: 0123"), []string{"mode (base.yaml:1): " + quote}},
		{"a boolean for text", yaml("mode: true"), []string{"mode (base.yaml:1): " + quote}},
		{"a date for text", yaml("mode: 2026-01-02"), []string{"mode (base.yaml:1): " + quote}},
		{"a number in a list of text", yaml("companies: {a: {names: [x, 1]}}"), []string{"companies.a.names[1] (base.yaml:1): " + quote}},
		{"a boolean as yes", yaml("companies: {a: {enabled: yes}}"), []string{`companies.a.enabled (base.yaml:1): is "yes"; write true or false`}},
		{"a boolean as True", yaml("companies: {a: {enabled: True}}"), []string{`companies.a.enabled (base.yaml:1): is "True"; write true or false`}},
		{"a boolean as a number", yaml("companies: {a: {enabled: 1}}"), []string{`companies.a.enabled (base.yaml:1): is "1"; write true or false`}},
		{"a boolean in quotes", yaml("companies: {a: {enabled: 'true'}}"), []string{"companies.a.enabled (base.yaml:1): is text; write true or false, without quotes"}},
		{"a number in quotes", yaml("count: '5'"), []string{"count (base.yaml:1): is text; write a whole number, 0 or more, without quotes"}},
		{"a number too large", yaml("small: 128"), []string{`small (base.yaml:1): is "128", which does not fit into 8 bits; write a whole number`}},
		{"a number too small", yaml("small: -129"), []string{`small (base.yaml:1): is "-129", which does not fit into 8 bits; write a whole number`}},
		{"a number far too large", yaml("server: {workers: 9223372036854775808}"), []string{`server.workers (base.yaml:1): is "9223372036854775808", which does not fit into 64 bits; write a whole number`}},
		{"a negative count", yaml("count: -1"), []string{`count (base.yaml:1): is "-1"; write a whole number, 0 or more`}},
		{"a fraction", yaml("count: 1.5"), []string{`count (base.yaml:1): is "1.5"; write a whole number, 0 or more`}},
		{"a number with a leading zero", yaml("small: 010"), []string{`small (base.yaml:1): is "010"; write a whole number`}},
		{"a number that is none", yaml("rate: .nan"), []string{`rate (base.yaml:1): is ".nan"; write a number, such as 0.5`}},
		{"a number too large for a fraction", yaml("rate: 1e999"), []string{`rate (base.yaml:1): is "1e999", which does not fit into 64 bits; write a number, such as 0.5`}},
		{"a duration without a unit", yaml("server: {timeout: 30}"), []string{`server.timeout (base.yaml:1): is "30"` + unit}},
		{"a duration in days", yaml("server: {timeout: 1d}"), []string{`server.timeout (base.yaml:1): is "1d"` + unit}},
		{"a duration too long", yaml("server: {timeout: 3000000h}"), []string{`server.timeout (base.yaml:1): is "3000000h"` + unit}},
		{"a network without its length", yaml("server: {trusted_proxies: [10.0.0.1]}"), []string{`server.trusted_proxies[0] (base.yaml:1): is "10.0.0.1"; write a network, such as 10.0.0.0/8 or 192.0.2.7/32`}},
		{"an unknown value of a type of its own", yaml("server: {level: loud}"), []string{`server.level (base.yaml:1): is "loud": slog: level string "loud": unknown name`}},
		{"a long value", yaml("count: " + strings.Repeat("x", 41)), []string{"count (base.yaml:1): is not readable; write a whole number, 0 or more"}},
		{"a name that is a number", yaml("labels: {0123: x}"), []string{"labels.0123 (base.yaml:1): is a name that is not text to YAML; put it in quotes"}},
		{"an empty name", yaml("labels: {'': x}"), []string{"labels (base.yaml:1): holds an empty name"}},
		{"a name that is a list", yaml("labels: {[a]: x}"), []string{"labels (base.yaml:1): holds a name that is a list or a section; write text"}},
		{"an anchor", yaml("labels: {a: &x y}"), []string{"labels.a (base.yaml:1): has an anchor, which is not read; leave it out, or put a value that begins with & in quotes"}},
		{"a merged key", yaml("labels: {<<: {a: b}}"), []string{"labels (base.yaml:1): holds <<, which is not read; write the keys themselves"}},
		{"a tag", yaml("mode: !x y"), []string{"mode (base.yaml:1): has a tag, which is not read; leave it out, or put a value that begins with ! in quotes"}},
		{
			"everything at once", given{[]string{"small: x\nsever: 1", "count: -1"}, []string{"REKEY_MODDE=x", "REKEY_COUNT=-2"}},
			[]string{
				`count (REKEY_COUNT): is "-2"; write a whole number, 0 or more`,
				`count (over.yaml:1): is "-1"; write a whole number, 0 or more`,
				"modde (REKEY_MODDE): is no key: did you mean REKEY_MODE?",
				"sever (base.yaml:2): is no key: did you mean server?",
				`small (base.yaml:1): is "x"; write a whole number`,
			},
		},
	} {
		test.run(t)
	}
}

func TestWhatIsNotYAMLIsRefusedWithFileAndLine(t *testing.T) {
	for _, test := range []refused{
		{"a broken quote", yaml("mode: a", "mode: a\nmode: \"b\nc: d\n"), []string{"over.yaml:2: is not YAML: found unexpected end of stream"}},
		{"a key out of line", yaml("server:\n  workers: 1\n level: x\n"), []string{"base.yaml:3: is not YAML: did not find expected key"}},
		{"a bracket too many", yaml("mode: a\n}\n"), []string{"base.yaml:2: is not YAML: did not find expected key"}},
		{"a tab", yaml("server:\n\tworkers: 1\n"), []string{"base.yaml:2: is not YAML: found character that cannot start any token"}},
		{"a mistake in the first line", yaml("mode: @x\n"), []string{"base.yaml:1: is not YAML: found character that cannot start any token"}},
		{"a control character", yaml("mode: a\n\ncount: \x01\n"), []string{"base.yaml:3: is not YAML: is not text in UTF-8, or holds a control character"}},
		{"what is not UTF-8", yaml("mode: a\nlabels: \xff\n"), []string{"base.yaml:2: is not YAML: is not text in UTF-8, or holds a control character"}},
		{"an alias of nothing", yaml("mode: a\nlabels: {a: *hunter2}\n"), []string{"base.yaml:2: is not YAML: an alias that names no anchor; put a value that begins with * in quotes"}},
		{"two documents", yaml("mode: a\n---\nmode: b\n"), []string{"base.yaml:2: a second document begins here: write one document a file"}},
		{"a list at the top", yaml("- mode: a\n"), []string{"base.yaml:1: is no mapping: write the names of the sections with a colon after each"}},
		{"a text at the top", yaml("\nmode\n"), []string{"base.yaml:2: is no mapping: write the names of the sections with a colon after each"}},
		{"a document too large", yaml("#" + strings.Repeat(" ", 1<<20)), []string{"base.yaml: is larger than 1048576 bytes"}},
	} {
		test.run(t)
	}
}

func TestUnreadableFileIsRefused(t *testing.T) {
	c := defaults()
	problems := load.Into(&c, load.Options{Sources: []load.Source{load.File("/none/rekey.yaml"), load.Text("x", []byte("mode: 1"))}})
	if got, want := problems.Error(), "/none/rekey.yaml: cannot be read: no such file or directory\nmode (x:1): "+quote; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNoProblemsAreNoError(t *testing.T) {
	if err := (load.Problems{}).Err(); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	err := load.Problems{{Key: "b", Text: "is bad"}, {Key: "a", Text: "is bad"}}.Err()
	if problems, ok := errors.AsType[load.Problems](err); !ok || err.Error() != "b: is bad\na: is bad" {
		t.Errorf("got %v, want the problems, one a line", err)
	} else if problems.Sort(); problems[0].Key != "a" {
		t.Errorf("got %v, want them sorted", problems)
	}
}
