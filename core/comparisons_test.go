package core_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"
)

// atStart compares secrets of the configuration with each other, before anybody
// can ask: there is nobody to learn from the time that it takes.
var atStart = []string{
	"rekey/config/load equal", "rekey/config repeated",
	"rekey/adapters/licensespring validate", "rekey/adapters/licensespring validateKeys",
	"rekey/adapters/unleash Validate",
}

// A comparison that ends at the first difference tells who waits for it how much
// they have guessed. Secrets are compared by crypto/subtle or crypto/hmac, or
// looked up by their digests.
func TestNoSecretIsComparedInTimeThatTells(t *testing.T) {
	used := map[string]bool{}
	for _, p := range packages(t) {
		if slices.Contains(support, p.ImportPath) {
			continue
		}
		for _, name := range p.GoFiles {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for function, found := range telling(file) {
				if at := p.ImportPath + " " + function; slices.Contains(atStart, at) {
					used[at] = true
					continue
				}
				for _, n := range found {
					t.Errorf("%s: %s compares a secret in time that tells of it", fset.Position(n.Pos()), function)
				}
			}
		}
	}
	for _, at := range atStart {
		if !used[at] {
			t.Errorf("%s compares no secret: take it off the list", at)
		}
	}
}

// telling returns the comparisons of what Reveal returned, by function. It
// follows a text into variables of the function, and no further: an argument is
// the callee's to answer for.
func telling(file *ast.File) map[string][]ast.Node {
	found := map[string][]ast.Node{}
	for _, declared := range file.Decls {
		f, ok := declared.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		v := view{revealed: map[string]bool{}}
		ast.Inspect(f.Body, v.follow)
		ast.Inspect(f.Body, v.compare)
		if len(v.found) > 0 {
			found[f.Name.Name] = v.found
		}
	}
	return found
}

// view is what is known of one function.
type view struct {
	revealed map[string]bool // variables that hold a secret's text
	found    []ast.Node
}

func (v *view) follow(n ast.Node) bool {
	if set, ok := n.(*ast.AssignStmt); ok && len(set.Lhs) == len(set.Rhs) {
		for i, left := range set.Lhs {
			if name, ok := left.(*ast.Ident); ok && v.secret(set.Rhs[i]) {
				v.revealed[name.Name] = true
			}
		}
	}
	return true
}

// secret reports whether the expression is a secret's text, perhaps converted.
func (v *view) secret(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return v.revealed[e.Name]
	case *ast.ParenExpr:
		return v.secret(e.X)
	case *ast.SliceExpr:
		return v.secret(e.X)
	case *ast.CallExpr:
		if called, ok := e.Fun.(*ast.SelectorExpr); ok {
			return called.Sel.Name == "Reveal"
		}
		_, array := e.Fun.(*ast.ArrayType)
		name, plain := e.Fun.(*ast.Ident)
		return (array || plain && name.Name == "string") && len(e.Args) == 1 && v.secret(e.Args[0])
	}
	return false
}

func (v *view) compare(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		ordered := slices.Contains([]token.Token{token.EQL, token.NEQ, token.LSS, token.GTR, token.LEQ, token.GEQ}, n.Op)
		if ordered && (v.secret(n.X) && !literal(n.Y) || v.secret(n.Y) && !literal(n.X)) {
			v.found = append(v.found, n)
		}
	case *ast.IndexExpr:
		if v.secret(n.Index) {
			v.found = append(v.found, n)
		}
	case *ast.SwitchStmt:
		if n.Tag != nil && v.secret(n.Tag) {
			v.found = append(v.found, n)
		}
	case *ast.CallExpr:
		if v.calls(n) {
			v.found = append(v.found, n)
		}
	}
	return true
}

// comparers end at the first difference. bytes.Equal has no good use here at all.
var comparers = []string{
	"bytes.Compare", "bytes.HasPrefix", "strings.Compare", "strings.EqualFold", "strings.HasPrefix", "strings.HasSuffix", "strings.Contains",
	"slices.Contains", "slices.Index", "slices.Equal", "reflect.DeepEqual",
}

func (v *view) calls(n *ast.CallExpr) bool {
	called, ok := n.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	of, _ := called.X.(*ast.Ident)
	if of == nil {
		return false
	}
	name := of.Name + "." + called.Sel.Name
	return name == "bytes.Equal" || slices.Contains(comparers, name) &&
		slices.ContainsFunc(n.Args, v.secret) && !slices.ContainsFunc(n.Args, literal)
}

// literal reports whether the expression is written out: comparing with what
// anybody can read tells nothing that is secret.
func literal(e ast.Expr) bool {
	_, ok := e.(*ast.BasicLit)
	return ok
}

func TestTellingSeesEveryComparison(t *testing.T) {
	for source, want := range map[string]int{
		`_ = a.Reveal() == b`:                                   1,
		`_ = b != a.Reveal()`:                                   1,
		`text := a.Reveal(); _ = b == text[1:]`:                 1,
		`text := []byte(a.Reveal()); _ = string(text) < b`:      1,
		`_ = known[a.Reveal()]`:                                 1,
		`text := a.Reveal(); _, ok := known[text]; _ = ok`:      1,
		`known[a.Reveal()] = b`:                                 1,
		`switch a.Reveal() { case b: }`:                         1,
		`_ = bytes.Equal(x, y)`:                                 1,
		`_ = strings.EqualFold(a.Reveal(), b)`:                  1,
		`_ = slices.Contains(all, a.Reveal())`:                  1,
		`_ = a.Reveal() == ""`:                                  0,
		`_ = len(a.Reveal()) > 3`:                               0,
		`_ = strings.Contains(a.Reveal(), "-----BEGIN")`:        0,
		`_ = subtle.ConstantTimeCompare([]byte(a.Reveal()), b)`: 0,
		`_ = known[sha256.Sum256([]byte(a.Reveal()))]`:          0,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc f() {\n"+source+"\n}", 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(telling(file)["f"]); got != want {
			t.Errorf("%s: found %d, want %d", source, got, want)
		}
	}
}
