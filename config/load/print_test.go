package load_test

import (
	"io"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"rekey/config/load"
	"rekey/config/secret"
)

func printed(t testing.TB, target any) string {
	t.Helper()
	var b strings.Builder
	if err := load.Print(&b, target); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPrintShowsConfigurationWithoutSecrets(t *testing.T) {
	path := file(t, "key", "hunter2")
	c, problems := read(t, yaml("mode: '0123'\nnetwork: 10.0.0.0/8\nlabels: {b.c: 'on', a: ''}\n"+
		"companies: {z: {}, acme: {api_key: hunter2, names: []}, 'true': {api_key: {file: "+path+"}, old_keys: [hunter2, {file: "+path+"}]}}"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := `server:
  listen: :8080
  timeout: 30s
  trusted_proxies: [10.0.0.0/8]
  workers: 2
  level: INFO
mode: "0123"
small: 0
count: 0
rate: 0.5
network: 10.0.0.0/8
peer: ""
ports: [80, 443]
companies:
  acme:
    enabled: true
    api_key: '[masked]'
    old_keys: []
    names: []
  "true":
    enabled: true
    api_key: {file: PATH}
    old_keys: ['[masked]', {file: PATH}]
    names: [default]
  z:
    enabled: true
    api_key: ""
    old_keys: []
    names: [default]
limits:
  login:
    per: 1m
labels:
  a: ""
  b.c: "on"
`
	for _, target := range []any{&c, c} {
		if got := strings.ReplaceAll(printed(t, target), path, "PATH"); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func TestPrintedConfigurationReadsBack(t *testing.T) {
	in := secret.InFile(file(t, "key", "x"))
	in, err := in.Read()
	if err != nil {
		t.Fatal(err)
	}
	want := config{
		Server: server{Listen: " spaced ", Timeout: 1500 * time.Millisecond, Proxies: []netip.Prefix{netip.MustParsePrefix("fd00::/8")}, Workers: -1 << 63},
		Mode:   "a\n  b\t\u0085\u2028\ufeff#c: 'd' \"e\"\n", Small: -128, Count: 65535, Rate: 1e300, Ports: []uint16{},
		Network: netip.MustParsePrefix("192.0.2.0/24"), Peer: netip.MustParseAddr("fe80::1%eth0"),
		Companies: map[string]company{"x y": {Key: in, Old: []secret.Value{in}, Names: []string{"null", "~", "1", "-", "a, b", ""}}},
		Limits:    map[mode]limit{"1": {time.Hour}, "2": {time.Hour + time.Second}, "3": {90 * time.Minute}, "4": {-time.Minute}, "5": {}, "6": {10 * time.Minute}},
		Labels:    map[string]string{"<<": "<<", "null": "=", "a.b": "!x", "é": "&y", "\t\n#": "\t\n#"},
	}
	var got config
	text := printed(t, want)
	if problems := load.Into(&got, load.Options{Sources: []load.Source{load.Text("printed", []byte(text))}}); len(problems) > 0 {
		t.Fatalf("got %v for\n%s", problems, text)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v\nfor\n%s", got, want, text)
	}
}

func TestPrintAndCompareOnlyRead(t *testing.T) {
	c := defaults()
	var all sync.WaitGroup
	for range 4 { // the race detector watches
		all.Go(func() {
			_ = load.Print(io.Discard, &c)
			_ = load.Compare([]byte(example), &c)
		})
	}
	all.Wait()
	if !reflect.DeepEqual(c, defaults()) {
		t.Errorf("got %+v, want it unchanged", c)
	}
}
