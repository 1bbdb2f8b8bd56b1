package rig

import (
	"fmt"
	"net/http"
	"sync"
)

// Ledger knows of each account what is certain, and what is in doubt. One
// worker at a time has an entry, and with it the account.
type Ledger struct {
	mu      sync.Mutex
	free    []*Entry
	entries []*Entry
}

func newLedger(entries []*Entry) *Ledger {
	return &Ledger{entries: entries, free: append([]*Entry(nil), entries...)}
}

// Entries returns all entries. Nobody may have taken one meanwhile.
func (l *Ledger) Entries() []*Entry { return l.entries }

// Take gives an entry that nothing is in doubt of to the caller, who brings it
// back, or returns nil if there is none. pick chooses among n.
func (l *Ledger) Take(pick func(n int) int) *Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	var certain []int
	for k, e := range l.free {
		if len(e.doubts) == 0 {
			certain = append(certain, k)
		}
	}
	if len(certain) == 0 {
		return nil
	}
	k := certain[pick(len(certain))]
	e := l.free[k]
	l.free[k] = l.free[len(l.free)-1]
	l.free = l.free[:len(l.free)-1]
	return e
}

// Bring takes an entry back.
func (l *Ledger) Bring(e *Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free = append(l.free, e)
}

// Entry is the ledger's entry of an account.
type Entry struct {
	Account Account

	password string   // the password that is certain, but for the doubts
	past     []string // those before it, oldest first
	spent    []string // tokens that changes have spent
	token    string   // the newest token that was asked for; "" once a change has killed it
	unheard  bool     // another token may be alive, because the answer with it was lost

	changes int // that took effect
	doubts  []Attempt
	touched bool
}

// Password returns the password that is certain.
func (e *Entry) Password() string { return e.password }

// Past returns the passwords before it, oldest first.
func (e *Entry) Past() []string { return e.past }

// Spent returns the tokens that changes have spent.
func (e *Entry) Spent() []string { return e.spent }

// Changes returns how many changes took effect.
func (e *Entry) Changes() int { return e.changes }

// Issued enters what became of asking for a reset token: the token, or that
// there may be one whose text nobody heard.
func (e *Entry) Issued(token string, a Answer) {
	e.touched = true
	if token != "" {
		e.token, e.unheard = token, false
		return
	}
	e.unheard = e.unheard || !a.Certain()
}

// Settle enters the answers to attempts that were sent at the same time with
// the same proof, one that holds, so that one of them at most takes effect. It
// returns what is wrong with them: more than one yes, none at all, or a fault.
func (e *Entry) Settle(attempts []Attempt, answers []Answer) (violations []Violation) {
	var done *Attempt
	var doubts []Attempt
	denied := answers
	e.touched = true
	for k, answer := range answers {
		if answer.Fault != "" {
			violations = append(violations, Violation{Malformed, e.Account, answer.Fault})
		}
		switch {
		case answer.Verdict == Acknowledged && done != nil:
			violations = append(violations, Violation{Doubled, e.Account, fmt.Sprintf("two changes by one proof through %s were acknowledged", attempts[k].Via)})
		case answer.Verdict == Acknowledged:
			done = &attempts[k]
		case !answer.Certain():
			doubts = append(doubts, attempts[k])
		}
		if answer.Verdict != Refused || !answer.Certain() || answer.Status == http.StatusTooManyRequests {
			denied = nil
		}
	}
	if len(denied) > 0 {
		violations = append(violations, Violation{Denied, e.Account, fmt.Sprintf("a proof that holds was refused: %v", denied)})
	}
	if done != nil {
		e.made(*done) // and no other can be: its proof is dead
		return violations
	}
	e.doubts = doubts
	return violations
}

// made enters a change that took effect.
func (e *Entry) made(a Attempt) {
	e.past, e.password = append(e.past, e.password), a.New
	if a.Via == ByToken {
		e.spent = append(e.spent, a.Token)
	}
	e.token, e.unheard, e.doubts = "", false, nil
	e.changes++
}

// Violation is a promise that was seen broken.
type Violation struct {
	Kind    Kind
	Account Account
	What    string
}

// Kind says which promise it is.
type Kind string

// The closed set of kinds.
const (
	Lost      Kind = "lost"      // what was acknowledged does not hold
	HalfDone  Kind = "half done" // the parts of a change do not agree
	Doubled   Kind = "doubled"   // one proof worked twice
	Denied    Kind = "denied"    // a proof that holds was refused
	Malformed Kind = "malformed" // an answer breaks its dialect
)

// String tells the violation in a line.
func (v Violation) String() string {
	return fmt.Sprintf("%s: account %s (%s): %s", v.Kind, v.Account.ID, v.Account.Email, v.What)
}
