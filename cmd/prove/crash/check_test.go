package crash

import (
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"rekey/cmd/prove/rig"
)

// The questions to a server can fail: of each account, a part of what was
// changed is put back as it was before the last change.
func TestQuestionsFindWhatWorksAgain(t *testing.T) {
	r := &run{Options: Options{Store: SQLite, Clients: 1, Progress: io.Discard}, tally: newTally(Options{}), random: rand.New(rand.NewPCG(1, 1))}
	t.Cleanup(func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	})
	if err := r.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	entries := r.ledger.Entries()[:3]
	directory, err := r.installation.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for k, statement := range []string{
		"SELECT ?, ?",
		"UPDATE accounts SET verifier = ? WHERE id = ?",
		"UPDATE reset_tokens SET used_at = CASE ? WHEN '' THEN used_at END WHERE account_id = ?",
	} {
		e := entries[k]
		var before string
		if err := directory.SQL.QueryRowContext(t.Context(), "SELECT verifier FROM accounts WHERE id = ?", e.Account.ID).Scan(&before); err != nil {
			t.Fatal(err)
		}
		r.redeem(t, e)
		if _, err := directory.SQL.ExecContext(t.Context(), statement, before, e.Account.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := directory.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.ask(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	for k, want := range [][]string{
		nil,
		{"lost: the acknowledged password through licensespring", "doubled: an old password through licensespring"},
		{"doubled: a spent token through unleash"},
	} {
		var got []string
		for _, v := range r.violations {
			if v.Account.ID == entries[k].Account.ID {
				got = append(got, string(v.Kind)+": "+v.What)
			}
		}
		for _, w := range want {
			if !strings.Contains(strings.Join(got, "\n"), w) {
				t.Errorf("account %d: got %q, want %q", k, got, w)
			}
		}
		if len(want) == 0 && len(got) > 0 {
			t.Errorf("account %d: got %q", k, got)
		}
	}
}

// redeem changes the account's password by a token.
func (r *run) redeem(t *testing.T, e *rig.Entry) {
	t.Helper()
	client := r.server.Client(rig.Acme)
	defer client.Close()
	token, answer := client.Link(t.Context(), e.Account)
	e.Issued(token, answer)
	attempt := rig.Attempt{Via: rig.ByToken, Account: e.Account, Token: token, New: rig.NewPassword()}
	for _, v := range e.Settle([]rig.Attempt{attempt}, []rig.Answer{client.Do(t.Context(), attempt)}) {
		t.Fatal(v)
	}
}
