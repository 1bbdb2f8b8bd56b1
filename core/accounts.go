package core

import (
	"context"
	"fmt"
	"maps"
)

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
func (s *Service) SetDisabled(ctx context.Context, tenant TenantID, l Locator, disabled bool, by string, o Origin) (Account, error) {
	action := AccountEnabled
	if disabled {
		action = AccountDisabled
	}
	return s.amend(ctx, tenant, l, action, by, o, func(a *Account, e Event) error {
		if a.Disabled = disabled; disabled && a.TokensValidAfter.Before(e.At) {
			a.TokensValidAfter = e.At
		}
		return s.Store.SetDisabled(ctx, tenant, a.ID, disabled, e)
	})
}

// SetExternalID gives the account that l names the external id key; an empty
// value takes it away. Invalid, NotFound, or Conflict if another account of
// the tenant has it.
func (s *Service) SetExternalID(ctx context.Context, tenant TenantID, l Locator, key Key, by string, o Origin) (Account, error) {
	probe := key
	if probe.Value == "" {
		probe.Value = "none"
	}
	if !validExternal(probe) {
		return Account{}, &Error{Code: Invalid, Fields: []string{key.Kind}}
	}
	return s.amend(ctx, tenant, l, ExternalIDSet, by, o, func(a *Account, e Event) error {
		ids := map[string]string{}
		maps.Copy(ids, a.ExternalIDs)
		if ids[key.Kind] = key.Value; key.Value == "" {
			delete(ids, key.Kind)
		}
		a.ExternalIDs = ids
		return s.Store.SetExternalID(ctx, tenant, a.ID, key, e)
	})
}

// EndSessions ends all sessions of the account that l names: it moves
// TokensValidAfter to now. NotFound.
func (s *Service) EndSessions(ctx context.Context, tenant TenantID, l Locator, by string, o Origin) (Account, error) {
	return s.amend(ctx, tenant, l, SessionsEnded, by, o, func(a *Account, e Event) error {
		if a.TokensValidAfter.Before(e.At) {
			a.TokensValidAfter = e.At
		}
		return s.Store.EndSessions(ctx, tenant, a.ID, e)
	})
}

// amend writes to the account that l names and returns it as it is then. It
// does not read it back: what failed after the write would look undone.
func (s *Service) amend(
	ctx context.Context, tenant TenantID, l Locator, action Action, by string, o Origin, write func(*Account, Event) error,
) (Account, error) {
	account, err := s.find(ctx, tenant, l)
	if err != nil {
		return Account{}, err
	}
	event, err := s.event(action, tenant, account.ID, o)
	if err != nil {
		return Account{}, err
	}
	event.Actor = by
	if err := write(&account, event); err != nil {
		return Account{}, fmt.Errorf("%s: %w", action, err)
	}
	account.Revision++
	return account, nil
}
