package console

import (
	"math"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/core"
)

// span is for how long the overview looks back. A step is one point of a plot.
type span struct {
	Name    string
	Minutes int
	step    int
	Current bool
}

var spans = []span{{Name: "1 hour", Minutes: 60, step: 1}, {Name: "6 hours", Minutes: 360, step: 6}, {Name: "24 hours", Minutes: 1440, step: 24}}

// spanOf returns what the query asks for, or the shortest.
func spanOf(query url.Values) span {
	for _, s := range spans {
		if strconv.Itoa(s.Minutes) == query.Get("minutes") {
			return s
		}
	}
	return spans[0]
}

// overview is what the page of that name is made of.
type overview struct {
	Span   span
	Spans  []span
	Paused bool
	At     time.Time
	Tiles  []tile
	Plots  []*plot
	Quiet  bool // whether nothing was changed or refused
	Wrong  words
	Over   bool // whether the session is
}

// Again is where what the page shows is to be had anew.
func (o overview) Again() string { return livePath + "?minutes=" + strconv.Itoa(o.Span.Minutes) }

// tile is one number that matters.
type tile struct {
	Name, Value, Note string
	Bad               bool
	Path              string // where more is told; "" for nowhere
}

const livePath = home + "/live"

func (v *visit) overview() error {
	o, err := v.observe()
	if err != nil {
		return err
	}
	return v.show("overview", view{Title: "Overview", Body: o})
}

// watching serves what a page asks for by itself. It is no sign of the operator, so it
// keeps no session alive.
func (a *Adapter) watching(show func(*visit) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		v, err := a.enter(c, a.Sessions.Watch)
		if err != nil {
			return err
		}
		return show(v)
	}
}

// live answers with the part of the overview that changes.
func (a *Adapter) live(v *visit) error {
	o, err := v.observe()
	if err != nil {
		return err
	}
	return a.render(v, 200, "live", view{Body: o})
}

// liveless answers with why there is nothing to show. The page asks again, unless
// nobody is signed in.
func (a *Adapter) liveless(c echo.Context, err error, status int) error {
	o := overview{Span: spanOf(c.QueryParams()), At: a.Now(), Wrong: wordsOf(err), Over: core.CodeOf(err) == core.Unauthenticated}
	return a.render(c, status, "live", view{Body: o})
}

func (v *visit) observe() (overview, error) {
	s := spanOf(v.QueryParams())
	o := overview{Span: s, Paused: v.QueryParam("live") == "off", At: v.Now()}
	for _, one := range spans {
		one.Current = one == s
		o.Spans = append(o.Spans, one)
	}
	var got sampled
	if err := v.get("/samples", url.Values{"minutes": {strconv.Itoa(s.Minutes)}}, &got); err != nil {
		return o, err
	}
	got = got.told().by(s.step)
	all := got.total()
	o.Quiet = all == (counted{})
	o.Tiles = v.tiles(got, all, s)
	o.Plots = plots(got, time.Duration(s.step)*time.Minute)
	return o, nil
}

func (v *visit) tiles(got sampled, all counted, s span) []tile {
	now, slowest := got.latest(), math.NaN()
	if worst := got.slowest(); worst != nil {
		slowest = *worst
	}
	lately := "in " + s.Name
	return []tile{
		{Name: "Changed", Value: grouped(all.Changed), Note: lately},
		{Name: "Refused", Value: grouped(all.Refused), Note: lately},
		{Name: "Failed", Value: grouped(all.Failed), Note: "ours, " + lately, Bad: all.Failed > 0},
		{Name: "Slowest p99", Value: (&plot{told: seconds}).number(slowest), Note: lately},
		{Name: "Hashing queue", Value: grouped(now.Derivations.Waiting), Note: grouped(now.Derivations.Workers) + " workers", Bad: now.Derivations.Waiting > 4*now.Derivations.Workers && now.Derivations.Workers > 0},
		{Name: "Dead mail", Value: grouped(now.Outbox.Dead), Note: grouped(now.Outbox.Waiting) + " waiting", Bad: now.Outbox.Dead > 0},
		{Name: "Dead webhooks", Value: grouped(now.Deliveries.Dead), Note: grouped(now.Deliveries.Waiting) + " waiting", Bad: now.Deliveries.Dead > 0, Path: v.deadDeliveries()},
		{Name: "Replicas", Value: grouped(len(got.Replicas)), Note: "seen " + lately},
	}
}

// deadDeliveries leads to the deliveries that were given up, if the key opens them.
func (v *visit) deadDeliveries() string {
	if !v.bearer.May(core.WebhooksRead) {
		return ""
	}
	return deliveriesPath + "?state=dead"
}

// plots draws what the samples tell.
func plots(got sampled, step time.Duration) []*plot {
	count := func(n float64) string {
		if n != math.Trunc(n) {
			return strconv.FormatFloat(n, 'f', 1, 64)
		}
		return grouped(int(n))
	}
	minutes := step.Minutes()
	all := []*plot{
		{ID: "changes", Title: "Changes a minute", told: count},
		{ID: "refusals", Title: "Refusals a minute", told: count},
		{ID: "latency", Title: "Latency of changes", told: seconds},
		{ID: "derivations", Title: "Derivations", told: count},
		{ID: "lag", Title: "Lag of mail and webhooks", told: seconds},
		{ID: "waiting", Title: "Mail and webhooks waiting", told: count},
	}
	for _, name := range got.dialects() {
		all[0].add(got, name, func(s sample) float64 { return float64(s.Dialects[name].Changed) / minutes })
		all[1].add(got, name, func(s sample) float64 { return float64(s.Dialects[name].Refused) / minutes })
	}
	all[2].add(got, "p50", func(s sample) float64 { return known(s.Latency.P50) })
	all[2].add(got, "p99", func(s sample) float64 { return known(s.Latency.P99) })
	all[3].add(got, "running", func(s sample) float64 { return float64(s.Derivations.Running) })
	all[3].add(got, "waiting", func(s sample) float64 { return float64(s.Derivations.Waiting) })
	all[3].add(got, "refused", func(s sample) float64 { return float64(s.Derivations.Refused) })
	all[4].add(got, "mail", func(s sample) float64 { return s.Outbox.Lag })
	all[4].add(got, "webhooks", func(s sample) float64 { return s.Deliveries.Lag })
	all[5].add(got, "mail", func(s sample) float64 { return float64(s.Outbox.Waiting) })
	all[5].add(got, "webhooks", func(s sample) float64 { return float64(s.Deliveries.Waiting) })
	for _, p := range all {
		if p.step = step; len(got.Samples) > 0 {
			p.from = got.Samples[0].At
		}
		p.draw(len(got.Samples))
	}
	return all
}

func known(value *float64) float64 {
	if value == nil {
		return math.NaN()
	}
	return *value
}

// add puts a series into the plot.
func (p *plot) add(got sampled, name shown, value func(sample) float64) {
	s := series{Name: name}
	for _, one := range got.Samples {
		s.values = append(s.values, value(one))
	}
	p.Series = append(p.Series, s)
}
