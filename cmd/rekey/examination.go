package main

import (
	"context"
	"sync"
	"time"

	"rekey/adapters/manage"
	"rekey/core"
)

const (
	// examinedFor is how long an examination is told again.
	examinedFor = 30 * time.Second
	// examinePatience bounds the facts of the database, and then each check.
	examinePatience = 5 * time.Second
)

// examination is what a server that runs finds out about its installation, when
// it is asked: one look at a time, and no sooner than after examinedFor another.
// However often it is asked, it costs no more.
type examination struct {
	turn  chan struct{} // holds one while somebody looks
	found manage.Findings

	mu   sync.Mutex
	deaf map[string]bool // checks that have not come back
}

func newExamination() *examination {
	return &examination{turn: make(chan struct{}, 1), deaf: map[string]bool{}}
}

// findings looks, or waits for who does. A look is finished also if its asker has
// gone: the next one is served by it.
func (x *examination) findings(ctx context.Context, look func(context.Context) []finding) (manage.Findings, error) {
	select {
	case x.turn <- struct{}{}:
	case <-ctx.Done():
		return manage.Findings{}, &core.Error{Code: core.Unavailable, Err: ctx.Err()}
	}
	defer func() { <-x.turn }()
	if time.Since(x.found.CheckedAt) < examinedFor {
		return x.found, nil
	}
	all := manage.Findings{Findings: []manage.Finding{}}
	for _, f := range look(context.WithoutCancel(ctx)) {
		all.Findings = append(all.Findings, manage.Finding{Check: f.Check, State: string(f.Status), Text: f.Means, Advice: f.Do})
	}
	all.CheckedAt = time.Now().UTC().Truncate(time.Second)
	x.found = all
	return all, nil
}

// fit returns the checks as a server makes them: without those that would cost
// who is served, and none again that has not come back, so that what hangs does
// not pile up.
func (x *examination) fit(all []check) (fitted []check) {
	for _, c := range all {
		look := c.look
		switch {
		case c.apart != "":
			why := "not examined by a server that runs: " + c.apart
			c.look = func(context.Context, *patient) []finding { return one(skipped, why, "run `rekey doctor`") }
		default:
			c.look = func(ctx context.Context, p *patient) []finding {
				if !x.begins(c.name) {
					return one(trouble, "it has not answered since an earlier look", "see what it waits for: a name that does not resolve, a firewall that drops")
				}
				defer x.ends(c.name)
				return look(ctx, p)
			}
		}
		fitted = append(fitted, c)
	}
	return fitted
}

func (x *examination) begins(name string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.deaf[name] {
		return false
	}
	x.deaf[name] = true
	return true
}

func (x *examination) ends(name string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.deaf, name)
}
