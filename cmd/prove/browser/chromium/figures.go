package chromium

import (
	"fmt"
	"time"

	"github.com/chromedp/cdproto/network"
)

// shiftObserver adds up how much the page moves after it was drawn, as the
// cumulative layout shift does, in every document from its beginning.
const shiftObserver = `(() => {
	let total = 0
	new PerformanceObserver(list => {
		for (const e of list.getEntries()) if (!e.hadRecentInput) total += e.value
	}).observe({type: "layout-shift", buffered: true})
	Object.defineProperty(window, "shiftOfLayout", {get: () => total})
})()`

// Figures are what one visit of a page costs.
type Figures struct {
	Weights     map[network.ResourceType]Weight
	FirstRender time.Duration // first contentful paint
	Answered    time.Duration // the document's last byte
	Shift       float64       // cumulative layout shift
}

// Weight is a number of bytes.
type Weight struct{ Encoded, Decoded int64 }

// Total adds the weights up.
func (f Figures) Total() Weight {
	var total Weight
	for _, w := range f.Weights {
		total.Encoded += w.Encoded
		total.Decoded += w.Decoded
	}
	return total
}

// Measure loads the page with an empty cache and waits until it is at rest. It
// measures the second time: the first, the browser starts a process for the site.
func (v *Visitor) Measure(url string) Figures {
	call(v, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	v.Open(url)
	v.watch.forget()
	v.Open(url)
	paint := await[float64](v, `new Promise(keep => {
		const look = () => {
			const [first] = performance.getEntriesByName("first-contentful-paint")
			first ? setTimeout(() => keep(first.startTime), 150) : requestAnimationFrame(look)
		}
		look()
	})`)
	f := Figures{FirstRender: time.Duration(paint * float64(time.Millisecond)), Weights: map[network.ResourceType]Weight{}}
	f.Answered = time.Duration(Eval[float64](v, `performance.getEntriesByType("navigation")[0].responseEnd`) * float64(time.Millisecond))
	f.Shift = Eval[float64](v, "shiftOfLayout")
	for _, r := range v.Requests() {
		w := f.Weights[r.Kind]
		f.Weights[r.Kind] = Weight{w.Encoded + r.Encoded, w.Decoded + r.Decoded}
	}
	call(v, network.SetCacheDisabled, network.SetCacheDisabledParams{})
	return f
}

// Heaviest is what a page may weigh over the network, with all that it loads.
const Heaviest = 100 << 10

// Problems returns what breaks a promise and is no matter of how fast the
// machine is.
func (f Figures) Problems() []string {
	var problems []string
	if f.Shift > 0 {
		problems = append(problems, fmt.Sprintf("layout shift %.4f, want none", f.Shift))
	}
	if total := f.Total(); total.Decoded == 0 || total.Encoded >= Heaviest {
		problems = append(problems, fmt.Sprintf("it weighs %d bytes, want fewer than %d", total.Encoded, Heaviest))
	}
	return problems
}

// Overflow reports a page that has to be scrolled sideways, and what sticks out.
func (v *Visitor) Overflow() []string {
	return Eval[[]string](v, `(() => {
		const room = document.documentElement.clientWidth
		if (document.documentElement.scrollWidth <= room) return []
		const out = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > room + 1).pop()
		return ["wider than the screen: " + document.documentElement.scrollWidth + " of " + room + ": " + (out ? out.outerHTML.slice(0, 120) : "")]
	})()`)
}
