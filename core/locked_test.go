package core_test

import (
	"testing"
	"time"

	"rekey/core"
)

// The owner is told of guesses once they are stopped, and who guesses learns
// nothing: the same is written for a name that nobody has.
func TestTheOwnerIsToldOfGuessesThatWereStopped(t *testing.T) {
	for name, c := range map[string]struct {
		given func(*world) core.Locator
		want  core.Topic // "" for none
	}{
		"an owner":         {func(*world) core.Locator { return ada }, core.MailLockedNotice},
		"by another name":  {func(*world) core.Locator { return core.Locator{Login: "ADA.LOVELACE@acme.example"} }, core.MailLockedNotice},
		"nobody":           {func(*world) core.Locator { return core.Locator{Login: "nobody"} }, core.Void},
		"no possible name": {func(*world) core.Locator { return core.Locator{Login: "a\x00b"} }, core.Void},
		"a disabled owner": {func(w *world) core.Locator { w.disable(true); return ada }, core.Void},
		"without address": {func(w *world) core.Locator {
			w.create(core.NewAccount{Tenant: acme, Username: "alan"})
			return core.Locator{Login: "alan"}
		}, core.Void},
		"notices are off":   {func(w *world) core.Locator { w.Notices = false; return ada }, ""},
		"nothing is mailed": {func(w *world) core.Locator { w.Notices, w.Outbox = false, nil; return core.Locator{Login: "nobody"} }, ""},
	} {
		w, l := postal(t)
		w.guard()
		w.Notices = true
		owner := w.account(correct)
		account := c.given(w)
		for n := range strict.Stop - strict.Kept {
			if got := w.posted(l); len(got) > 0 {
				t.Errorf("%s: after %d failures %v is posted", name, n, got)
			}
			_ = w.attempt(100+n, core.Knowledge{Account: account, Current: core.NewPassword(wrong)}, fresh)
			w.now = w.now.Add(time.Minute)
		}
		code(t, w.attempt(200, core.Knowledge{Account: account}, fresh), core.Throttled, name)
		got := w.posted(l)
		if c.want == "" && len(got) == 0 {
			continue
		}
		if len(got) != 1 || got[0].Topic != c.want || (got[0].Account == owner.ID) != (c.want == core.MailLockedNotice) || got[0].Facts["addr"] != "192.0.2.105" {
			t.Errorf("%s: got %+v, want one %s", name, got, c.want)
		}
	}
}

// posted returns what lies in the outbox.
func (w *world) posted(l *ledger) []core.Message {
	w.t.Helper()
	messages, err := l.Claim(w.t.Context(), w.now.Add(time.Hour), w.now, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	return messages
}

// Who has an account's attention may go on, and nobody is told twice.
func TestTheOwnerIsToldOnceForEachLock(t *testing.T) {
	w, l := postal(t)
	w.guard()
	w.account(correct)
	code(t, w.attempt(1, knows(correct), fresh), "", "the owner, at home")
	w.Notices = true
	for round := 1; round <= 2; round++ {
		w.lock()
		for range strict.Kept {
			w.now = w.now.Add(time.Minute)
			code(t, w.attempt(1, knows(wrong), fresh), core.WrongPassword, "a known client goes on")
		}
		if got := w.posted(l); len(got) != round {
			t.Errorf("after lock %d: %v", round, got)
		}
		w.must0(second(w.Unlock(t.Context(), acme, ada, "operator", origin)))
	}
}
