package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"rekey/store/pgtest"
)

// blocks returns what stands in a language below each heading of a page.
func blocks(text, language string) map[string]string {
	found := map[string]string{}
	heading, inside := "", false
	for line := range strings.Lines(text) {
		switch trimmed := strings.TrimRight(line, "\n"); {
		case inside && trimmed == "```":
			inside = false
		case inside:
			found[heading] += line
		case trimmed == "```"+language:
			inside = true
		case strings.HasPrefix(trimmed, "#"):
			heading = strings.TrimLeft(trimmed, "# ")
		}
	}
	return found
}

// pageCommand is `page FILE HEADING`: what a page on operating tells to type below a
// heading, run by one shell that ends at the first failure.
func pageCommand(t testing.TB) func(*testscript.TestScript, bool, []string) {
	folder, err := filepath.Abs("deploy")
	if err != nil {
		t.Fatal(err)
	}
	return func(ts *testscript.TestScript, fails bool, args []string) {
		if len(args) != 2 {
			ts.Fatalf("usage: page FILE HEADING")
		}
		commands := block(ts, filepath.Join(folder, args[0]), "sh", args[1])
		if err := ts.Exec("sh", "-euc", commands); (err != nil) != fails {
			ts.Fatalf("%s, %s: %v", args[0], args[1], err)
		}
	}
}

// sampleCommand is `sample PAGE HEADING FILE`: it writes the page's YAML below a heading.
func sampleCommand(t testing.TB) func(*testscript.TestScript, bool, []string) {
	folder, err := filepath.Abs("deploy")
	if err != nil {
		t.Fatal(err)
	}
	return func(ts *testscript.TestScript, _ bool, args []string) {
		text := block(ts, filepath.Join(folder, args[0]), "yaml", args[1])
		ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(text), 0o600))
	}
}

func block(ts *testscript.TestScript, file, language, heading string) string {
	text, err := os.ReadFile(file)
	ts.Check(err)
	found := blocks(string(text), language)[heading]
	if found == "" {
		ts.Fatalf("%s has nothing in %s below %q", file, language, heading)
	}
	return found
}

// databaseCommand is `database VARIABLE`: it makes an empty PostgreSQL database.
func databaseCommand(t testing.TB) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) { ts.Setenv(args[0], pgtest.DSN(t)) }
}

// setFrom is `setfrom VARIABLE FILE`.
func setFrom(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}

var pageLine = regexp.MustCompile(`(?m)^!? ?page (\S+) '([^']+)'$`)

// No command of a page stands there without a script that runs it.
func TestEveryCommandOfThePagesIsRun(t *testing.T) {
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	run := map[string][]string{}
	for _, script := range scripts {
		for _, line := range pageLine.FindAllStringSubmatch(contentOf(t, script), -1) {
			run[line[1]] = append(run[line[1]], line[2])
		}
	}
	pages, err := filepath.Glob("deploy/*.md")
	if err != nil || len(pages) < 5 {
		t.Fatalf("got %v, %v", pages, err)
	}
	readme := contentOf(t, "../../README.md")
	for _, page := range pages {
		name := filepath.Base(page)
		for heading := range blocks(contentOf(t, page), "sh") {
			if !slices.Contains(run[name], heading) {
				t.Errorf("no script runs what %s says below %q", name, heading)
			}
		}
		if !strings.Contains(readme, "(cmd/rekey/"+page+")") {
			t.Errorf("README does not lead to %s", name)
		}
	}
}

func contentOf(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
