package rig_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rekey/cmd/prove/rig"
	"rekey/core"
)

// damages break what one change has stored, each in one place, and say what an
// inspection must report, once for each. @ stands for the account.
var damages = []struct {
	name, statement string
	want            []string
}{
	{"nothing", "SELECT 1", nil},
	{"the old verifier is back", "UPDATE accounts SET verifier = $old WHERE id = @", []string{"lost: the password of 1 changes ago verifies"}},
	{"nobody's verifier", "UPDATE accounts SET verifier = $alien WHERE id = @", []string{"lost: no password that it ever had verifies"}},
	{"no verifier", "UPDATE accounts SET verifier = '' WHERE id = @", []string{"lost: no password that it ever had verifies"}},
	{"the revision stood still", "UPDATE accounts SET revision = revision - 1 WHERE id = @", []string{"half done: got 2 moves of the revision, want 3"}},
	{"the event is gone", "DELETE FROM events WHERE account_id = @ AND action = 'password.changed' AND dialect = 'zap'", []string{"half done: got 2 events password.changed, want 3"}},
	{"the notice is gone", "DELETE FROM outbox WHERE id = (SELECT max(id) FROM outbox WHERE account_id = @)", []string{"half done: got 2 notices in the outbox, want 3"}},
	{"the token is unspent", "UPDATE reset_tokens SET used_at = NULL WHERE account_id = @ AND used_at IS NOT NULL", []string{
		"half done: got 0 tokens that are used, want 1", "half done: a token whose change was made is not marked as used", "half done: 1 tokens are alive, want 0 to 0",
	}},
	{"the token is gone", "DELETE FROM reset_tokens WHERE account_id = @ AND used_at IS NOT NULL", []string{
		"half done: got 0 tokens that are used, want 1", "half done: a token whose change was made is not marked as used",
	}},
	{"a dead token lives again", "UPDATE reset_tokens SET superseded_at = NULL WHERE account_id = @ AND used_at IS NULL", []string{"half done: 1 tokens are alive, want 0 to 0"}},
	{"the newest history entry is gone", "DELETE FROM history WHERE account_id = @ AND position = (SELECT max(position) FROM history WHERE account_id = @)", []string{
		"half done: got 3 history entries, want 4", "half done: history entry 0", "half done: history entry 1", "half done: history entry 2", "half done: the newest history entry is of",
	}},
	{"a history entry is another password's", "UPDATE history SET hash = $alien WHERE account_id = @ AND position = (SELECT max(position) FROM history WHERE account_id = @)", []string{"half done: history entry 0"}},
	{"the password is older than its history entry", "UPDATE accounts SET password_changed_at = created_at WHERE id = @", []string{"half done: the newest history entry is of"}},
}

func TestAnInspectionReportsEveryDamage(t *testing.T) {
	stores(t, func(t *testing.T, o rig.Options) {
		w := newWorld(t, o, len(damages))
		for k, d := range damages {
			e := w.ledger.Entries()[k]
			var verifiers []string
			token, answer := w.client.Link(t.Context(), e.Account) // dies with the next change
			e.Issued(token, answer)
			for _, via := range rig.Ways() {
				verifiers = append(verifiers, w.stored(e).Verifier)
				w.change(e, via)
			}
			alien := w.stored(e).Verifier[:strings.LastIndexByte(verifiers[0], '$')] + "$" + strings.Repeat("A", 43)
			quoted := strings.NewReplacer("$old", "'"+verifiers[2]+"'", "$alien", "'"+alien+"'")
			w.execute(e, quoted.Replace(d.statement))
		}
		found := w.inspect().Violations
		for k, d := range damages {
			expect(t, d.name, found, w.ledger.Entries()[k], d.want)
		}
	})
}

// expect holds what was found of an account to the beginnings in want.
func expect(t *testing.T, name string, found []rig.Violation, e *rig.Entry, want []string) {
	t.Helper()
	var got []string
	for _, v := range found {
		if v.Account.ID == e.Account.ID {
			got = append(got, fmt.Sprintf("%s: %s", v.Kind, v.What))
		}
	}
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("%s: got %q, want %q", name, got, want)
	}
}

// halves are what a change in doubt may have left that was not whole.
var halves = []struct {
	name, statement string
	want            []string
}{
	{"the verifier alone", "UPDATE accounts SET verifier = $new WHERE id = @", []string{
		"half done: got 0 events", "half done: got 0 moves", "half done: got 1 history entries", "half done: got 0 notices", "half done: history entry 0",
	}},
	{"the event alone", "INSERT INTO events (tenant, id, at, account_id, action, proof, outcome, actor, dialect, addr, request_id) SELECT tenant, id || 'x', at, account_id, 'password.changed', proof, outcome, actor, dialect, addr, request_id FROM events WHERE account_id = @ AND action = 'account.created'",
		[]string{"half done: got 1 events password.changed, want 0"}},
	{"the revision alone", "UPDATE accounts SET revision = revision + 1 WHERE id = @", []string{"half done: got 1 moves"}},
	{"the token alone", "UPDATE reset_tokens SET used_at = issued_at WHERE account_id = @", []string{"half done: got 1 tokens that are used, want 0", "half done: 0 tokens are alive, want 1 to 1"}},
}

func TestAnInspectionReportsEveryHalfOfAChangeInDoubt(t *testing.T) {
	stores(t, func(t *testing.T, o rig.Options) {
		w := newWorld(t, o, len(halves))
		for k, half := range halves {
			e, lost := w.ledger.Entries()[k], errors.New("cut")
			attempt := rig.Attempt{Via: rig.ByPassword, Account: e.Account, Current: e.Password(), New: rig.NewPassword()}
			if half.name == "the token alone" {
				token, answer := w.client.Link(t.Context(), e.Account)
				e.Issued(token, answer)
				attempt.Via, attempt.Token = rig.ByToken, token
			}
			e.Settle([]rig.Attempt{attempt}, []rig.Answer{{Verdict: rig.Unknown, Err: lost}})
			hash, err := w.Hasher.Hash(t.Context(), core.NewPassword(attempt.New))
			if err != nil {
				t.Fatal(err)
			}
			w.execute(e, strings.ReplaceAll(half.statement, "$new", "'"+hash+"'"))
		}
		finding := w.inspect()
		for k, half := range halves {
			expect(t, half.name, finding.Violations, w.ledger.Entries()[k], half.want)
		}
		if finding.Made != 1 || finding.Unmade != len(halves)-1 {
			t.Errorf("got %d made and %d not", finding.Made, finding.Unmade)
		}
	})
}

// What was in doubt is certain once it is inspected, whichever way it went.
func TestAnInspectionSettlesWhatIsInDoubt(t *testing.T) {
	w := newWorld(t, rig.Options{}, 2)
	for k, e := range w.ledger.Entries() {
		attempt := rig.Attempt{Via: rig.ByPassword, Account: e.Account, Current: e.Password(), New: rig.NewPassword()}
		if k == 1 {
			w.client.Do(t.Context(), attempt)
		}
		e.Settle([]rig.Attempt{attempt}, []rig.Answer{{Verdict: rig.Unknown}})
	}
	if w.ledger.Take(func(int) int { return 0 }) != nil {
		t.Error("the ledger gives an account away that something is in doubt of")
	}
	finding := w.inspect()
	if finding.Made != 1 || finding.Unmade != 1 || len(finding.Violations) > 0 {
		t.Errorf("got %+v", finding)
	}
	for _, e := range w.ledger.Entries() {
		if answer := w.change(e, rig.ByAdmin); answer.Verdict != rig.Acknowledged {
			t.Error(answer)
		}
	}
	w.sound()
}
