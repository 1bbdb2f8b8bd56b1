package browser

import (
	"context"
	"slices"
	"time"

	"rekey/cmd/prove/browser/chromium"
)

// place is a page in one state. Its pictures have its name.
type place struct {
	name   string
	arrive func(*scene)
	// again reports whether the page can be loaded again, for its figures. What a
	// form answered cannot.
	again    bool
	noScript bool
}

// Page is what was seen of one page.
type Page struct {
	Name        string
	Weight      chromium.Weight
	ByKind      map[string]chromium.Weight
	Answered    time.Duration // the document's last byte, the median
	FirstRender time.Duration // the median
	Shift       float64       // the worst
	Light, Dark int           // violations that axe-core found
	Elsewhere   int           // requests to other origins

	address string // to load it again; empty: it cannot be
}

// look goes to the page, and examines it in both themes on both devices.
func (s *survey) look(ctx context.Context, v *chromium.Visitor, p place) []string {
	m := chromium.Manner{Device: chromium.Desk, NoScript: p.noScript}
	v.Enter(m)
	sc := &scene{Visitor: v, ctx: ctx, site: s.site, manner: m}
	p.arrive(sc)
	seen := Page{Name: p.name}
	for _, device := range []chromium.Device{chromium.Desk, chromium.Phone} {
		for _, dark := range []bool{false, true} {
			sc.appraise(s, &seen, chromium.Manner{Device: device, Dark: dark, NoScript: p.noScript, Still: true})
		}
	}
	sc.stretch()
	if p.again {
		seen.address = v.Location()
	}
	seen.Elsewhere = len(v.Elsewhere(s.site.URL))
	if err := v.Err(); err != nil {
		sc.found = append(sc.found, err.Error())
	}
	s.mu.Lock()
	s.report.Pages = append(s.report.Pages, seen)
	s.mu.Unlock()
	return slices.Concat(sc.found, v.Faults(s.site.URL, s.site.hidden()...))
}

// appraise has axe-core look at the page in one manner, and makes its picture.
func (s *scene) appraise(survey *survey, seen *Page, m chromium.Manner) {
	s.Restyle(m)
	violations := s.Examine(survey.axe)
	for _, v := range violations {
		s.expect(false, "axe (%s): %s", m, v)
	}
	if m.Dark {
		seen.Dark += len(violations)
	} else {
		seen.Light += len(violations)
	}
	for _, wide := range s.Overflow() {
		s.expect(false, "%s: %s", m, wide)
	}
	theme := map[bool]string{false: "light", true: "dark"}[m.Dark]
	s.picture(survey.Pictures, seen.Name+"-"+m.Device.Name+"-"+theme)
}

// stretch makes the page narrow, and its text twice as large.
func (s *scene) stretch() {
	desk := chromium.Manner{Device: chromium.Desk, NoScript: s.manner.NoScript}
	s.Restyle(desk)
	before := s.textSize()
	s.Resize(320, 800)
	for _, wide := range s.Overflow() {
		s.expect(false, "at 320 pixels: %s", wide)
	}
	for _, m := range []chromium.Device{chromium.Desk, chromium.Phone} {
		s.Restyle(chromium.Manner{Device: m, NoScript: s.manner.NoScript})
		s.Enlarge(200)
		after := s.textSize()
		s.expect(after > 1.9*before, "text of %v pixels becomes %v, want twice as large", before, after)
		for _, wide := range s.Overflow() {
			s.expect(false, "with text of 200 %% (%s): %s", m.Name, wide)
		}
		s.Enlarge(100)
	}
	s.Restyle(desk)
}

// textSize is the size of the main text.
func (s *scene) textSize() float64 {
	return chromium.Eval[float64](s.Visitor, `parseFloat(getComputedStyle(document.querySelector("main p, main li, main label, main td, main") ?? document.body).fontSize)`)
}
