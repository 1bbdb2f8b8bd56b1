package browser

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"rekey/cmd/prove/browser/chromium"
)

// measure loads each page some times for its figures, one after another, when
// nobody else visits.
func (s *survey) measure(ctx context.Context, b *chromium.Browser) error {
	begun := time.Now()
	v, err := b.Visitor()
	if err != nil {
		return fmt.Errorf("open a tab: %w", err)
	}
	defer v.Close()
	m := chromium.Manner{Device: chromium.Desk}
	v.Enter(m)
	sc := &scene{Visitor: v, ctx: ctx, site: s.site, manner: m}
	sc.enter()
	for n := range s.report.Pages {
		if page := &s.report.Pages[n]; page.address != "" {
			sc.measure(page, max(1, s.Loads))
		}
	}
	if err := v.Err(); err != nil {
		sc.found = append(sc.found, err.Error())
	}
	s.report.Outcomes = append(s.report.Outcomes, Outcome{"figures", sc.found, time.Since(begun)})
	return nil
}

func (s *scene) measure(page *Page, loads int) {
	var first, answered []time.Duration
	for range loads {
		f := s.Measure(page.address)
		for _, problem := range f.Problems() {
			s.expect(false, "%s: %s", page.Name, problem)
		}
		s.expect(s.Status < http.StatusBadRequest || s.Status == http.StatusNotFound, "%s: loaded again, it is answered %d", page.Name, s.Status)
		first, answered = append(first, f.FirstRender), append(answered, f.Answered)
		page.Weight, page.Shift = f.Total(), max(page.Shift, f.Shift)
		page.ByKind = map[string]chromium.Weight{}
		for kind, w := range f.Weights {
			page.ByKind[string(kind)] = w
		}
	}
	slices.Sort(first)
	slices.Sort(answered)
	page.FirstRender, page.Answered = first[len(first)/2], answered[len(answered)/2]
}

// render names the bar of the first render.
const render = 100 * time.Millisecond

// Slow returns the pages whose first render misses its bar.
func (r Report) Slow() []string {
	var slow []string
	for _, p := range r.Pages {
		if p.FirstRender >= render {
			slow = append(slow, fmt.Sprintf("%s: first render after %v, want less than %v", p.Name, p.FirstRender.Round(time.Millisecond), render))
		}
	}
	return slow
}
