package config_test

import (
	"bytes"
	"encoding/base64"
	"slices"
	"testing"
)

func TestPepperKeys(t *testing.T) {
	key := func(b byte, n int) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, n)) }
	one, two := key(1, 32), key(2, 32)
	bcrypt := `, hash: {scheme: bcrypt}`
	for name, test := range map[string]struct {
		passwords, sealing string
		want               []string
		active             string
	}{
		"none":                          {`pepper: {}`, ``, nil, ""},
		"none, in words":                {`pepper: {active: none}`, ``, nil, ""},
		"one":                           {`pepper: {active: a, keys: {a: "` + one + `"}}`, ``, nil, "a"},
		"an older one":                  {`pepper: {active: b, keys: {a: "` + one + `", b: "` + two + `"}}`, ``, nil, "b"},
		"older ones only":               {`pepper: {active: none, keys: {a: "` + one + `"}}`, ``, nil, ""},
		"older ones and bcrypt":         {`pepper: {active: none, keys: {a: "` + one + `"}}` + bcrypt, ``, nil, ""},
		"bcrypt, whose readers are not": {`pepper: {active: a, keys: {a: "` + one + `"}}` + bcrypt, ``, []string{"passwords.pepper.active"}, ""},
		"none is active":                {`pepper: {keys: {a: "` + one + `"}}`, ``, []string{"passwords.pepper.active"}, ""},
		"the active one is gone":        {`pepper: {active: b, keys: {a: "` + one + `"}}`, ``, []string{"passwords.pepper.active"}, ""},
		"active without keys":           {`pepper: {active: a}`, ``, []string{"passwords.pepper.active"}, ""},
		"too short":                     {`pepper: {active: a, keys: {a: "` + key(1, 31) + `"}}`, ``, []string{"passwords.pepper.keys.a"}, ""},
		"a passphrase":                  {`pepper: {active: a, keys: {a: correct horse battery staple}}`, ``, []string{"passwords.pepper.keys.a"}, ""},
		"an id that no hash can name":   {`pepper: {active: a_b, keys: {a_b: "` + one + `"}}`, ``, []string{"passwords.pepper.keys.a_b"}, ""},
		"a key that is called none":     {`pepper: {active: none, keys: {none: "` + one + `"}}`, ``, []string{"passwords.pepper.keys.none"}, ""},
		"the same twice":                {`pepper: {active: a, keys: {a: "` + one + `", b: "` + one + `"}}`, ``, []string{"passwords.pepper.keys.b"}, ""},
		"the same as sealing's": {`pepper: {active: a, keys: {a: "` + one + `"}}`, `sealing: {active: s, keys: {s: "` + one + `"}}`,
			[]string{"passwords.pepper.keys.a"}, ""},
	} {
		cfg, got := loaded(t, "passwords: {"+test.passwords+"}\n"+test.sealing, one, "horse")
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
		if made := cfg.Passwords.Pepper.Material(); made.Active != test.active {
			t.Errorf("%s: %q is active, want %q", name, made.Active, test.active)
		}
	}
}
