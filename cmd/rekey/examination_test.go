package main

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rekey/adapters/manage"
	"rekey/config/load"
	"rekey/core"
)

func TestHoweverManyAskOneLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, looks, now, most := newExamination(), 0, 0, 0
		look := func(context.Context) []finding {
			looks, now = looks+1, now+1
			most = max(most, now)
			time.Sleep(time.Second)
			now--
			return ok("well")
		}
		for range 20 {
			go func() { _, _ = x.findings(t.Context(), look) }()
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if looks != 1 || most != 1 {
			t.Errorf("20 asked at once: %d looked, %d of them together", looks, most)
		}
		time.Sleep(examinedFor - 3*time.Second)
		first, err := x.findings(t.Context(), look)
		if err != nil || looks != 1 || len(first.Findings) != 1 {
			t.Errorf("within %s: got %+v, %v after %d looks", examinedFor, first, err, looks)
		}
		time.Sleep(3 * time.Second)
		if second, err := x.findings(t.Context(), look); err != nil || looks != 2 || !second.CheckedAt.After(first.CheckedAt) {
			t.Errorf("later: got %+v, %v after %d looks", second, err, looks)
		}
	})
}

func TestWhoeverGoesLeavesALookBehindForTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, looks := newExamination(), 0
		look := func(ctx context.Context) []finding {
			looks++
			select {
			case <-ctx.Done():
				return one(trouble, "cut off", "")
			case <-time.After(time.Second):
				return ok("well")
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, _ = x.findings(ctx, look) }()
		synctest.Wait()
		if _, err := x.findings(within(t, time.Millisecond), look); core.CodeOf(err) != core.Unavailable {
			t.Errorf("who does not wait got %v", err)
		}
		cancel()
		if got, err := x.findings(t.Context(), look); err != nil || looks != 1 || got.Findings[0].Text != "well" {
			t.Errorf("got %+v, %v after %d looks", got, err, looks)
		}
	})
}

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestACheckThatHangsIsNotBegunAgain(t *testing.T) {
	x, end := newExamination(), make(chan struct{})
	var begun atomic.Int64
	deaf := []check{{"deaf", func(context.Context, *patient) []finding {
		begun.Add(1)
		<-end
		return ok("well")
	}, ""}}
	for _, want := range []string{"no answer within", "since an earlier look", "since an earlier look"} {
		if got := examine(t.Context(), &patient{}, x.fit(deaf), 50*time.Millisecond); len(got) != 1 || !strings.Contains(got[0].Means, want) {
			t.Errorf("got %+v, want %q", got, want)
		}
	}
	close(end)
	if n := begun.Load(); n != 1 {
		t.Errorf("it was begun %d times", n)
	}
}

func TestAServerExaminesItselfByTheDoctorsList(t *testing.T) {
	x := newInsider(t)
	x.examination = newExamination()
	w := x.ask(t.Context(), http.MethodGet, "/manage/v1/findings", "")
	var told manage.Findings
	noError(t, json.Unmarshal(w.Body.Bytes(), &told))
	seen := map[string][]string{}
	for _, f := range told.Findings {
		if seen[f.Check] = append(seen[f.Check], f.State); !slices.Contains(manage.States(), f.State) || f.Text == "" {
			t.Errorf("%+v", f)
		}
		if f.State == "problem" {
			t.Errorf("a healthy server finds %+v", f)
		}
	}
	for _, c := range checks() {
		if states := seen[c.name]; len(states) == 0 || (c.apart != "") != slices.Contains(states, string(skipped)) {
			t.Errorf("%s: got %v", c.name, states)
		}
	}
	if seen["database"][0] != "ok" {
		t.Errorf("got %s", w.Body)
	}
}

func TestTheConfigurationIsToldAsCheckPrintsIt(t *testing.T) {
	x := newInsider(t)
	w := x.ask(t.Context(), http.MethodGet, "/manage/v1/configuration", "")
	var told struct{ Settings []manage.Setting }
	noError(t, json.Unmarshal(w.Body.Bytes(), &told))
	var printed strings.Builder
	noError(t, load.Print(&printed, &x.cfg))
	for _, s := range told.Settings {
		last := s.Key[strings.LastIndexByte(s.Key, '.')+1:]
		if strings.HasSuffix(s.Key, `"`) { // an entry whose name has a dot
			continue
		}
		if !strings.Contains(printed.String(), last+": "+s.Value+"\n") {
			t.Errorf("%s: %s is not what is printed", s.Key, s.Value)
		}
	}
	if len(told.Settings) < 100 || strings.Contains(w.Body.String(), x.cfg.Store.DSN.Reveal()) {
		t.Errorf("got %s", w.Body)
	}
}
