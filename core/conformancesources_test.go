package core_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// whatExists returns what this source tree has to cite.
func whatExists(t *testing.T) existing {
	t.Helper()
	e := existing{names: map[string]bool{}, commands: harnesses(t), keys: settings(contents(t, "../config/example.yaml"))}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		folder := filepath.Dir(strings.TrimPrefix(path, "../"))
		switch {
		case strings.HasSuffix(path, "_test.go"):
			for _, name := range functions(t, path) {
				e.names[folder+":"+name] = true
			}
		case strings.HasSuffix(path, ".txtar"):
			owner, _, _ := strings.Cut(folder, "/testdata")
			e.names[owner+":"+strings.TrimSuffix(entry.Name(), ".txtar")] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// functions returns the names of the tests and fuzz targets in the file.
func functions(t *testing.T, path string) (names []string) {
	for _, declared := range parsed(t, path).Decls {
		f, ok := declared.(*ast.FuncDecl)
		if ok && f.Recv == nil && (strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Fuzz")) {
			names = append(names, f.Name.Name)
		}
	}
	return names
}

// harnesses returns the commands that the command prove really has: those of
// the packages of which its main calls New.
func harnesses(t *testing.T) map[string]bool {
	commands := map[string]bool{}
	ast.Inspect(parsed(t, "../cmd/prove/main.go"), func(n ast.Node) bool {
		if call, ok := n.(*ast.SelectorExpr); ok && call.Sel.Name == "New" {
			of, _ := call.X.(*ast.Ident)
			files, _ := filepath.Glob("../cmd/prove/" + of.Name + "/*.go")
			for _, path := range files {
				for _, use := range uses(parsed(t, path)) {
					commands[use] = true
				}
			}
		}
		return true
	})
	if len(commands) == 0 {
		t.Fatal("the harnesses were not found")
	}
	return commands
}

// uses returns the first words of what commands say of their use.
func uses(file *ast.File) (words []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		pair, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		key, _ := pair.Key.(*ast.Ident)
		value, _ := pair.Value.(*ast.BasicLit)
		if key != nil && key.Name == "Use" && value != nil {
			text, _ := strconv.Unquote(value.Value)
			words = append(words, strings.Fields(text)[0])
		}
		return true
	})
	return words
}

var keyLine = regexp.MustCompile(`^( *)#?([a-z0-9_]+):`)

// settings returns the keys of the example, with those of its samples.
func settings(example string) (keys []string) {
	type level struct {
		indent int
		name   string
	}
	var path []level
	for _, line := range strings.Split(example, "\n") {
		match := keyLine.FindStringSubmatch(line)
		if match == nil {
			continue
		}
		here := level{len(match[1]), match[2]}
		path = slices.DeleteFunc(path, func(l level) bool { return l.indent >= here.indent })
		path = append(path, here)
		var names []string
		for _, l := range path {
			names = append(names, l.name)
		}
		keys = append(keys, strings.Join(names, "."))
	}
	return keys
}

var (
	link    = regexp.MustCompile(`\]\(([\w./-]*)(?:#([\w-]+))?\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// broken returns the links that lead nowhere.
func broken(text string) (found []string) {
	for _, match := range link.FindAllStringSubmatch(text, -1) {
		target := text
		if match[1] != "" {
			file, err := os.ReadFile(match[1])
			if err != nil {
				found = append(found, "there is no "+match[1])
				continue
			}
			target = string(file)
		}
		if match[2] != "" && !slices.Contains(anchors(target), match[2]) {
			found = append(found, "there is no heading "+match[2])
		}
	}
	return found
}

// anchors returns what the headings of a document are linked by.
func anchors(text string) (names []string) {
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		kept := strings.Map(func(r rune) rune {
			if r == ' ' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return -1
		}, strings.ToLower(match[1]))
		names = append(names, strings.ReplaceAll(kept, " ", "-"))
	}
	return names
}

func parsed(t *testing.T, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
