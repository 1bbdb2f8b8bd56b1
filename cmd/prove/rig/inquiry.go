package rig

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rekey/core"
)

// inquiry is the inspection of one account.
type inquiry struct {
	*Directory
	e         *Entry
	counts    counts
	depth     int  // how many history entries it reads
	delivered bool // mails are taken from the outbox

	account      core.Account
	made, unmade int
	violations   []Violation
	broken       bool // nothing more can be said
}

func (in *inquiry) run(ctx context.Context) error {
	err := in.settle(ctx)
	if err == nil && !in.broken {
		err = in.agree(ctx)
	}
	in.e.touched = false
	if err != nil {
		return fmt.Errorf("account %s: %w", in.e.Account.ID, err)
	}
	return nil
}

func (in *inquiry) report(kind Kind, format string, args ...any) {
	in.violations = append(in.violations, Violation{kind, in.e.Account, fmt.Sprintf(format, args...)})
}

// settle finds out which password holds, and makes it certain.
func (in *inquiry) settle(ctx context.Context) (err error) {
	in.account, err = in.Store.Account(ctx, in.e.Account.Tenant, core.Key{Kind: core.KeyID, Value: string(in.e.Account.ID)})
	switch {
	case errors.Is(err, core.NotFound):
		in.broken = true
		in.report(Lost, "there is no such account")
		return nil
	case err != nil:
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
			in.made++
			in.unmade += len(doubts) - 1
			return nil
		}
	}
	in.unmade += len(doubts)
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
func (in *inquiry) agree(ctx context.Context) error {
	e, c := in.e, in.counts
	for _, part := range []struct {
		what      string
		got, want int
		mute      bool
	}{
		{"events password.changed", c.changed, e.changes, false},
		{"moves of the revision", int(in.account.Revision - e.Account.Revision), e.changes, false},
		{"tokens that are used", c.used, len(e.spent), false},
		{"history entries", len(in.account.History), min(in.History, e.changes+1), false},
		{"notices in the outbox", c.notices, e.changes, in.delivered},
	} {
		if part.got != part.want && !part.mute {
			in.report(HalfDone, "got %d %s, want %d", part.got, part.what, part.want)
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
		if err != nil && !errors.Is(err, core.NotFound) {
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
	passwords := append(slices.Clone(in.e.past), in.e.password)
	for k, entry := range in.account.History[:min(in.depth, len(passwords), len(in.account.History))] {
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
