package chromium

// Focus is where the keyboard is.
type Focus struct {
	What    string // the element, such as a#skip or button "Sign in"
	Visible bool   // whether it looks otherwise than without focus, and can be seen
}

// Focused returns where the keyboard is, and whether it shows.
func (v *Visitor) Focused() Focus {
	return Eval[Focus](v, `(() => {
		const e = document.activeElement
		const what = e.tagName.toLowerCase() + (e.id ? "#" + e.id : e.name ? "[name=" + e.name + "]" : "") + (/^(A|BUTTON|SUMMARY)$/.test(e.tagName) ? " " + e.innerText.trim() : "")
		if (e === document.body) return {What: "body", Visible: false}
		const box = e.getBoundingClientRect(), style = () => { const s = getComputedStyle(e); return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor, s.backgroundColor].join() }
		const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
		const focused = style(), ring = getComputedStyle(e)
		const drawn = ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 2
		if (/^(date|time|month|week)/.test(e.type)) return {What: what, Visible: inside && drawn} // its parts lose their place by the rest
		e.blur(); const plain = style(); e.focus({preventScroll: true, focusVisible: true})
		return {What: what, Visible: inside && drawn && focused !== plain}
	})()`)
}
