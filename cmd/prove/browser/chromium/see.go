package chromium

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Eval returns the value of an expression in the page. Nothing in it may wait,
// where scripts are off.
func Eval[T any](v *Visitor, expression string) T {
	return act(v, "evaluate "+expression, chromedp.Evaluate[T](expression))
}

// await returns what the expression's promise is kept with.
func await[T any](v *Visitor, expression string) T {
	return act(v, "await "+expression[:min(len(expression), 80)], chromedp.Evaluate[T](expression, func(p *runtime.EvaluateParams) { chromedp.EvalAwaitPromise(p) }))
}

// Text returns what the first such element shows, or "".
func (v *Visitor) Text(selector string) string {
	return Eval[string](v, `document.querySelector(`+quoted(selector)+`)?.innerText?.trim() ?? ""`)
}

// Attribute returns an attribute of the first such element, or "".
func (v *Visitor) Attribute(selector, name string) string {
	return Eval[string](v, `document.querySelector(`+quoted(selector)+`)?.getAttribute(`+quoted(name)+`) ?? ""`)
}

// Value returns what is in a field.
func (v *Visitor) Value(selector string) string {
	return Eval[string](v, `document.querySelector(`+quoted(selector)+`)?.value ?? ""`)
}

// Count returns how many such elements there are.
func (v *Visitor) Count(selector string) int {
	return Eval[int](v, `document.querySelectorAll(`+quoted(selector)+`).length`)
}

// Location returns where the visitor is.
func (v *Visitor) Location() string { return Eval[string](v, "location.href") }

// Sees reports whether the page shows the text.
func (v *Visitor) Sees(text string) bool { return strings.Contains(v.Text("body"), text) }

// Until waits until the expression is true, and fails if it does not become so.
func (v *Visitor) Until(expression string) {
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	for v.err == nil && !Eval[bool](v, "!!("+expression+")") {
		select {
		case <-ctx.Done():
			v.fail("it never came that %s", expression)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func quoted(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}
