package browser

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rekey/cmd/prove/browser/chromium"
	"rekey/cmd/prove/rig"
)

// story is what one visitor does, and what must be seen.
type story struct {
	name    string
	manners []chromium.Manner
	tell    func(*scene)
}

// scene is a story that is being told to one visitor.
type scene struct {
	*chromium.Visitor
	ctx    context.Context //nolint:containedctx // of the telling
	site   *Site
	manner chromium.Manner
	found  []string
}

// everyManner is with and without scripts, at a desk and on a phone.
func everyManner() []chromium.Manner {
	return []chromium.Manner{
		{Device: chromium.Desk}, {Device: chromium.Phone},
		{Device: chromium.Desk, NoScript: true}, {Device: chromium.Phone, NoScript: true},
	}
}

// expect notes what is not as it should be. The story goes on.
func (s *scene) expect(ok bool, format string, args ...any) {
	if !ok && s.Err() == nil { // after an act that failed nothing can be said
		s.found = append(s.found, fmt.Sprintf(format, args...))
	}
}

// must notes an error of what is around the story.
func (s *scene) must(what string, err error) {
	if err != nil {
		s.found = append(s.found, what+": "+err.Error())
	}
}

// shows expects the page to show each of the texts.
func (s *scene) shows(texts ...string) {
	body := s.Text("body")
	for _, text := range texts {
		s.expect(strings.Contains(body, text), "the page %s does not show %q but %.300q", s.path(), text, body)
	}
}

// hides expects the page to show none of the texts.
func (s *scene) hides(texts ...string) {
	body := s.Text("body")
	for _, text := range texts {
		s.expect(!strings.Contains(body, text), "the page %s shows %q", s.path(), text)
	}
}

// pause waits a moment for what goes on elsewhere.
func (s *scene) pause() { _ = rig.Rest(s.ctx, 50*time.Millisecond) }

// answered expects the document's status.
func (s *scene) answered(status int64) {
	s.expect(s.Status == status, "the page %s is answered %d, want %d: %.200q", s.path(), s.Status, status, s.Text("main"))
}

// path tells where the visitor is, without what may be secret.
func (s *scene) path() string { return chromium.Eval[string](s.Visitor, "location.pathname") }

// hear tells the story to the visitor, and returns all that is wrong.
func (t story) hear(ctx context.Context, site *Site, v *chromium.Visitor, m chromium.Manner) []string {
	v.Enter(m)
	s := &scene{Visitor: v, ctx: ctx, site: site, manner: m}
	t.tell(s)
	if err := v.Err(); err != nil {
		s.found = append(s.found, err.Error())
	}
	return slices.Concat(s.found, v.Faults(site.URL, site.hidden()...))
}
