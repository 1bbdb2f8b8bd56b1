package core_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Patterns name packages by path; one that ends in "/..." means the subtree
// with its root.
var (
	echo = "github.com/labstack/..."
	gorm = "gorm.io/..."

	// support is for tests: it makes requests, databases and clocks of its
	// own, and only tests and harnesses import it.
	support = []string{"rekey/core/leftout", "rekey/adapters/adaptertest", "rekey/adapters/mail/mailtest", "rekey/adapters/traces/tracestest", "rekey/store/storetest", "rekey/store/pgtest/..."}
)

// arrows says who may know whom, directly and outside tests. Each rule holds
// for the packages that match of and not but: they import nothing that
// matches never and not save.
var arrows = []struct {
	name               string
	of, but            []string
	never, save        []string
	itself, everywhere bool // whether a package may import itself below; whether support is held to it too
}{
	{
		name: "core decides, and knows nobody", of: []string{"rekey/core/..."},
		never: []string{"rekey/...", echo, gorm, "net/http", "database/sql", "encoding/json"}, save: []string{"rekey/core/..."},
	},
	{
		name: "an adapter knows the contract, what reads tokens, core and its secrets", of: []string{"rekey/adapters/..."}, but: []string{"rekey/adapters/builtin"},
		never: []string{"rekey/..."}, save: []string{"rekey/adapters", "rekey/adapters/bearer", "rekey/core", "rekey/core/seal", "rekey/core/wordlist", "rekey/config/secret"}, itself: true,
	},
	{
		name: "the list of adapters knows them all, and no store", of: []string{"rekey/adapters/builtin"},
		never: []string{"rekey/..."}, save: []string{"rekey/adapters/...", "rekey/core/...", "rekey/config/secret"},
	},
	{
		name: "a store knows core only", of: []string{"rekey/store/..."},
		never: []string{"rekey/..."}, save: []string{"rekey/core/...", "rekey/store/...", "rekey/config/secret"},
	},
	{
		name: "a secret of the configuration knows core's", of: []string{"rekey/config/secret"},
		never: []string{"rekey/..."}, save: []string{"rekey/core"},
	},
	{
		name: "gorm stays in store", of: []string{"rekey/..."}, but: []string{"rekey/store/..."},
		never: []string{gorm}, everywhere: true,
	},
	{
		name: "echo stays in adapters and cmd", of: []string{"rekey/..."}, but: []string{"rekey/adapters/...", "rekey/cmd/..."},
		never: []string{echo}, everywhere: true,
	},
	{
		name: "what watches stays in its adapters", of: []string{"rekey/..."}, but: []string{"rekey/adapters/metrics", "rekey/adapters/traces/..."},
		never: []string{"github.com/prometheus/...", "go.opentelemetry.io/...", "github.com/XSAM/..."}, everywhere: true,
	},
	{
		name: "nobody but cmd knows cmd", of: []string{"rekey/..."}, but: []string{"rekey/cmd/..."},
		never: []string{"rekey/cmd/..."}, everywhere: true,
	},
	{
		name: "what supports tests is known to tests and harnesses", of: []string{"rekey/..."}, but: []string{"rekey/cmd/prove/..."},
		never: support,
	},
}

// listed is one package of ours, as go list tells it.
type listed struct {
	ImportPath, Dir                            string
	Imports, GoFiles, CgoFiles, IgnoredGoFiles []string
}

func TestArrows(t *testing.T) {
	for _, m := range packages(t) {
		for _, rule := range arrows {
			if !matches(m.ImportPath, rule.of) || matches(m.ImportPath, rule.but) || !rule.everywhere && matches(m.ImportPath, support) {
				continue
			}
			for _, imported := range m.Imports {
				own := rule.itself && strings.HasPrefix(imported, m.ImportPath+"/")
				if matches(imported, rule.never) && !matches(imported, rule.save) && !own {
					t.Errorf("%s: %s imports %s", rule.name, m.ImportPath, imported)
				}
			}
		}
	}
}

// Every rule must have somebody to hold for, or it is misspelt.
func TestArrowsNamePackages(t *testing.T) {
	all := packages(t)
	for _, rule := range arrows {
		if !slices.ContainsFunc(all, func(m listed) bool { return matches(m.ImportPath, rule.of) && !matches(m.ImportPath, rule.but) }) {
			t.Errorf("%s: there is no package %q", rule.name, rule.of)
		}
	}
}

// sources are what only cmd may reach for: clock and randomness are arguments
// to everybody else. support is excepted.
var sources = map[string][]string{
	"time":        {"Now", "Since", "Until"},
	"crypto/rand": nil, // nothing of it
}

func TestClockAndRandomnessAreArguments(t *testing.T) {
	for _, m := range packages(t) {
		if matches(m.ImportPath, append([]string{"rekey/cmd/..."}, support...)) {
			continue
		}
		for _, name := range slices.Concat(m.GoFiles, m.CgoFiles, m.IgnoredGoFiles) {
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, filepath.Join(m.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, found := range reaches(file) {
				t.Errorf("%s: only cmd may use it", files.Position(found.Pos()))
			}
		}
	}
}

// reaches returns where file uses one of the sources, whatever it calls the
// package.
func reaches(file *ast.File) (found []ast.Node) {
	names := map[string][]string{}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		functions, watched := sources[imported]
		switch {
		case err != nil || !watched:
		case functions == nil || spec.Name != nil && spec.Name.Name == ".":
			found = append(found, spec)
		case spec.Name != nil:
			names[spec.Name.Name] = functions
		default:
			names[path.Base(imported)] = functions
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := selector.X.(*ast.Ident); ok && slices.Contains(names[x.Name], selector.Sel.Name) {
				found = append(found, n)
			}
		}
		return true
	})
	return found
}

// packages lists the packages of ours.
func packages(t *testing.T) (all []listed) {
	t.Helper()
	if testing.Short() {
		t.Skip("go list takes a second")
	}
	list := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Dir,Imports,GoFiles,CgoFiles,IgnoredGoFiles", "rekey/...")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var m listed
		switch err := decoder.Decode(&m); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, m)
	}
}

func matches(imported string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		root, subtree := strings.CutSuffix(pattern, "/...")
		return imported == root || subtree && strings.HasPrefix(imported, root+"/")
	})
}

func TestReachesSeesThroughNames(t *testing.T) {
	for source, want := range map[string]int{
		`import "time"; var _ = time.Now`:                  1,
		`import "time"; func f() { _ = time.Now() }`:       1,
		`import "time"; var _ = time.Since`:                1,
		`import clock "time"; var now = clock.Now`:         1,
		`import . "time"; var now = Now`:                   1,
		`import "crypto/rand"; var _ = rand.Reader`:        1,
		`import _ "crypto/rand"`:                           1,
		`import "time"; var _ = time.Second`:               0,
		`import "math/rand/v2"; var _ = rand.N[int]`:       0,
		`type clock struct{ Now int }; var time = clock{}`: 0,
		`// time.Now and crypto/rand are words here`:       0,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := reaches(file); len(got) != want {
			t.Errorf("%s: found %d uses, want %d", source, len(got), want)
		}
	}
}
