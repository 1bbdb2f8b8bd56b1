package core

import (
	"maps"
	"slices"
)

// plan is what an import is about to write.
type plan struct {
	service      *Service
	mergeByEmail bool
	byKey        map[Key]*seat
	moved        []*seat // in the order in which they were
}

// seat is an account, or one that is to be.
type seat struct {
	Account
	was   int64 // its revision; 0 if it is new
	had   []Key // what it answered to before
	moves bool
	ends  bool
}

func (p *plan) seat(s *seat) {
	for _, key := range namesOf(s.Account) {
		p.byKey[key] = s
	}
}

func (p *plan) move(s *seat) {
	if p.seat(s); !s.moves {
		s.moves = true
		p.moved = append(p.moved, s)
	}
}

// place finds the record's account, or makes it.
func (p *plan) place(r Account) (Verdict, error) {
	var found *seat
	shared := KeyLogin
	for _, key := range namesOf(r) {
		s := p.byKey[key]
		switch {
		case s == nil:
		case found != nil && found != s:
			return refusedBy(found, Ambiguous, key.Kind), nil
		default:
			found, shared = s, key.Kind
		}
	}
	switch {
	case found == nil:
		return p.add(r)
	case !p.isRecordOf(found, r):
		return refusedBy(found, TakenName, shared), nil
	}
	return p.join(found, r), nil
}

func refusedBy(s *seat, why Reason, field string) Verdict {
	return Verdict{Fate: Refused, Refusal: Refusal{Reason: why, Field: field, Other: s.ID}}
}

func (p *plan) add(r Account) (Verdict, error) {
	now := p.service.present()
	if r.ID == "" {
		id, err := p.service.newID(now)
		if err != nil {
			return Verdict{}, err
		}
		r.ID = AccountID(id)
	}
	if r.CreatedAt.IsZero() {
		r.CreatedAt = now
	}
	r.Revision = 1
	p.move(&seat{Account: r})
	return Verdict{Fate: Added, Account: r.ID}, nil
}

// isRecordOf reports whether the record is of the account that shares a name
// with it: by an id of its own, by having no name that the account has not, or
// by its e-mail address where that is asked for.
func (p *plan) isRecordOf(s *seat, r Account) bool {
	strange := false
	for _, key := range namesOf(r) {
		switch mine := p.byKey[key] == s; {
		case mine && key.Kind != KeyLogin:
			return true
		case !mine:
			strange = true
		}
	}
	return !strange || p.mergeByEmail && r.Email != "" && Fold(r.Email) == Fold(s.Email)
}

// join adds to the account what the record has and it lacks. What both have
// must be the same, but for names to display, attributes and passwords: there
// the account's stays, or the newer password wins.
func (p *plan) join(s *seat, r Account) Verdict {
	a := s.Account
	if field := differing(a, r); field != "" {
		return refusedBy(s, Differs, field)
	}
	a.Attributes, a.ExternalIDs = union(a.Attributes, r.Attributes), union(a.ExternalIDs, r.ExternalIDs)
	if a.Username == "" && Fold(r.Username) != Fold(a.Email) {
		a.Username = r.Username
	}
	if a.Email == "" {
		a.Email = r.Email
	}
	if a.Name == "" {
		a.Name = r.Name
	}
	a.Disabled = a.Disabled || r.Disabled
	verdict := Verdict{Fate: Unchanged, Account: a.ID}
	switch {
	case r.Verifier == "" || r.Verifier == a.Verifier:
	case a.Verifier == "" || !a.PasswordChangedAt.IsZero() && a.PasswordChangedAt.Before(r.PasswordChangedAt):
		a.Verifier, a.PasswordChangedAt = r.Verifier, r.PasswordChangedAt
	default:
		verdict.Fate, verdict.Refusal = Kept, Refusal{Reason: Newer, Field: "hash", Other: a.ID}
	}
	if r.Factor != nil && (a.Factor == nil || a.Factor.Sealed != r.Factor.Sealed) {
		verdict.Fate, verdict.Refusal = Kept, Refusal{Reason: Enrolled, Field: "factor", Other: a.ID}
	}
	if p.amend(s, a) {
		verdict.Fate = Merged
	}
	return verdict
}

// differing returns the first name in which the record contradicts the account.
func differing(a, r Account) string {
	has := func(login string) bool { return login == "" || slices.Contains(a.Keys(), Key{KeyLogin, Fold(login)}) }
	switch {
	case r.ID != "" && r.ID != a.ID:
		return KeyID
	case a.Username != "" && !has(r.Username):
		return "username"
	case a.Email != "" && r.Email != "" && Fold(r.Email) != Fold(a.Email):
		return "email"
	}
	for _, kind := range slices.Sorted(maps.Keys(r.ExternalIDs)) {
		if id, ok := a.ExternalIDs[kind]; ok && id != r.ExternalIDs[kind] {
			return kind
		}
	}
	return ""
}

// union returns a with what b has and a lacks.
func union(a, b map[string]string) map[string]string {
	both := maps.Clone(b)
	if both == nil {
		return a
	}
	maps.Copy(both, a)
	return both
}

// amend makes the account what it is to be, and reports whether that is new.
func (p *plan) amend(s *seat, a Account) bool {
	old := s.Account
	rekeyed, disabled := old.Verifier != a.Verifier, old.Disabled != a.Disabled
	if !rekeyed && !disabled && old.Username == a.Username && old.Email == a.Email && old.Name == a.Name &&
		maps.Equal(old.Attributes, a.Attributes) && maps.Equal(old.ExternalIDs, a.ExternalIDs) {
		return false
	}
	if rekeyed && a.TokensValidAfter.Before(a.PasswordChangedAt) {
		a.TokensValidAfter = a.PasswordChangedAt
	}
	if now := p.service.present(); disabled && a.TokensValidAfter.Before(now) {
		a.TokensValidAfter = now
	}
	s.Account, s.ends = a, s.ends || s.was > 0 && (rekeyed && old.Verifier != "" || disabled)
	p.move(s)
	return true
}

// arrivals returns what is to be written, each with an event, and begins anew.
func (p *plan) arrivals(i *Importer) ([]Arrival, error) {
	all := make([]Arrival, 0, len(p.moved))
	for _, s := range p.moved {
		event, err := p.service.event(AccountImported, s.Tenant, s.ID, i.Origin)
		if err != nil {
			return nil, err
		}
		arrival := Arrival{Account: s.Account, Was: s.was, Ends: s.ends, Event: event}
		if s.was > 0 {
			arrival.Account.Revision = s.was + 1
			arrival.Keys = slices.DeleteFunc(s.Keys(), func(k Key) bool { return slices.Contains(s.had, k) })
		}
		s.moves = false
		all = append(all, arrival)
	}
	p.moved = nil
	return all, nil
}
