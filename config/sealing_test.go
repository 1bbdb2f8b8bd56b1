package config_test

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
)

func TestSealingKeys(t *testing.T) {
	key := func(b byte, n int) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, n)) }
	one, two := key(1, 32), key(2, 32)
	for name, test := range map[string]struct {
		yaml string
		want []string
	}{
		"none":                    {`{}`, nil},
		"one":                     {`{active: a, keys: {a: "` + one + `"}}`, nil},
		"an older one":            {`{active: b, keys: {a: "` + one + `", b: "` + two + `"}}`, nil},
		"none is active":          {`{keys: {a: "` + one + `"}}`, []string{"sealing.active"}},
		"the active one is gone":  {`{active: b, keys: {a: "` + one + `"}}`, []string{"sealing.active"}},
		"active without keys":     {`{active: a}`, []string{"sealing.active"}},
		"too short":               {`{active: a, keys: {a: "` + key(1, 31) + `"}}`, []string{"sealing.keys.a"}},
		"too long":                {`{active: a, keys: {a: "` + key(1, 33) + `"}}`, []string{"sealing.keys.a"}},
		"hexadecimal":             {`{active: a, keys: {a: "` + strings.Repeat("ab", 32) + `"}}`, []string{"sealing.keys.a"}},
		"a passphrase":            {`{active: a, keys: {a: correct horse battery staple}}`, []string{"sealing.keys.a"}},
		"empty":                   {`{active: a, keys: {a: ""}}`, []string{"sealing.keys.a"}},
		"an id that says nothing": {`{active: a.b, keys: {a.b: "` + one + `"}}`, []string{"sealing.keys.a.b"}},
		"the same twice":          {`{active: a, keys: {a: "` + one + `", b: "` + one + `"}}`, []string{"sealing.keys.b"}},
	} {
		cfg, got := loaded(t, "sealing: "+test.yaml, one, "horse")
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
		if name == "an older one" && (!cfg.Sealing.Configured() || !bytes.Equal(cfg.Sealing.Material()["b"], bytes.Repeat([]byte{2}, 32))) {
			t.Errorf("got %v", cfg.Sealing.Material())
		}
	}
}
