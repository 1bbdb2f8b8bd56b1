package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// Receipt says what a change did.
type Receipt struct {
	Tenant    TenantID
	Account   AccountID
	ChangedAt time.Time // session tokens issued before it are dead
}

// maxTries bounds how often a change starts over because the account was
// written meanwhile.
const maxTries = 3

// Change gives an account a new password. Its checks run in the order that
// the package promises, and the first that fails decides the code:
//
//   - Invalid: the command is malformed; Fields are "account" or "new_password".
//   - BadToken, UsedToken, NotFound, WrongPassword, WrongFactor: the proof
//     does not hold.
//   - Disabled, WeakPassword (with Violations), ReusedPassword.
//   - Throttled, with RetryAfter: too many attempts failed before this one.
//     It was not judged, so it says nothing, counts for nothing and leaves no
//     event.
//   - Conflict: others kept changing the account. Nothing was changed.
//   - Unavailable, Internal: nothing was judged, and no event is recorded.
//     After a failed commit the change may still have been stored.
//
// Any refusal leaves a reset token and a one-time code alive, but a mailed code
// has one try less.
func (s *Service) Change(ctx context.Context, c Change) (Receipt, error) {
	if s.Endings == nil {
		return s.changing(ctx, c)
	}
	return s.ending(c.Origin.Dialect, func() (Receipt, error) { return s.changing(ctx, c) })
}

func (s *Service) changing(ctx context.Context, c Change) (Receipt, error) {
	if s.Observer == nil {
		return s.change(ctx, c)
	}
	return during(ctx, s.Observer, Changing, func(ctx context.Context) (Receipt, error) { return s.change(ctx, c) })
}

func (s *Service) change(ctx context.Context, c Change) (Receipt, error) {
	begun := attempt{Change: c}
	if err := shape(c); err != nil {
		return Receipt{}, s.refuse(ctx, begun, err)
	}
	ctx, leave, err := s.Hasher.Seat(ctx, verifies(c.Proof))
	if err != nil {
		return Receipt{}, fmt.Errorf("take a seat: %w", err)
	}
	defer leave()
	if err := s.reserve(ctx, &begun); err != nil {
		return Receipt{}, err
	}
	defer begun.wait()
	for try := 1; ; try++ {
		a := begun
		receipt, err := s.try(ctx, &a)
		begun.tried, begun.hash = a.tried, a.hash
		if err == nil {
			return receipt, nil
		}
		// The account was written between the read and the commit. The proof
		// may not hold any more, so all of it is judged again.
		if CodeOf(err) == Conflict && try < maxTries {
			continue
		}
		return Receipt{}, s.refuse(ctx, a, err)
	}
}

// attempt is a change in the making: what is known so far.
type attempt struct {
	Change
	account Account   // zero until it is found
	current *Password // the present password, once it is proven
	token   *Digest   // the reset token, once it is proven

	factor passed      // the one-time code, once it is proven
	tried  *MailedCode // the mailed code that a try was spent on

	hash func() (string, error) // waits for the new verifier; nil if it was not begun

	claim    Claim   // what is counted as a failure until proof holds
	failures int     // in a row by the name that is claimed, this attempt included
	limits   []Limit // what else a failure counts against
	last     bool    // whether it is the last that a stranger may make
	proved   bool

	by      string // who asks on the owner's behalf
	refusal Action // what a refusal is called; PasswordRefused if empty
}

// shape returns what is malformed about the command.
func shape(c Change) error {
	switch {
	case c.Proof == nil:
		return &Error{Code: Internal, Err: errors.New("no proof")}
	case !utf8.ValidString(c.New.Reveal()):
		return &Error{Code: Invalid, Fields: []string{"new_password"}}
	}
	return nil
}

func (s *Service) try(ctx context.Context, a *attempt) (Receipt, error) {
	if a.PolicyFirst {
		if err := s.judge(a.New); err != nil {
			return Receipt{}, err
		}
	}
	if verifies(a.Proof) && s.CheckPolicy(a.New) == nil {
		s.hashAhead(ctx, a)
	}
	if err := s.prove(ctx, a); err != nil {
		return Receipt{}, err
	}
	a.proved = true
	if a.account.Disabled {
		return Receipt{}, Disabled
	}
	if err := s.judge(a.New, ownNames(a.account)...); err != nil {
		return Receipt{}, err
	}
	if s.History > 0 {
		s.hashAhead(ctx, a)
	}
	salt, remember, err := s.reuse(ctx, a)
	if err != nil {
		return Receipt{}, err
	}
	verifier, err := s.verifier(ctx, a)
	if err != nil {
		return Receipt{}, fmt.Errorf("hash: %w", err)
	}
	return s.commit(ctx, a, verifier, salt, remember)
}

// commit writes the change.
func (s *Service) commit(ctx context.Context, a *attempt, verifier string, salt []byte, remember *string) (Receipt, error) {
	event, err := s.event(PasswordChanged, a.account.Tenant, a.account.ID, a.Origin)
	if err != nil {
		return Receipt{}, err
	}
	event.Proof, event.Actor = a.Proof.Kind(), a.actor()
	m := Mutation{
		Tenant: a.account.Tenant, Account: a.account.ID, Revision: a.account.Revision,
		Verifier: verifier, HistorySalt: salt, KeepHistory: s.History,
		Token: a.token, ChangedAt: event.At, TokensValidAfter: event.At, Event: event,
		FactorStep: a.factor.step, Code: a.factor.code, Proven: s.proven(a.account, a.Origin, event.At),
	}
	if remember != nil {
		m.Remember = &HistoryEntry{Hash: *remember, SetAt: event.At}
	}
	if s.Notices && a.account.Email != "" {
		notice, err := s.message(MailChangedNotice, event)
		if err != nil {
			return Receipt{}, err
		}
		m.Messages = append(m.Messages, notice)
	}
	if err := s.tellChange(&m, a.account); err != nil {
		return Receipt{}, err
	}
	if err := s.Store.Apply(ctx, m); err != nil {
		return Receipt{}, fmt.Errorf("commit: %w", err)
	}
	return Receipt{Tenant: m.Tenant, Account: m.Account, ChangedAt: m.ChangedAt}, nil
}

// refuse records the refusal and returns its error.
func (s *Service) refuse(ctx context.Context, a attempt, refusal error) error {
	code := CodeOf(refusal)
	if unjudged := code == WeakPassword && !a.proved; unjudged || code == Unavailable || code == Internal || code == Conflict {
		s.release(ctx, &a)
	}
	if code == Unavailable || code == Internal {
		return refusal
	}
	event, err := s.event(cmp.Or(a.refusal, PasswordRefused), a.Tenant, a.account.ID, a.Origin)
	if err != nil {
		return err
	}
	event.Proof, event.Outcome, event.Actor = a.Proof.Kind(), code, a.actor()
	if err := s.settle(ctx, &a, event); err != nil {
		return err
	}
	return refusal
}

// actor names the administrator, or who asks for the owner, if there is one.
func (a *attempt) actor() string {
	if proof, ok := a.Proof.(Authority); ok {
		return proof.Admin.String()
	}
	return a.by
}
