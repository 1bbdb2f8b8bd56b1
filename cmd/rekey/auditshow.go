package main

import (
	"context"
	"strings"
	"time"
	"unicode"

	"rekey/core"
	"rekey/core/audit"
)

// nameBook knows what accounts are called, and asks the directory once for each.
type nameBook struct {
	*installation
	known map[core.AccountID]string
}

func (i *installation) names() *nameBook { return &nameBook{i, map[core.AccountID]string{}} }

// of returns what an account is called, or its id.
func (b *nameBook) of(ctx context.Context, tenant core.TenantID, id core.AccountID) string {
	if name, ok := b.known[id]; ok || id == "" {
		return name
	}
	name := string(id)
	if a, err := b.db.Account(ctx, tenant, core.Key{Kind: core.KeyID, Value: name}); err == nil {
		if name = a.Username; name == "" {
			name = a.Email
		}
	}
	const most = 10_000 // names in memory
	if len(b.known) > most {
		clear(b.known)
	}
	b.known[id] = name
	return name
}

// cells returns a row as a table shows it.
func (b *nameBook) cells(ctx context.Context, r audit.Row) (cells []any) {
	at, outcome := r.At, r.Outcome
	if t, err := audit.Time(r.At); err == nil {
		at = t.Format(time.RFC3339)
	}
	if outcome == "" {
		outcome = outcomeDone
	}
	account := b.of(ctx, core.TenantID(r.Tenant), core.AccountID(r.Account))
	for _, text := range []string{at, r.Tenant, r.Action, outcome, account, r.Actor, r.Proof, r.Dialect, r.Addr, r.RequestID} {
		cells = append(cells, dash(visible(text)))
	}
	return cells
}

// visible returns text with what a terminal would not print, or would obey, replaced.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
