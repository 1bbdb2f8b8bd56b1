package chromium

import "github.com/chromedp/chromedp"

// examination asks for every rule of WCAG 2.0 to 2.2, A and AA, and for best
// practice.
const examination = `axe.run(document, {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	resultTypes: ["violations"],
}).then(found => found.violations.map(v => v.id + ": " + v.help + ": " + v.nodes.map(n => n.target.join(" ") + (n.any[0] ? " (" + n.any[0].message + ")" : "")).join(", ")))`

// Examine returns what axe-core, whose script it is given, finds in the page.
// Of a page that was loaded without scripts it sees what is there without them.
func (v *Visitor) Examine(axe string) []string {
	if v.manner.NoScript {
		v.scripts(true)
		defer v.scripts(false)
	}
	if !Eval[bool](v, `typeof axe === "object"`) {
		act(v, "load axe-core", chromedp.Evaluate[bool](axe+";true"))
	}
	return await[[]string](v, examination)
}
