package adapters_test

import (
	"strings"
	"testing"

	"rekey/adapters"
)

// described is a dialect that says something of itself.
type described struct {
	fake
	text string
}

func (d described) OpenAPI() []byte { return []byte(d.text) }

func TestDescribeJoinsWhatAdaptersSay(t *testing.T) {
	a := described{fake{name: "a"}, "paths: {/a: {get: {}}}\ncomponents: {schemas: {a_x: {type: string}}}"}
	b := described{fake{name: "b"}, "paths: {/b: {get: {}}}\ncomponents: {schemas: {b_x: {type: string}}}"}
	text, err := adapters.Describe(a, fake{name: "silent"}, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"openapi":"3.1.0"`, `"/a"`, `"/b"`, `"a_x"`, `"b_x"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is missing: %s", want, text)
		}
	}
	for name, twin := range map[string]described{
		"path":      {fake{name: "c"}, "paths: {/a: {get: {}}}"},
		"component": {fake{name: "c"}, "components: {schemas: {a_x: {type: string}}}"},
		"no YAML":   {fake{name: "c"}, "paths: ["},
	} {
		if _, err := adapters.Describe(a, twin); err == nil {
			t.Errorf("%s: described", name)
		}
	}
}
