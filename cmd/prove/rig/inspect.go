package rig

import (
	"context"
	"fmt"
	"strings"

	"rekey/core"
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

// inquiry is the inspection of one account.
type inquiry struct {
	*Directory
	e          *Entry
	counts     counts
	account    core.Account
	violations []Violation
	broken     bool // nothing more can be said
}

func (in *inquiry) report(kind Kind, format string, args ...any) {
	in.violations = append(in.violations, Violation{kind, in.e.Account, fmt.Sprintf(format, args...)})
}

// settle finds out which password holds, and makes it certain.
func (in *inquiry) settle(ctx context.Context, f *Finding) (err error) {
	if in.account, err = in.Store.Account(ctx, in.e.Account.Tenant, core.Key{Kind: core.KeyID, Value: string(in.e.Account.ID)}); err != nil {
		return err
	}
	doubts := in.e.doubts
	for _, doubt := range doubts {
		holds, err := in.verifies(ctx, doubt.New)
		if err != nil {
			return err
		}
		if holds {
			in.e.made(doubt)
			f.Made++
			f.Unmade += len(doubts) - 1
			return nil
		}
	}
	f.Unmade += len(doubts)
	in.e.doubts = nil
	holds, err := in.verifies(ctx, in.e.password)
	if err == nil && !holds {
		in.broken = true
		err = in.lost(ctx, doubts)
	}
	return err
}

// lost says which password holds instead of the one that should.
func (in *inquiry) lost(ctx context.Context, doubts []Attempt) error {
	for k := len(in.e.past) - 1; k >= 0; k-- {
		holds, err := in.verifies(ctx, in.e.past[k])
		if err != nil {
			return err
		}
		if holds {
			in.report(Lost, "the password of %d changes ago verifies, and the acknowledged one does not", len(in.e.past)-k)
			return nil
		}
	}
	in.report(Lost, "no password that it ever had verifies, nor one of %d in doubt", len(doubts))
	return nil
}

func (in *inquiry) verifies(ctx context.Context, text string) (bool, error) {
	return in.Hasher.Verify(ctx, core.NewPassword(text), in.account.Verifier)
}

// agree holds everything but the verifier to the ledger.
func (in *inquiry) agree(ctx context.Context, delivered bool) error {
	e, c := in.e, in.counts
	want := []struct {
		kind      Kind
		what      string
		got, want int
	}{
		{HalfDone, "events password.changed", c.changed, e.changes},
		{HalfDone, "moves of the revision", int(in.account.Revision - e.Account.Revision), e.changes},
		{HalfDone, "tokens that are used", c.used, len(e.spent)},
		{HalfDone, "history entries", len(in.account.History), min(in.History, e.changes+1)},
	}
	if !delivered {
		want = append(want, struct {
			kind      Kind
			what      string
			got, want int
		}{HalfDone, "notices in the outbox", c.notices, e.changes})
	}
	for _, w := range want {
		if w.got != w.want {
			in.report(w.kind, "got %d %s, want %d", w.got, w.what, w.want)
		}
	}
	if err := in.tokens(ctx); err != nil {
		return err
	}
	return in.history(ctx)
}

// tokens holds each token to its fate.
func (in *inquiry) tokens(ctx context.Context) error {
	for _, text := range in.e.spent {
		token, err := in.Store.Token(ctx, core.NewToken(text).Digest())
		if err != nil {
			return err
		}
		if token.UsedAt.IsZero() {
			in.report(HalfDone, "a token whose change was made is not marked as used")
		}
	}
	least, most := 0, 0
	if in.e.token != "" {
		least, most = 1, 1
	}
	if in.e.unheard {
		most = 1
	}
	if got := in.counts.live; got < least || got > most {
		in.report(HalfDone, "%d tokens are alive, want %d to %d", got, least, most)
	}
	return nil
}

// history holds the entries of the history to the passwords that there were.
func (in *inquiry) history(ctx context.Context) error {
	passwords := append(append([]string(nil), in.e.past...), in.e.password)
	for k, entry := range in.account.History {
		if k >= len(passwords) {
			break
		}
		setting := entry.Hash[:max(0, strings.LastIndexByte(entry.Hash, '$'))]
		hash, err := in.Hasher.Derive(ctx, core.NewPassword(passwords[len(passwords)-1-k]), setting)
		if err != nil {
			return err
		}
		if hash != entry.Hash {
			in.report(HalfDone, "history entry %d, from the newest, is another password's", k)
		}
	}
	if len(in.account.History) > 0 && !in.account.History[0].SetAt.Equal(in.account.PasswordChangedAt) {
		in.report(HalfDone, "the newest history entry is of %v, and the password of %v", in.account.History[0].SetAt, in.account.PasswordChangedAt)
	}
	return nil
}

// counts are what an account has.
type counts struct{ changed, notices, used, live int }

// tallies are one query for each count, over all accounts at once.
var tallies = []struct {
	query string
	into  func(*counts) *int
}{
	{"SELECT account_id, count(*) FROM events WHERE action = 'password.changed' GROUP BY account_id", func(c *counts) *int { return &c.changed }},
	{"SELECT account_id, count(*) FROM outbox WHERE topic = 'mail.password_changed' GROUP BY account_id", func(c *counts) *int { return &c.notices }},
	{"SELECT account_id, count(*) FROM reset_tokens WHERE used_at IS NOT NULL GROUP BY account_id", func(c *counts) *int { return &c.used }},
	{"SELECT account_id, count(*) FROM reset_tokens WHERE used_at IS NULL AND superseded_at IS NULL GROUP BY account_id", func(c *counts) *int { return &c.live }},
}

func (d *Directory) count(ctx context.Context) (map[core.AccountID]counts, error) {
	all := map[core.AccountID]counts{}
	for _, t := range tallies {
		rows, err := d.SQL.QueryContext(ctx, t.query)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var id core.AccountID
			var n int
			if err := rows.Scan(&id, &n); err != nil {
				return nil, err
			}
			c := all[id]
			*t.into(&c) = n
			all[id] = c
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
		_ = rows.Close()
	}
	return all, nil
}
