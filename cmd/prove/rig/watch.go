package rig

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Watch asks a server's health all the time.
type Watch struct {
	client http.Client
	stop   context.CancelFunc
	all    sync.WaitGroup

	mu    sync.Mutex
	ready []Reading
	alive []Reading
}

// Reading is one answer of a health check.
type Reading struct {
	Asked time.Time
	Took  time.Duration
	OK    bool
	Said  string // the status and the text
}

// rhythm is how long a watch waits between two questions.
const rhythm = 10 * time.Millisecond

// NewWatch begins to ask /readyz and /healthz at operations, 100 times a second
// at most, until [Watch.End].
func NewWatch(ctx context.Context, operations string) *Watch {
	ctx, stop := context.WithCancel(ctx)
	w := &Watch{client: http.Client{Timeout: readyPatience, Transport: &http.Transport{MaxIdleConnsPerHost: 2}}, stop: stop}
	w.all.Go(func() { w.ask(ctx, operations+"/readyz", &w.ready) })
	w.all.Go(func() { w.ask(ctx, operations+"/healthz", &w.alive) })
	return w
}

// End ends the watch. It may be called again.
func (w *Watch) End() {
	w.stop()
	w.all.Wait()
	w.client.CloseIdleConnections()
}

func (w *Watch) ask(ctx context.Context, url string, into *[]Reading) {
	for ctx.Err() == nil {
		r := Reading{Asked: time.Now()}
		r.Said = w.said(ctx, url)
		r.OK = r.Said == "200 ok\n"
		r.Took = time.Since(r.Asked)
		if ctx.Err() != nil {
			return // it was not heard out
		}
		w.mu.Lock()
		*into = append(*into, r)
		w.mu.Unlock()
		_ = Rest(ctx, rhythm)
	}
}

// said returns the status and the text of an answer, or why there is none.
func (w *Watch) said(ctx context.Context, url string) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	answer, err := w.client.Do(request)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %s", answer.StatusCode, text)
}

// Await waits until readiness, asked after since, is as it is wanted, and
// returns how long that took.
func (w *Watch) Await(ctx context.Context, want bool, since time.Time) (time.Duration, bool) {
	for deadline := since.Add(readyPatience); time.Now().Before(deadline) && ctx.Err() == nil; _ = Rest(ctx, 2*time.Millisecond) {
		w.mu.Lock()
		ready := slices.Clone(w.ready)
		w.mu.Unlock()
		if k := slices.IndexFunc(ready, func(r Reading) bool { return r.OK == want && r.Asked.After(since) }); k >= 0 {
			return ready[k].Asked.Add(ready[k].Took).Sub(since), true
		}
	}
	return time.Since(since), false
}

// Alive returns the answers of /healthz, in order. Call it after [Watch.End].
func (w *Watch) Alive() []Reading { return w.alive }

// Ready returns those of /readyz.
func (w *Watch) Ready() []Reading { return w.ready }
