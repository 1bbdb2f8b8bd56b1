package core

import (
	"slices"
	"time"
)

// admit returns the record as an account that can be, with its hash in the form
// that is kept, or why it cannot.
func (i *Importer) admit(a Account) (Account, Refusal) {
	fresh := NewAccount{
		Tenant: a.Tenant, Username: a.Username, Email: a.Email, Name: a.Name, ExternalIDs: a.ExternalIDs, Attributes: a.Attributes,
	}
	if fields := fresh.faults(); len(fields) > 0 {
		return a, Refusal{Reason: Malformed, Field: fields[0]}
	}
	if field := i.oddity(a); field != "" {
		return a, Refusal{Reason: Malformed, Field: field}
	}
	if a.Verifier != "" {
		canonical, err := i.Hashes.Canonical(a.Verifier)
		if err != nil {
			return a, Refusal{Reason: UnusableHash, Field: "hash", Err: err}
		}
		a.Verifier = canonical
	}
	for _, h := range a.History {
		if err := i.Hashes.Remembered(h.Hash, a.HistorySalt); err != nil {
			return a, Refusal{Reason: UnusableHash, Field: "history", Err: err}
		}
	}
	if a.TokensValidAfter.Before(a.PasswordChangedAt) {
		a.TokensValidAfter = a.PasswordChangedAt // sessions of older passwords are dead
	}
	return a, Refusal{}
}

// maxHistory bounds the entries of an imported history.
const maxHistory = 100

// oddity returns the field of the record that no account can have, beside those
// of a [NewAccount]; "" if there is none.
func (i *Importer) oddity(a Account) string {
	now := i.Service.present()
	age := func(x, y HistoryEntry) int { return y.SetAt.Compare(x.SetAt) }
	switch {
	case a.ID != "" && (!plausible(string(a.ID)) || !legible(string(a.ID)) || len(a.ID) > 64):
		return "id"
	case !happened(a.PasswordChangedAt, now) || a.Verifier == "" && !a.PasswordChangedAt.IsZero():
		return "password_changed_at"
	case !happened(a.TokensValidAfter, now):
		return "tokens_valid_after"
	case !happened(a.CreatedAt, now):
		return "created_at"
	case len(a.History) > maxHistory || !slices.IsSortedFunc(a.History, age) || len(a.History) > 0 && len(a.HistorySalt) == 0:
		return "history"
	case a.Factor != nil && (a.ID == "" || !plausible(a.Factor.Sealed)): // it is sealed for the id
		return "factor"
	}
	return ""
}

// happened reports whether t, if it is known, can be a time that was: clocks may
// be a little ahead.
func happened(t, now time.Time) bool {
	return t.IsZero() || t.Year() >= 1970 && t.Before(now.Add(time.Hour))
}

// namesOf returns all that the account answers to, its id included.
func namesOf(a Account) []Key {
	keys := a.Keys()
	if a.ID != "" {
		keys = append(keys, Key{KeyID, string(a.ID)})
	}
	return keys
}
