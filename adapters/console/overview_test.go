package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"rekey/core"
)

// load stores what two replicas have seen of the minutes before.
func (w *world) load() {
	w.t.Helper()
	var spread core.Spread
	spread.Add(61 * time.Millisecond)
	took := spread.Durations()
	minute := w.now.Truncate(time.Minute)
	seen := func(replica string, ago time.Duration, n core.Changes) core.Sample {
		return core.Sample{
			Replica: replica, At: minute.Add(-ago), Changes: map[string]core.Changes{"zap": n, "unleash": {Changed: 1}}, Took: took,
			Derivations: core.Derivations{Workers: 2, Running: 2, Waiting: 7}, Outbox: core.Pending{Waiting: 3, Dead: 1, Lag: 90 * time.Second},
		}
	}
	noError(w.t, w.store.PutSamples(w.t.Context(), []core.Sample{
		seen("a", 10*time.Minute, core.Changes{Changed: 1000, Refused: 3}), seen("b", 10*time.Minute, core.Changes{Changed: 234}),
		seen("a", 5*time.Minute, core.Changes{Failed: 2}), seen("a", 0, core.Changes{Changed: 5}),
	}))
}

func TestTheOverviewShowsWhatAllReplicasHaveSeen(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn()
	b.holds("/console", "No change was tried in 1 hour", `data-hx-get="/console/live?minutes=60" data-hx-trigger="every 5s"`)
	w.load()
	body := b.holds("/console", "<strong>1\u202f243</strong>", "look into this", "2 workers", "!No change was tried")
	for _, plot := range []string{"changes", "refusals", "latency", "derivations", "lag", "waiting"} {
		_, section, found := strings.Cut(body, `<section class="plot" id="`+plot+`"`)
		section, _, _ = strings.Cut(section, "</section>")
		for _, part := range []string{`role="img" aria-labelledby="` + plot + `-title ` + plot + `-text"`, "<title", "<desc", "<caption", `<th scope=row>`, `class="kind-1"`} {
			if !found || !strings.Contains(section, part) {
				t.Errorf("%s lacks %s: %s", plot, part, section)
			}
		}
		if n := strings.Count(section, `<th scope=row>`); n != 60 {
			t.Errorf("%s has %d rows", plot, n)
		}
	}
	w.now = w.now.Add(time.Minute) // nobody has told of it yet
	b.holds("/console", "2 workers", "zap: now 5, at most 1\u202f234", "p99: now ", "mail: now 90.0 s, at most 90.0 s")
	_, latency, _ := strings.Cut(body, `<section class="plot" id="latency"`)
	latency, _, _ = strings.Cut(latency, "</section>")
	if n := strings.Count(latency, "a3 3 0 1 0 6 0a"); n != 1+3 { // in the legend, and of each minute that stands alone
		t.Errorf("the latency has %d marks", n)
	}
	if weight := len(body); weight > 52<<10 { // beside 47 KiB that every page loads
		t.Errorf("it has %d bytes", weight)
	}
}

// Of several minutes in one point counts are told by the minute, and the worst of what
// is measured.
func TestALongerTimeIsShownByFewerPoints(t *testing.T) {
	w := newWorld(t)
	w.load()
	b := w.signedIn()
	b.holds("/console?minutes=360", "in 6 hours", "zap: now 0.8, at most 205.7", `href="/console?minutes=360" aria-current="true"`, "/console/live?minutes=360")
	b.holds("/console?minutes=1440", "in 24 hours", "mail: now 90.0 s")
	b.holds("/console?minutes=7", "in 1 hour")
}

func TestRefreshingCanBeStopped(t *testing.T) {
	b := newWorld(t).signedIn()
	b.holds("/console?minutes=360&live=off", "!data-hx-trigger", `<a href="/console?minutes=360">Refresh every 5 seconds</a>`)
}

func TestWhatRefreshesKeepsNoSessionAlive(t *testing.T) {
	b := newWorld(t).signedIn()
	for range 14 {
		b.now = b.now.Add(time.Minute)
		b.holds("/console/live", `<div id="live" data-hx-get="/console/live?minutes=60"`, "!<html")
	}
	b.now = b.now.Add(time.Minute)
	got := b.get("/console/live?minutes=60")
	if got.Code != http.StatusForbidden || !strings.HasPrefix(strings.TrimSpace(got.Body.String()), `<div id="live">`) || !strings.Contains(got.Body.String(), `<a href="/console/sign-in">`) {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
}

func TestAFailureIsToldWhereThePlotsWere(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn()
	w.inside = http.HandlerFunc(func(to http.ResponseWriter, _ *http.Request) {
		http.Error(to, `{"code":"unavailable","title":"The service is not available now; try again"}`, http.StatusServiceUnavailable)
	})
	got := b.get("/console/live")
	if got.Code != http.StatusServiceUnavailable || !strings.Contains(got.Body.String(), "not available now") || !strings.Contains(got.Body.String(), "every 5s") {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
}
