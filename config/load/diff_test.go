package load_test

import (
	"slices"
	"strings"
	"testing"

	"rekey/config/load"
	"rekey/config/secret"
)

func differences(t *testing.T, from, to config) []string {
	t.Helper()
	salt := []byte(strings.Repeat("s", 32))
	var lines []string
	for _, d := range load.Diff(load.Snapshot(&from, salt), load.Snapshot(&to, salt)) {
		lines = append(lines, d.String())
	}
	return lines
}

func TestDiffNamesWhatDiffersAndNoSecret(t *testing.T) {
	read := func(text string) config {
		c, problems := read(t, yaml(text))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return c
	}
	from := read("mode: lax\ncompanies: {a: {api_key: hunter2}, b: {api_key: same}, c: {old_keys: [one, two]}, gone: {api_key: x}, e: {}}")
	to := read("mode: strict\nserver: {trusted_proxies: []}\nlabels: {new: text}\n" +
		"companies: {a: {api_key: hunter3}, a-b: {api_key: y}, a.b: {}, b: {api_key: same}, c: {old_keys: [onet, wo]}, e: {api_key: set}}")
	want := []string{
		`companies."a.b": added`,
		`companies.a-b: added`,
		`companies.a.api_key: another secret`,
		`companies.c.old_keys: another secret`,
		`companies.e.api_key: "" -> '[masked]'`,
		`companies.gone: removed`,
		`labels.new: added`,
		`mode: lax -> strict`,
		`server.trusted_proxies: [10.0.0.0/8] -> []`,
	}
	if got := differences(t, from, to); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := differences(t, to, to); len(got) > 0 {
		t.Errorf("equal ones differ in %v", got)
	}
}

func TestDiffSeesASecretThatItsFileHoldsAnew(t *testing.T) {
	path := file(t, "key", "hunter2")
	from, to := defaults(), defaults()
	with := func(c *config, text string) {
		v, err := secret.InFile(path).Read()
		if err != nil {
			t.Fatal(err)
		}
		v.Secret = secret.New(text).Secret
		c.Companies = map[string]company{"acme": {Key: v}}
	}
	with(&from, "hunter2")
	with(&to, "hunter3")
	if got := differences(t, from, to); !slices.Equal(got, []string{"companies.acme.api_key: another secret"}) {
		t.Errorf("got %v", got)
	}
}

func TestASnapshotHoldsNoSecretAndNoDigestThatComesAgain(t *testing.T) {
	c := defaults()
	c.Companies = map[string]company{"a": {Key: secret.New("hunter2")}, "b": {Key: secret.New("hunter2")}}
	seen := map[string]string{}
	for _, salt := range []string{"one", "two"} {
		for key, shown := range load.Snapshot(&c, []byte(salt)) {
			if strings.Contains(shown.Text+shown.Digest, "hunter2") {
				t.Errorf("%s shows its secret", key)
			}
			if other, again := seen[shown.Digest]; again && shown.Digest != "" {
				t.Errorf("%s and %s have one digest", key, other)
			}
			seen[shown.Digest] = key + " under " + salt
		}
	}
}
