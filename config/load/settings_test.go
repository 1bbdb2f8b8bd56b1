package load_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rekey/config/load"
)

func TestSettingsAreHeldToWhatSayingNothingMeans(t *testing.T) {
	c, problems := read(t, yaml("server: {workers: 7}\ncompanies: {acme: {api_key: hunter2}}\nlabels: {b: 'on'}"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	standard, problems := read(t, yaml(""))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var changed []load.Setting
	unchanged := map[string]string{}
	for _, s := range load.Settings(&c, standard) {
		if s.Changed {
			changed = append(changed, s)
		} else {
			unchanged[s.Key] = s.Value
		}
	}
	want := []load.Setting{
		{"server.workers", "7", "2", true},
		{"companies.acme.api_key", "'[masked]'", `""`, true},
		{"labels.b", `"on"`, `""`, true},
	}
	if diff := cmp.Diff(want, changed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for key, value := range map[string]string{"companies.acme.enabled": "true", "companies.acme.names": "[default]", "server.listen": ":8080"} {
		if unchanged[key] != value {
			t.Errorf("%s: got %q, want %q", key, unchanged[key], value)
		}
	}
}

func TestOfAURLNeitherPasswordNorQueryIsShown(t *testing.T) {
	for text, want := range map[string]string{
		"https://id.example/a?token=x#there":   "https://id.example/a?[masked]#there",
		"https://u:p@id.example":               "https://u:[masked]@id.example",
		"https://u:p/a:s@s@id.example:8/a/b":   "https://u:[masked]@id.example:8/a/b",
		"https://u@id.example/a":               "https://u@id.example/a",
		"postgres://u:p@one,two/db?password=x": "postgres://u:[masked]@one,two/db?[masked]",
		"plain: text?":                         "plain: text?",
	} {
		c, problems := read(t, yaml("mode: \""+text+"\""))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		for _, s := range load.Settings(&c, config{}) {
			if s.Key == "mode" && strings.Trim(s.Value, `'"`) != want {
				t.Errorf("%s: got %s, want %s", text, s.Value, want)
			}
		}
	}
}

func TestAURLWithAnotherPasswordDiffers(t *testing.T) {
	from, _ := read(t, yaml("mode: https://u:p@id.example"))
	to, _ := read(t, yaml("mode: https://u:q@id.example"))
	if diff := cmp.Diff([]string{"mode: another secret"}, differences(t, from, to)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
