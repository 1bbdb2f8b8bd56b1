package load_test

import (
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"rekey/config/load"
	"rekey/config/secret"
)

type mode string

type server struct {
	Listen  string         `key:"listen"`
	Timeout time.Duration  `key:"timeout"`
	Proxies []netip.Prefix `key:"trusted_proxies"`
	Workers int            `key:"workers"`
	Level   slog.Level     `key:"level"`
}

type company struct {
	Enabled bool           `key:"enabled"`
	Key     secret.Value   `key:"api_key"`
	Old     []secret.Value `key:"old_keys"`
	Names   []string       `key:"names"`
}

func (c *company) SetDefaults() { *c = company{Enabled: true, Names: []string{"default"}} }

type limit struct {
	Per time.Duration `key:"per"`
}

type config struct {
	Server    server             `key:"server"`
	Mode      mode               `key:"mode"`
	Small     int8               `key:"small"`
	Count     uint16             `key:"count"`
	Rate      float64            `key:"rate"`
	Network   netip.Prefix       `key:"network"`
	Peer      netip.Addr         `key:"peer"`
	Ports     []uint16           `key:"ports"`
	Companies map[string]company `key:"companies"`
	Limits    map[mode]limit     `key:"limits"`
	Labels    map[string]string  `key:"labels"`
	Computed  chan int           `key:"-"`
}

func defaults() config {
	return config{
		Server: server{Listen: ":8080", Timeout: 30 * time.Second, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Workers: 2},
		Mode:   "strict",
		Rate:   0.5,
		Ports:  []uint16{80, 443},
		Limits: map[mode]limit{"login": {time.Minute}},
	}
}

// given is what a test reads: documents, then variables.
type given struct {
	yaml    []string
	environ []string
}

func read(t testing.TB, g given) (config, load.Problems) {
	t.Helper()
	c := defaults()
	o := load.Options{Environ: g.environ, Prefix: "REKEY_", Ignore: func(name string) bool { return name == "REKEY_CONFIG" }}
	for i, text := range g.yaml {
		o.Sources = append(o.Sources, load.Text([]string{"base", "over", "last"}[i]+".yaml", []byte(text)))
	}
	problems := load.Into(&c, o)
	return c, problems
}

// refused is a case of what is refused, with every problem in its order.
type refused struct {
	name string
	given
	want []string
}

func (r refused) run(t *testing.T) {
	t.Run(r.name, func(t *testing.T) {
		_, problems := read(t, r.given)
		var got []string
		for _, p := range problems {
			got = append(got, p.String())
		}
		if !slices.Equal(got, r.want) {
			t.Errorf("got %q\nwant %q\nfor %q", got, r.want, r.given)
		}
	})
}

// accepted is a case of what is read, with what changes in the defaults.
type accepted struct {
	name string
	given
	change func(*config)
}

func file(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
