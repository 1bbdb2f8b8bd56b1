package core_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rekey/core"
)

func TestCodeOfTakesTheOutermostClassification(t *testing.T) {
	weak := &core.Error{Code: core.WeakPassword, Violations: []core.Violation{{Rule: core.TooShort, Limit: 10}}}
	for name, c := range map[string]struct {
		err  error
		want core.Code
	}{
		"nil":                       {nil, ""},
		"a bare code":               {core.NotFound, core.NotFound},
		"an error with facts":       {weak, core.WeakPassword},
		"a wrapped code":            {fmt.Errorf("a: %w", fmt.Errorf("b: %w", core.Conflict)), core.Conflict},
		"a code around a code":      {&core.Error{Code: core.Unavailable, Err: core.NotFound}, core.Unavailable},
		"wrapped around a code":     {fmt.Errorf("a: %w", &core.Error{Code: core.Internal, Err: core.WrongPassword}), core.Internal},
		"the first of two wrapped":  {fmt.Errorf("%w and %w", core.UsedToken, weak), core.UsedToken},
		"the second of two wrapped": {fmt.Errorf("%w and %w", io.EOF, fmt.Errorf("c: %w", weak)), core.WeakPassword},
		"joined":                    {errors.Join(io.EOF, errors.Join(io.EOF, core.Disabled)), core.Disabled},
		"joined, none classified":   {errors.Join(io.EOF, io.ErrClosedPipe), core.Internal},
		"cancelled":                 {context.Canceled, core.Unavailable},
		"deadline":                  {fmt.Errorf("query: %w", context.DeadlineExceeded), core.Unavailable},
		"cancelled among others":    {errors.Join(io.EOF, context.Canceled), core.Unavailable},
		"a code beside a context":   {errors.Join(context.Canceled, core.WrongPassword), core.WrongPassword},
		"a code around a context":   {&core.Error{Code: core.Internal, Err: context.Canceled}, core.Internal},
		"unclassified":              {io.ErrUnexpectedEOF, core.Internal},
		"wrapping nothing":          {hollow{}, core.Internal},
	} {
		code(t, c.err, c.want, name)
		if e := core.AsError(c.err); c.err == nil != (e == nil) {
			t.Errorf("%s: AsError = %v", name, e)
		} else if e != nil && e.Code != c.want {
			t.Errorf("%s: AsError has %q, want %q", name, e.Code, c.want)
		}
	}
}

// hollow unwraps to nothing.
type hollow struct{}

func (hollow) Error() string { return "hollow" }
func (hollow) Unwrap() error { return nil }

func TestAsErrorKeepsTheFactsAndTheCause(t *testing.T) {
	facts := &core.Error{Code: core.Throttled, Fields: []string{"account"}, RetryAfter: time.Minute}
	if got := core.AsError(fmt.Errorf("a: %w", facts)); got != facts {
		t.Errorf("got %+v, want the error itself", got)
	}
	if got := core.AsError(fmt.Errorf("a: %w", io.EOF)); !errors.Is(got, io.EOF) {
		t.Errorf("the cause of an unclassified error is lost: %+v", got)
	}
}

func TestAnErrorIsItsCodeAndItsCause(t *testing.T) {
	err := fmt.Errorf("x: %w", &core.Error{Code: core.Unavailable, Err: fmt.Errorf("y: %w", io.EOF)})
	for target, want := range map[error]bool{core.Unavailable: true, io.EOF: true, core.Internal: false, core.WrongPassword: false} {
		if got := errors.Is(err, target); got != want {
			t.Errorf("errors.Is(%v, %v) = %v", err, target, got)
		}
	}
	if got, want := err.Error(), "x: unavailable: y: EOF"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (&core.Error{Code: core.Conflict}).Error(); got != "conflict" {
		t.Errorf("got %q, want the code's name", got)
	}
}

// Classifying must not take longer than walking the tree once.
func TestADeepTreeOfErrorsIsClassifiedAtOnce(t *testing.T) {
	var err error = core.NotFound
	for range 2000 {
		err = errors.Join(io.EOF, err)
	}
	code(t, err, core.NotFound)
}

// The closed sets are functions beside constants, so one may be forgotten.
func TestClosedSetsListEveryConstant(t *testing.T) {
	if diff := cmp.Diff(constants(t, "errors.go", "Code"), core.Codes()); diff != "" {
		t.Errorf("Codes (-declared +listed):\n%s", diff)
	}
	var rules []core.Rule
	for _, rule := range constants(t, "policy.go", "Rule") {
		rules = append(rules, core.Rule(rule))
	}
	if diff := cmp.Diff(rules, core.Rules()); diff != "" {
		t.Errorf("Rules (-declared +listed):\n%s", diff)
	}
}

// constants returns the values of the constants that file declares with the
// type, in order.
func constants(t *testing.T, file, typeName string) (values []core.Code) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == typeName {
			for _, value := range spec.Values {
				text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, core.Code(text))
			}
		}
		return true
	})
	if len(values) == 0 || len(values) != len(slices.Compact(slices.Sorted(slices.Values(values)))) {
		t.Fatalf("%s: constants of type %s are missing or have equal values: %q", file, typeName, values)
	}
	return values
}
