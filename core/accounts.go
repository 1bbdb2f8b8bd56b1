package core

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
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
	if n.Password != nil {
		if err := s.firstPassword(ctx, &account, *n.Password); err != nil {
			return Account{}, err
		}
	}
	event, err := s.event(AccountCreated, account.Tenant, account.ID, o)
	if err != nil {
		return Account{}, err
	}
	if err := s.Store.CreateAccount(ctx, account, event); err != nil {
		return Account{}, fmt.Errorf("create account: %w", err)
	}
	return account, nil
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

// Account returns the account that l names. NotFound.
func (s *Service) Account(ctx context.Context, tenant TenantID, l Locator) (Account, error) {
	return s.find(ctx, tenant, l)
}

// Accounts returns up to limit accounts of the tenant, without history, in the
// order of their ids, beginning after the id after.
func (s *Service) Accounts(ctx context.Context, tenant TenantID, after AccountID, limit int) ([]Account, error) {
	return s.Store.Accounts(ctx, tenant, after, limit)
}

// SetDisabled disables or enables the account that l names. Disabling ends its
// sessions and its live reset tokens. NotFound.
func (s *Service) SetDisabled(ctx context.Context, tenant TenantID, l Locator, disabled bool, o Origin) (Account, error) {
	action := AccountEnabled
	if disabled {
		action = AccountDisabled
	}
	return s.amend(ctx, tenant, l, action, o, func(a *Account, e Event) error {
		if a.Disabled = disabled; disabled && a.TokensValidAfter.Before(e.At) {
			a.TokensValidAfter = e.At
		}
		return s.Store.SetDisabled(ctx, tenant, a.ID, disabled, e)
	})
}

// SetExternalID gives the account that l names the external id key; an empty
// value takes it away. Invalid, NotFound, or Conflict if another account of
// the tenant has it.
func (s *Service) SetExternalID(ctx context.Context, tenant TenantID, l Locator, key Key, o Origin) (Account, error) {
	probe := key
	if probe.Value == "" {
		probe.Value = "none"
	}
	if !validExternal(probe) {
		return Account{}, &Error{Code: Invalid, Fields: []string{key.Kind}}
	}
	return s.amend(ctx, tenant, l, ExternalIDSet, o, func(a *Account, e Event) error {
		ids := map[string]string{}
		maps.Copy(ids, a.ExternalIDs)
		if ids[key.Kind] = key.Value; key.Value == "" {
			delete(ids, key.Kind)
		}
		a.ExternalIDs = ids
		return s.Store.SetExternalID(ctx, tenant, a.ID, key, e)
	})
}

// amend writes to the account that l names and returns it as it is then. It
// does not read it back: what failed after the write would look undone.
func (s *Service) amend(
	ctx context.Context, tenant TenantID, l Locator, action Action, o Origin, write func(*Account, Event) error,
) (Account, error) {
	account, err := s.find(ctx, tenant, l)
	if err != nil {
		return Account{}, err
	}
	event, err := s.event(action, tenant, account.ID, o)
	if err != nil {
		return Account{}, err
	}
	if err := write(&account, event); err != nil {
		return Account{}, fmt.Errorf("%s: %w", action, err)
	}
	account.Revision++
	return account, nil
}
