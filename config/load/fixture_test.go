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
	Listen  string         `koanf:"listen"`
	Timeout time.Duration  `koanf:"timeout"`
	Proxies []netip.Prefix `koanf:"trusted_proxies"`
	Workers int            `koanf:"workers"`
	Level   slog.Level     `koanf:"level"`
}

type company struct {
	Enabled bool           `koanf:"enabled"`
	Key     secret.Value   `koanf:"api_key"`
	Old     []secret.Value `koanf:"old_keys"`
	Names   []string       `koanf:"names"`
}

func (c *company) SetDefaults() { *c = company{Enabled: true, Names: []string{"default"}} }

type limit struct {
	Per time.Duration `koanf:"per"`
}

type config struct {
	Server    server             `koanf:"server"`
	Mode      mode               `koanf:"mode"`
	Small     int8               `koanf:"small"`
	Count     uint16             `koanf:"count"`
	Rate      float64            `koanf:"rate"`
	Network   netip.Prefix       `koanf:"network"`
	Peer      netip.Addr         `koanf:"peer"`
	Ports     []uint16           `koanf:"ports"`
	Companies map[string]company `koanf:"companies"`
	Limits    map[mode]limit     `koanf:"limits"`
	Labels    map[string]string  `koanf:"labels"`
	Computed  chan int           `koanf:"-"`
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
