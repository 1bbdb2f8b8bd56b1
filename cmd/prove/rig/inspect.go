package rig

import (
	"context"
	"fmt"
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
// and settles what is in doubt: see [Inspection.All].
func (i *Inspection) Touched(ctx context.Context, l *Ledger) (Finding, error) {
	return i.inspect(ctx, l, func(e *Entry) bool { return e.touched })
}

// All inspects every account. Of each the verifier, the history, the tokens,
// the audit trail, the outbox and the revision must tell one story, which the
// ledger allows: what was acknowledged, and of what is in doubt one attempt at
// most, wholly. What is found so is certain from then on. Nobody may change
// passwords meanwhile.
func (i *Inspection) All(ctx context.Context, l *Ledger) (Finding, error) {
	return i.inspect(ctx, l, func(*Entry) bool { return true })
}

func (i *Inspection) inspect(ctx context.Context, l *Ledger, chosen func(*Entry) bool) (f Finding, err error) {
	counts, err := i.Directory.count(ctx)
	if err != nil {
		return f, fmt.Errorf("inspect: %w", err)
	}
	for _, e := range l.Entries() {
		if !chosen(e) {
			continue
		}
		in := inquiry{Directory: i.Directory, e: e, counts: counts[e.Account.ID]}
		if err := in.settle(ctx, &f); err != nil {
			return f, fmt.Errorf("inspect account %s: %w", e.Account.ID, err)
		}
		if !in.broken {
			if err := in.agree(ctx, i.Delivered); err != nil {
				return f, fmt.Errorf("inspect account %s: %w", e.Account.ID, err)
			}
		}
		f.Inspected++
		f.Violations = append(f.Violations, in.violations...)
		e.touched = false
	}
	return f, nil
}
