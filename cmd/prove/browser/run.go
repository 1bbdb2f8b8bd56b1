package browser

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"rekey/cmd/prove/browser/axe"
	"rekey/cmd/prove/browser/chromium"
	"rekey/cmd/prove/rig"
)

// Options say what a run does beside telling every story.
type Options struct {
	Only     string // stories and pages whose names contain this; empty: all
	Loads    int    // how often each page is loaded for its figures
	Pictures string // the folder that gets a picture of every page; empty: none
}

// Outcome is how one story ended, or the look at one page.
type Outcome struct {
	Name     string
	Problems []string
	Took     time.Duration
}

// Report is what a run saw.
type Report struct {
	Outcomes []Outcome
	Pages    []Page
}

// tabs is how many visitors there are at once.
const tabs = 2

// Run starts a rekey dev and a Chromium, tells every story and looks at every
// page. An error says that it could not; what is wrong with the pages is in the
// report.
func Run(ctx context.Context, o Options) (report Report, err error) {
	script, err := axe.Script(ctx)
	if err != nil {
		return report, err
	}
	r, err := rig.New(ctx)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	b, err := chromium.Launch(ctx, r.Dir)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	site, err := newSite(ctx, r)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, site.close()) }()
	s := &survey{Options: o, site: site, axe: script, report: &report}
	return report, s.all(ctx, b)
}

// survey is a run under way.
type survey struct {
	Options
	site *Site
	axe  string

	mu     sync.Mutex
	report *Report
}

// task is something for one visitor to do.
type task struct {
	name string
	do   func(*chromium.Visitor) []string
}

// all shares the tasks among the visitors.
func (s *survey) all(ctx context.Context, b *chromium.Browser) error {
	tasks := make(chan task)
	failed := make([]error, tabs)
	var visitors sync.WaitGroup
	for n := range tabs {
		visitors.Go(func() { failed[n] = s.serve(b, tasks) })
	}
	for _, t := range s.tasks(ctx) {
		if strings.Contains(t.name, s.Only) && ctx.Err() == nil {
			tasks <- t
		}
	}
	close(tasks)
	visitors.Wait()
	return errors.Join(append(failed, ctx.Err(), s.measure(ctx, b))...)
}

// serve does tasks with one visitor, until there are no more.
func (s *survey) serve(b *chromium.Browser, tasks <-chan task) error {
	v, err := b.Visitor()
	if err != nil {
		for range tasks { // somebody has to take them
		}
		return fmt.Errorf("open a tab: %w", err)
	}
	defer v.Close()
	for t := range tasks {
		begun := time.Now()
		problems := t.do(v)
		s.mu.Lock()
		s.report.Outcomes = append(s.report.Outcomes, Outcome{t.name, problems, time.Since(begun)})
		s.mu.Unlock()
	}
	return nil
}

// tasks lists everything, the longest first.
func (s *survey) tasks(ctx context.Context) []task {
	var all []task
	for _, p := range places() {
		all = append(all, task{"page " + p.name, func(v *chromium.Visitor) []string { return s.look(ctx, v, p) }})
	}
	for _, t := range stories() {
		for _, m := range t.manners {
			all = append(all, task{t.name + " (" + m.String() + ")", func(v *chromium.Visitor) []string { return t.hear(ctx, s.site, v, m) }})
		}
	}
	return all
}

// Problems returns all that is wrong, each with where it was seen.
func (r Report) Problems() []string {
	var all []string
	for _, o := range r.Outcomes {
		for _, p := range o.Problems {
			all = append(all, o.Name+": "+p)
		}
	}
	return all
}
