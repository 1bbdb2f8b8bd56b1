package load_test

import (
	"strings"
	"testing"

	"rekey/config/load"
	"rekey/config/secret"
)

const example = `# What rekey listens on.
server:
  listen: ":8080" # all interfaces
  timeout: 30s
  trusted_proxies:
    - 10.0.0.0/8
  workers: 2
  level: INFO
mode: strict
small: 0
count: 0
rate: 0.50
network: ""
peer: ""
ports: [80, 443]
companies: {}
#  acme:
#    enabled: true
limits:
  login:
    per: 60s
labels:
`

func TestExampleIsHeldToTheDefaults(t *testing.T) {
	for _, test := range []struct {
		name, old, new string
		want           []string
	}{
		{"that agrees", "", "", nil},
		{"without a key", "mode: strict\n", "", []string{"mode: is missing from the example; its default is strict"}},
		{"without a list", "ports: [80, 443]\n", "", []string{"ports: is missing from the example; its default is [80, 443]"}},
		{"without a table", "labels:\n", "", []string{"labels: is missing from the example; its default is {}"}},
		{"without an entry", "\n  login:\n    per: 60s", "", []string{"limits.login.per: is missing from the example; its default is 1m"}},
		{"with another value", "30s", "31s", []string{"server.timeout (example:4): is 31s, but its default is 30s"}},
		{"with another list", "443]", "8443]", []string{"ports (example:15): is [80, 8443], but its default is [80, 443]"}},
		{"with an unknown key", "mode: strict", "mode: strict\nmoode: x", []string{"moode (example:10): is no key: did you mean mode?"}},
		{"with a wrong type", "count: 0", "count: x", []string{`count (example:11): is "x"; write a whole number, 0 or more`}},
		{"with an entry that is no default", "labels:", "labels: {a: b}", []string{"labels.a (example:22): is no default; comment it out"}},
		{"that is no YAML", "mode: strict", "mode: @", []string{"example:9: is not YAML: found character that cannot start any token"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			problems := load.Compare([]byte(strings.Replace(example, test.old, test.new, 1)), defaults())
			if got, want := problems.Error(), strings.Join(test.want, "\n"); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

func TestEmptyExampleLacksEveryKey(t *testing.T) {
	c := defaults()
	if got, want := len(load.Compare(nil, &c)), 16; got != want {
		t.Errorf("got %d problems, want %d", got, want)
	}
}

func TestPrintedDefaultsAreAnExample(t *testing.T) {
	c := defaults()
	if problems := load.Compare([]byte(printed(t, &c)), &c); len(problems) > 0 {
		t.Errorf("got %v, want no problems", problems)
	}
}

func TestAnEmptySecretIsOneThatIsNotSet(t *testing.T) {
	var c struct {
		Key secret.Value `key:"key"`
	}
	for example, want := range map[string]int{`key: ""`: 0, `key: x`: 1, `key: {file: /run/secrets/x}`: 1} {
		if got := load.Compare([]byte(example), &c); len(got) != want {
			t.Errorf("%s: got %v", example, got)
		}
	}
}
