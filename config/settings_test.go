package config_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"rekey/config"
	"rekey/config/load"
	"rekey/config/secret"
)

const canary = "cAnArY"

// plant puts a canary wherever text or a secret can stand, and an entry into every
// table. It returns how many there are.
func plant(v reflect.Value) (n int) {
	const url = "https://user:" + canary + "@host.example/path?token=" + canary
	switch value := v.Addr().Interface().(type) {
	case *secret.Value:
		*value = secret.New(canary)
		return 1
	case *[]secret.Value:
		*value = []secret.Value{secret.New(canary)}
		return 1
	case *[]string:
		*value = []string{url}
		return 1
	}
	switch v.Kind() { //nolint:exhaustive // no other holds text
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				n += plant(v.Field(i))
			}
		}
	case reflect.Map:
		entry := reflect.New(v.Type().Elem()).Elem()
		n = plant(entry)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("entry").Convert(v.Type().Key()), entry)
	case reflect.String:
		v.SetString(url)
		n = 1
	}
	return n
}

func TestNoKeyShowsASecret(t *testing.T) {
	cfg := config.Default()
	if n := plant(reflect.ValueOf(&cfg).Elem()); n < 40 {
		t.Fatalf("%d canaries are planted: does plant see every key?", n)
	}
	all := load.Settings(cfg, config.Default())
	told, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	if err := load.Print(&printed, cfg); err != nil {
		t.Fatal(err)
	}
	for how, text := range map[string]string{"a setting": string(told), "the printed configuration": printed.String()} {
		if at := strings.Index(text, canary); at >= 0 {
			t.Errorf("%s shows a secret: …%s…", how, text[max(0, at-120):at+len(canary)])
		}
	}
	seen := map[string]load.Setting{}
	for _, s := range all {
		if seen[s.Key] = s; s.Value == "" {
			t.Errorf("%s has no value", s.Key)
		}
	}
	for key, want := range map[string]load.Setting{
		"store.dsn":             {Value: "'[masked]'", Default: "'[masked]'", Changed: true},
		"store.max_connections": {Value: "16", Default: "16"},
		"adapters.licensespring.companies.entry.tenant": {Value: "https://user:[masked]@host.example/path?[masked]", Default: `""`, Changed: true},
	} {
		if want.Key = key; seen[key] != want {
			t.Errorf("got %+v, want %+v", seen[key], want)
		}
	}
}

func TestAConfigurationThatSaysNothingChangesNothing(t *testing.T) {
	all := load.Settings(config.Default(), config.Default())
	for _, s := range all {
		if s.Changed || s.Value != s.Default {
			t.Errorf("%+v", s)
		}
	}
	if len(all) < 80 || all[0].Key != "server.address" {
		t.Errorf("got %d keys, first %s", len(all), all[0].Key)
	}
}
