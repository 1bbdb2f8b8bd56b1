package core

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// Importer brings accounts that other systems, or an export, have into the
// directory. It may be used by several callers at once whose records have no
// name in common, but for a dry run.
type Importer struct {
	Service *Service
	Intake  Intake
	Hashes  Hashes
	Origin  Origin

	// MergeByEmail joins a record with the account that has its e-mail address;
	// without it, only with the account that its own names lead to.
	MergeByEmail bool

	// DryRun judges and writes nothing. What it would have written is kept in
	// memory, so that later records are judged by it.
	DryRun bool

	supposed map[TenantID]*plan // what a dry run would have written
}

// Verdict says what became of one record.
type Verdict struct {
	Fate    Intent
	Account AccountID // that the record is, or is to be; "" if it was refused
	Refusal Refusal   // why; zero unless it was refused, or something of it was left out
}

// Intent is what an import does with a record.
type Intent string

// The closed set of intents.
const (
	Added     Intent = "added"     // a new account
	Merged    Intent = "merged"    // something was added to an account that there was
	Unchanged Intent = "unchanged" // all of it is there
	Kept      Intent = "kept"      // it is there, but the account kept another password or factor than the record's
	Refused   Intent = "refused"
)

// Intents returns all intents, in the order of their declaration.
func Intents() []Intent { return []Intent{Added, Merged, Unchanged, Kept, Refused} }

// Refusal says why a record, or a part of it, was not taken.
type Refusal struct {
	Reason Reason
	Field  string    // that it is about
	Other  AccountID // that is in the way; "" if none is
	Err    error     // what is wrong with a hash; tells nothing of it
}

// Reason is a kind of refusal.
type Reason string

// The closed set of reasons.
const (
	Malformed    Reason = "malformed"     // no account can have such a Field
	UnusableHash Reason = "unusable_hash" // Err says why
	TakenName    Reason = "taken"         // Other has the name in Field, and is not the record's account
	Ambiguous    Reason = "ambiguous"     // the record's names belong to two accounts, of which Other is one
	Differs      Reason = "differs"       // the record's account, Other, has another value in Field
	Newer        Reason = "newer"         // Other's password is newer, or nobody knows which is
	Enrolled     Reason = "enrolled"      // Other keeps its own second factor
)

// Reasons returns all reasons, in the order of their declaration.
func Reasons() []Reason {
	return []Reason{Malformed, UnusableHash, TakenName, Ambiguous, Differs, Newer, Enrolled}
}

// Import judges the records of one tenant in their order and writes what is to
// be written in one commit, each account whole. It returns a verdict for each.
// To import a record again changes nothing. The Verifier of a record may have
// any spelling that Hashes knows; its Revision means nothing.
func (i *Importer) Import(ctx context.Context, tenant TenantID, records []Account) ([]Verdict, error) {
	for try := 1; ; try++ {
		verdicts, err := i.try(ctx, tenant, records)
		switch {
		case CodeOf(err) != Conflict || err == nil:
			return verdicts, err
		case try >= maxTries && len(records) == 1:
			return []Verdict{{Fate: Refused, Refusal: Refusal{Reason: TakenName, Field: conflicting(err)}}}, nil
		case try >= maxTries:
			return i.oneByOne(ctx, tenant, records)
		}
	}
}

// oneByOne finds out which of the records is in a conflict that stays: its id
// may be another tenant's.
func (i *Importer) oneByOne(ctx context.Context, tenant TenantID, records []Account) (verdicts []Verdict, err error) {
	for _, r := range records {
		v, err := i.Import(ctx, tenant, []Account{r})
		if err != nil {
			return nil, err
		}
		verdicts = append(verdicts, v...)
	}
	return verdicts, nil
}

func conflicting(err error) string {
	if fields := AsError(err).Fields; len(fields) > 0 {
		return fields[0]
	}
	return KeyLogin
}

// try judges the records by what is stored now, and commits.
func (i *Importer) try(ctx context.Context, tenant TenantID, records []Account) ([]Verdict, error) {
	verdicts := make([]Verdict, len(records))
	judged := make([]Account, len(records))
	keys := map[Key]bool{}
	for n, r := range records {
		r.Tenant = tenant
		var refusal Refusal
		if judged[n], refusal = i.admit(r); refusal.Reason != "" {
			verdicts[n] = Verdict{Fate: Refused, Refusal: refusal}
			continue
		}
		for _, key := range namesOf(judged[n]) {
			keys[key] = true
		}
	}
	p, err := i.plan(ctx, tenant, slices.Collect(maps.Keys(keys)))
	if err != nil {
		return nil, err
	}
	for n, r := range judged {
		if verdicts[n].Fate == "" {
			if verdicts[n], err = p.place(r); err != nil {
				return nil, err
			}
		}
	}
	arrivals, err := p.arrivals(i)
	if err != nil || len(arrivals) == 0 || i.DryRun {
		return verdicts, err
	}
	if err := i.Intake.Import(ctx, tenant, arrivals); err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	return verdicts, nil
}

// plan begins with the accounts that the keys name. Of a dry run, those that
// it has not written come first.
func (i *Importer) plan(ctx context.Context, tenant TenantID, keys []Key) (*plan, error) {
	p := i.supposed[tenant]
	if p == nil {
		p = &plan{service: i.Service, mergeByEmail: i.MergeByEmail, byKey: map[Key]*seat{}}
	}
	if i.DryRun {
		if i.supposed == nil {
			i.supposed = map[TenantID]*plan{}
		}
		i.supposed[tenant] = p
	}
	known, err := i.Intake.Named(ctx, tenant, keys)
	if err != nil {
		return nil, fmt.Errorf("look up: %w", err)
	}
	for _, a := range known {
		if p.byKey[Key{KeyID, string(a.ID)}] == nil {
			p.seat(&seat{Account: a, was: a.Revision, had: namesOf(a)})
		}
	}
	return p, nil
}
