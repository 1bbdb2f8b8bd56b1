package manage_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"rekey/adapters"
	"rekey/adapters/adaptertest"
	"rekey/adapters/manage"
	"rekey/config/load"
)

// keyOf returns what bears whoever has the key of a transcript.
func keyOf(name string) string {
	return "rekey_" + base64.RawURLEncoding.EncodeToString([]byte(name+strings.Repeat("-", 32-len(name))))
}

func constants() map[string]string {
	all := map[string]string{}
	for _, name := range []string{"all", "other", "reader", "writer", "issuer", "login", "auditor", "revoked", "expired", "passing", "operator"} {
		all["key."+name] = keyOf(name)
	}
	return all
}

func newAdapter(yaml []byte, env adapters.Env) (adapters.Adapter, error) {
	cfg := manage.Default()
	if problems := load.Into(&cfg, load.Options{Sources: []load.Source{load.Text("config", yaml)}}); len(problems) > 0 {
		return nil, problems
	}
	var found []string
	cfg.Validate(func(key, problem string) { found = append(found, key+": "+problem) })
	if len(found) > 0 {
		return nil, fmt.Errorf("%q", found)
	}
	return manage.New(cfg, env, shown{}), nil
}

func TestTranscripts(t *testing.T) {
	adaptertest.Run(t, adaptertest.Dialect{New: newAdapter, Constants: constants()})
}

func TestEveryFailureIsWorded(t *testing.T) {
	if missing := manage.Faults().Missing(); len(missing) > 0 {
		t.Errorf("no words for %v", missing)
	}
}

func TestTheSectionIsJudged(t *testing.T) {
	for _, c := range []struct{ address, base, want string }{
		{"", "", ""},
		{"127.0.0.1:8082", "https://id.acme.example/app", ""},
		{":0", "http://localhost:8080", ""},
		{"nowhere", "", "address"},
		{":x", "", "address"},
		{"", "id.acme.example", "base_url"},
		{"", "ftp://id.acme.example", "base_url"},
		{"", "https://id.acme.example/?x", "base_url"},
		{"", "https://u:p@id.acme.example", "base_url"},
	} {
		got := ""
		manage.Config{Address: c.address, BaseURL: c.base}.Validate(func(key, problem string) {
			if got += key; strings.Contains(problem, "u:p") {
				t.Errorf("the problem tells the password: %s", problem)
			}
		})
		if got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
	}
}
