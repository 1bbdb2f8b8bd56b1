package core

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// NewAccount is what an account starts with. It needs a username or an e-mail
// address.
type NewAccount struct {
	Tenant      TenantID
	Username    string
	Email       string
	Name        string
	ExternalIDs map[string]string
	Attributes  map[string]string
	Password    *Password // nil for an account whose first password comes by a reset token

	// Hash is a hash of the password that another system made, in place of
	// Password; empty if there is none. It is as old as ChangedAt says, or new
	// if that is zero, and so are the sessions that live on.
	Hash      Secret
	ChangedAt time.Time

	By string // who adds it, for the audit trail
}

var (
	tenantPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
	kindPattern   = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

	// An attribute belongs to a dialect: "unleash.role".
	attributePattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}\.[a-z][a-z0-9_-]{0,31}$`)
)

// Valid reports whether t may name a tenant.
func (t TenantID) Valid() bool { return tenantPattern.MatchString(string(t)) }

// faults returns the names of the fields that no account can have.
func (n NewAccount) faults() []string {
	var fields []string
	fault := func(field string, yes bool) {
		if yes {
			fields = append(fields, field)
		}
	}
	local, domain, at := strings.Cut(n.Email, "@")
	fault("tenant", !n.Tenant.Valid())
	fault("username", n.Username == "" && n.Email == "" || n.Username != "" && (!plausible(n.Username) || !legible(n.Username)))
	fault("email", n.Email != "" && (!plausible(n.Email) || !legible(n.Email) || !at || local == "" || domain == ""))
	fault("name", n.Name != "" && !plausible(n.Name))
	fault("hash", n.Password != nil && !n.Hash.IsEmpty())
	fault("password_changed_at", !n.ChangedAt.IsZero() && n.Hash.IsEmpty())
	fault("password", n.Password != nil && !utf8.ValidString(n.Password.Reveal()))
	for _, kind := range slices.Sorted(maps.Keys(n.ExternalIDs)) {
		fault(kind, !validExternal(Key{kind, n.ExternalIDs[kind]}))
	}
	for _, name := range slices.Sorted(maps.Keys(n.Attributes)) {
		fault(name, !attributePattern.MatchString(name) || !plausible(n.Attributes[name]))
	}
	return fields
}

func validExternal(key Key) bool {
	return kindPattern.MatchString(key.Kind) && key.Kind != KeyID && key.Kind != KeyLogin && plausible(key.Value)
}

// CreateAccount adds an account to the directory. Invalid with the Fields at
// fault, WeakPassword, or Conflict with the kind of key that is taken.
func (s *Service) CreateAccount(ctx context.Context, n NewAccount, o Origin) (Account, error) {
	if fields := n.faults(); len(fields) > 0 {
		return Account{}, &Error{Code: Invalid, Fields: fields}
	}
	now := s.present()
	id, err := s.newID(now)
	if err != nil {
		return Account{}, err
	}
	account := Account{
		ID: AccountID(id), Tenant: n.Tenant, Username: n.Username, Email: n.Email, Name: n.Name,
		ExternalIDs: n.ExternalIDs, Attributes: n.Attributes, Revision: 1, CreatedAt: now,
	}
	if err := s.arm(ctx, &account, n); err != nil {
		return Account{}, err
	}
	event, err := s.event(AccountCreated, account.Tenant, account.ID, o)
	if err != nil {
		return Account{}, err
	}
	event.Actor = n.By
	if err := s.Store.CreateAccount(ctx, account, event); err != nil {
		return Account{}, fmt.Errorf("create account: %w", err)
	}
	return account, nil
}

// arm gives the account the password that it starts with, if it has one.
func (s *Service) arm(ctx context.Context, account *Account, n NewAccount) (err error) {
	switch {
	case n.Password != nil:
		return s.firstPassword(ctx, account, *n.Password)
	case n.Hash.IsEmpty():
		return nil
	case n.ChangedAt.After(account.CreatedAt):
		return &Error{Code: Invalid, Fields: []string{"password_changed_at"}}
	}
	if account.Verifier, err = s.Hasher.Recognise(n.Hash); err != nil {
		return err
	}
	account.PasswordChangedAt = n.ChangedAt.UTC().Truncate(time.Microsecond)
	if n.ChangedAt.IsZero() {
		account.PasswordChangedAt = account.CreatedAt
	}
	account.TokensValidAfter = account.PasswordChangedAt
	return nil
}

// firstPassword judges p by the rules of a change and puts it into the account.
func (s *Service) firstPassword(ctx context.Context, account *Account, p Password) (err error) {
	if err := s.judge(p, ownNames(*account)...); err != nil {
		return err
	}
	salt, remember, err := s.reuse(ctx, &attempt{Change: Change{New: p}})
	if err != nil {
		return err
	}
	if account.Verifier, err = s.Hasher.Hash(ctx, p); err != nil {
		return fmt.Errorf("hash: %w", err)
	}
	account.HistorySalt = salt
	account.PasswordChangedAt, account.TokensValidAfter = account.CreatedAt, account.CreatedAt
	if remember != nil {
		account.History = []HistoryEntry{{Hash: *remember, SetAt: account.CreatedAt}}
	}
	return nil
}
