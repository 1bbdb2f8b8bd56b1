package load_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSecretIsGivenLiterallyOrInFile(t *testing.T) {
	path := file(t, "key", "from file\n")
	other := file(t, "other", "other")
	missing := filepath.Join(t.TempDir(), "missing")
	inFile := "companies: {a: {api_key: {file: " + path + "}}}"
	for _, test := range []struct {
		name string
		given
		want string
	}{
		{"literally", yaml("companies: {a: {api_key: hunter2}}"), "hunter2"},
		{"as digits in quotes", yaml("companies: {a: {api_key: '0123'}}"), "0123"},
		{"as nothing", yaml("companies: {a: {api_key: ''}}"), ""},
		{"in a file", yaml(inFile), "from file"},
		{"in a variable", environ("REKEY_COMPANIES__A__API_KEY=0123"), "0123"},
		{"in a variable with spaces and commas", environ("REKEY_COMPANIES__A__API_KEY= a, b "), " a, b "},
		{"in a variable's file", environ("REKEY_COMPANIES__A__API_KEY__FILE=" + path), "from file"},
		{"in a variable over a file", given{[]string{inFile}, []string{"REKEY_COMPANIES__A__API_KEY=x"}}, "x"},
		{"in a variable's file over a text", given{[]string{"companies: {a: {api_key: x}}"}, []string{"REKEY_COMPANIES__A__API_KEY__FILE=" + other}}, "other"},
		{"in a later document", yaml(inFile, "companies: {a: {api_key: x}}"), "x"},
		{"over a file that is missing", yaml("companies: {a: {api_key: {file: "+missing+"}}}", inFile), "from file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, problems := read(t, test.given)
			if got := c.Companies["a"].Key; got.Reveal() != test.want || len(problems) > 0 {
				t.Errorf("got %q and %v, want %q for %q", got.Reveal(), problems, test.want, test.given)
			}
		})
	}
}

func TestListHoldsSecretsInFiles(t *testing.T) {
	c, problems := read(t, yaml("companies: {a: {old_keys: [x, {file: "+file(t, "key", "y\n")+"}]}}"))
	var got []string
	for _, v := range c.Companies["a"].Old {
		got = append(got, v.Reveal())
	}
	if want := []string{"x", "y"}; !slices.Equal(got, want) || len(problems) > 0 {
		t.Errorf("got %q and %v, want %q", got, problems, want)
	}
}

func TestMistakesInSecretsAreRefused(t *testing.T) {
	empty := file(t, "empty", "\n")
	const (
		form = "is a secret; write it as text in quotes, or as {file: PATH}"
		mask = "is what a secret is printed as; write the secret itself"
	)
	for _, test := range []refused{
		{"a number", yaml("companies: {a: {api_key: 0123}}"), []string{"companies.a.api_key (base.yaml:1): " + quote}},
		{"a boolean", yaml("companies: {a: {api_key: true}}"), []string{"companies.a.api_key (base.yaml:1): " + quote}},
		{"no value", yaml("companies: {a: {api_key: }}"), []string{"companies.a.api_key (base.yaml:1): has no value; write one, or leave the key out"}},
		{"a list", yaml("companies: {a: {api_key: [x]}}"), []string{"companies.a.api_key (base.yaml:1): " + form}},
		{"another key than file", yaml("companies: {a: {api_key: {path: x}}}"), []string{"companies.a.api_key (base.yaml:1): " + form}},
		{"a key beside file", yaml("companies: {a: {api_key: {file: x, mode: y}}}"), []string{"companies.a.api_key (base.yaml:1): " + form}},
		{"a file without a path", yaml("companies: {a: {api_key: {file: }}}"), []string{"companies.a.api_key (base.yaml:1): " + form}},
		{"a missing file", yaml("companies:\n  a: {api_key: {file: /none}}"), []string{`companies.a.api_key (base.yaml:2): cannot read the file "/none": no such file or directory`}},
		{"an empty file", yaml("companies: {a: {api_key: {file: " + empty + "}}}"), []string{`companies.a.api_key (base.yaml:1): the file "` + empty + `" is empty`}},
		{"a mask", yaml("companies: {a: {api_key: '[masked]'}}"), []string{"companies.a.api_key (base.yaml:1): " + mask}},
		{"a mask in a variable", environ("REKEY_COMPANIES__A__API_KEY=[masked]"), []string{"companies.a.api_key (REKEY_COMPANIES__A__API_KEY): " + mask}},
		{"a missing file in a list", yaml("companies: {a: {old_keys: [x, {file: /none}]}}"), []string{`companies.a.old_keys[1] (base.yaml:1): cannot read the file "/none": no such file or directory`}},
		{"a variable's missing file", environ("REKEY_COMPANIES__A__API_KEY__FILE=/none"), []string{`companies.a.api_key (REKEY_COMPANIES__A__API_KEY__FILE): cannot read the file "/none": no such file or directory`}},
		{"a variable without a path", environ("REKEY_COMPANIES__A__API_KEY__FILE="), []string{"companies.a.api_key (REKEY_COMPANIES__A__API_KEY__FILE): names no file"}},
		{
			"a variable for the text and one for the file", environ("REKEY_COMPANIES__A__API_KEY__FILE=/none", "REKEY_COMPANIES__A__API_KEY=x"),
			[]string{"companies.a.api_key (REKEY_COMPANIES__A__API_KEY__FILE): is given by REKEY_COMPANIES__A__API_KEY too; unset one of them"},
		},
	} {
		test.run(t)
	}
}

// What stands where a secret belongs may be the secret, written wrongly.
func TestProblemsShowNoSecret(t *testing.T) {
	for _, value := range []string{
		"[hunter2]", "{hunter2: x}", "{hunter2}", "!hunter2 x", "&hunter2 x", "*hunter2", "!!hunter2", "%hunter2", "@hunter2", "`hunter2`",
		"{file: hunter2, hunter2: x}", "'hunter2", "hunter2: x", "!<hunter2", "? hunter2",
	} {
		_, problems := read(t, yaml("companies:\n  a:\n    api_key: "+value+"\n"))
		if len(problems) == 0 || strings.Contains(problems.Error(), "hunter2") {
			t.Errorf("got %v for %q, want a problem without the secret", problems, value)
		}
	}
}
