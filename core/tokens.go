package core

import (
	"context"
	"encoding/base64"
	"fmt"
)

// tokenBytes is the entropy of a reset token: 256 bits, 43 characters.
const tokenBytes = 32

// IssueToken makes a reset token for the account that l names. It supersedes
// the account's older ones and lives as long as the service's TokenTTL. The
// token is URL-safe without escaping, and only its digest is stored: this is
// the one time that it can be read. by says who asked. NotFound, Disabled.
func (s *Service) IssueToken(ctx context.Context, tenant TenantID, l Locator, by string, o Origin) (Token, ResetToken, error) {
	account, err := s.find(ctx, tenant, l)
	switch {
	case err != nil:
		return Token{}, ResetToken{}, err
	case account.Disabled:
		return Token{}, ResetToken{}, Disabled
	}
	secret, err := s.random(tokenBytes)
	if err != nil {
		return Token{}, ResetToken{}, err
	}
	event, err := s.event(TokenIssued, tenant, account.ID, o)
	if err != nil {
		return Token{}, ResetToken{}, err
	}
	event.Actor = by
	token := NewToken(base64.RawURLEncoding.EncodeToString(secret))
	known := ResetToken{
		Digest: token.Digest(), Tenant: tenant, Account: account.ID,
		IssuedBy: by, IssuedAt: event.At, ExpiresAt: event.At.Add(s.TokenTTL),
	}
	if err := s.Store.CreateToken(ctx, known, event); err != nil {
		return Token{}, ResetToken{}, fmt.Errorf("create token: %w", err)
	}
	return token, known, nil
}

// InspectToken returns what is known of a live token and its account, and
// spends nothing. tenant may be empty, because the token chooses it; if it is
// not, another tenant's token is a bad one. BadToken, UsedToken, NotFound or
// Disabled otherwise; what is known of a token that has died is returned with the
// first two.
func (s *Service) InspectToken(ctx context.Context, tenant TenantID, token Token) (ResetToken, Account, error) {
	known, account, err := s.bear(ctx, tenant, token)
	switch {
	case err != nil:
		return known, Account{}, err
	case account.Disabled:
		return ResetToken{}, Account{}, Disabled
	}
	return known, account, nil
}

// RevokeTokens supersedes the live tokens of the account that l names and
// returns how many there were. NotFound.
func (s *Service) RevokeTokens(ctx context.Context, tenant TenantID, l Locator, by string, o Origin) (int, error) {
	account, err := s.find(ctx, tenant, l)
	if err != nil {
		return 0, err
	}
	event, err := s.event(TokensRevoked, tenant, account.ID, o)
	if err != nil {
		return 0, err
	}
	event.Actor = by
	n, err := s.Store.RevokeTokens(ctx, tenant, account.ID, event)
	if err != nil {
		return 0, fmt.Errorf("revoke tokens: %w", err)
	}
	return n, nil
}

// maxToken bounds what is looked up as a token, in bytes.
const maxToken = 1024

// bear returns the live token and its account. tenant may be empty; if it is
// not, a token of another tenant is a bad one. What is known of a dead token
// is returned with the error, for the audit trail.
func (s *Service) bear(ctx context.Context, tenant TenantID, token Token) (ResetToken, Account, error) {
	if token.IsEmpty() || len(token.Reveal()) > maxToken {
		return ResetToken{}, Account{}, BadToken
	}
	known, err := s.Store.Token(ctx, token.Digest())
	switch {
	case CodeOf(err) == NotFound:
		return ResetToken{}, Account{}, BadToken
	case err != nil:
		return ResetToken{}, Account{}, fmt.Errorf("find token: %w", err)
	case tenant != "" && tenant != known.Tenant:
		return ResetToken{}, Account{}, BadToken
	}
	if err := known.standing(s.Now()); err != nil {
		return known, Account{ID: known.Account}, err
	}
	account, err := s.Store.Account(ctx, known.Tenant, Key{KeyID, string(known.Account)})
	if err != nil {
		return known, Account{}, fmt.Errorf("find the token's account: %w", err)
	}
	return known, account, nil
}
