package rig

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Inspection holds a database to the ledger.
type Inspection struct {
	Directory *Directory
	// Delivered says that mails are taken from the outbox, so that it tells
	// nothing of changes.
	Delivered bool
}

// Finding is what an inspection saw.
type Finding struct {
	Inspected  int
	Made       int // changes without an answer that took effect
	Unmade     int // attempts without an answer that did not
	Violations []Violation
}

// Touched inspects the accounts that were touched since the last inspection,
// and settles what is in doubt: see [Inspection.All]. Of the history it reads
// the newest entry, to be quick.
func (i Inspection) Touched(ctx context.Context, l *Ledger) (Finding, error) {
	return i.inspect(ctx, l, 1, func(e *Entry) bool { return e.touched })
}

// All inspects every account. Of each the verifier, the history, the tokens,
// the audit trail, the outbox and the revision must tell one story, which the
// ledger allows: what was acknowledged, and of what is in doubt one attempt at
// most, wholly. What is found so is certain from then on. Nobody may change
// passwords meanwhile.
func (i Inspection) All(ctx context.Context, l *Ledger) (Finding, error) {
	return i.inspect(ctx, l, i.Directory.History, func(*Entry) bool { return true })
}

// inspect asks about as many accounts at once as there are cores.
func (i Inspection) inspect(ctx context.Context, l *Ledger, depth int, chosen func(*Entry) bool) (f Finding, err error) {
	counts, err := i.Directory.count(ctx)
	if err != nil {
		return f, fmt.Errorf("inspect: %w", err)
	}
	var inquiries []*inquiry
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, e := range l.Entries() {
		if !chosen(e) {
			continue
		}
		in := &inquiry{Directory: i.Directory, e: e, counts: counts[e.Account.ID], depth: depth, delivered: i.Delivered}
		inquiries = append(inquiries, in)
		group.Go(func() error { return in.run(ctx) })
	}
	if err := group.Wait(); err != nil {
		return f, fmt.Errorf("inspect: %w", err)
	}
	for _, in := range inquiries {
		f.Inspected++
		f.Made += in.made
		f.Unmade += in.unmade
		f.Violations = append(f.Violations, in.violations...)
	}
	return f, nil
}
