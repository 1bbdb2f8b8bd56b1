package core

import (
	"context"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// AccessKey is a program's credential for the management of one tenant. Its
// bearer has the secret, of which only the [Digest] is stored.
type AccessKey struct {
	Tenant     TenantID
	Name       string // given once in a tenant and never again, because the audit trail names the key by it
	Digest     Digest
	Scopes     []Scope // sorted, each once
	CreatedBy  string
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero if it does not
	LastUsedAt time.Time // roughly: up to [usedRoughly] too early; zero if it never was
	RevokedAt  time.Time // zero until it is
}

// Scope is something that an access key may do.
type Scope string

// The closed set of scopes.
const (
	AccountsRead     Scope = "accounts:read"
	AccountsWrite    Scope = "accounts:write"
	TokensIssue      Scope = "tokens:issue"
	VerifyScope      Scope = "verify"
	AuditRead        Scope = "audit:read"
	WebhooksRead     Scope = "webhooks:read"
	WebhooksWrite    Scope = "webhooks:write"
	InstallationRead Scope = "installation:read" // of what is no tenant's alone
)

// Scopes returns all scopes, in the order of their declaration.
func Scopes() []Scope {
	return []Scope{
		AccountsRead, AccountsWrite, TokensIssue, VerifyScope, AuditRead, WebhooksRead, WebhooksWrite, InstallationRead,
	}
}

// AccessKeys remembers access keys. Errors are classified as a [Store]'s are.
type AccessKeys interface {
	// CreateAccessKey stores a new key and the event. Conflict over "name" if
	// the tenant ever had one of that name.
	CreateAccessKey(ctx context.Context, k AccessKey, e Event) error

	// AccessKey returns the key with the digest, dead or alive. It has no
	// tenant, because the key chooses it. NotFound.
	AccessKey(ctx context.Context, digest Digest) (AccessKey, error)

	// AccessKeys returns up to limit keys of the tenant, dead or alive, in the
	// order of their names, beginning after the name after.
	AccessKeys(ctx context.Context, tenant TenantID, after string, limit int) ([]AccessKey, error)

	// RevokeAccessKey ends a key at e.At, forgets its sessions and stores the
	// event. NotFound if the tenant has no such key that is not revoked.
	RevokeAccessKey(ctx context.Context, tenant TenantID, name string, e Event) error

	// UseAccessKey notes that the key was used. It is no error if it is gone.
	UseAccessKey(ctx context.Context, digest Digest, at time.Time) error
}

// May reports whether the key has the scope.
func (k AccessKey) May(scope Scope) bool { return slices.Contains(k.Scopes, scope) }

// Actor names the key in the audit trail.
func (k AccessKey) Actor() string { return "key:" + k.Name }

// dead reports whether the key opens nothing at now.
func (k AccessKey) dead(now time.Time) bool {
	return !k.RevokedAt.IsZero() || !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt)
}

// NewAccessKey is what an access key is made of.
type NewAccessKey struct {
	Tenant   TenantID
	Name     string
	Scopes   []Scope
	Lifetime time.Duration // 0 for ever
}

// secretMark begins every access key, so that scanners of source code and logs
// recognise one.
const secretMark = "rekey_"

var accessKeyName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// AddAccessKey makes an access key and returns its secret: this is the one time
// that it can be read. Invalid with the Fields at fault, Conflict over "name".
func (s *Service) AddAccessKey(ctx context.Context, n NewAccessKey, by string, o Origin) (Secret, AccessKey, error) {
	if fields := n.faults(); len(fields) > 0 {
		return Secret{}, AccessKey{}, &Error{Code: Invalid, Fields: fields}
	}
	random, err := s.random(tokenBytes)
	if err != nil {
		return Secret{}, AccessKey{}, err
	}
	event, err := s.keyEvent(AccessKeyAdded, n.Tenant, n.Name, by, o)
	if err != nil {
		return Secret{}, AccessKey{}, err
	}
	secret := NewToken(secretMark + base64.RawURLEncoding.EncodeToString(random))
	k := AccessKey{
		Tenant: n.Tenant, Name: n.Name, Digest: secret.Digest(), CreatedBy: by, CreatedAt: event.At,
		Scopes: slices.Compact(slices.Sorted(slices.Values(n.Scopes))),
	}
	if n.Lifetime > 0 {
		k.ExpiresAt = event.At.Add(n.Lifetime)
	}
	if err := s.AccessKeys.CreateAccessKey(ctx, k, event); err != nil {
		return Secret{}, AccessKey{}, fmt.Errorf("create access key: %w", err)
	}
	return secret.Secret, k, nil
}

// faults returns the names of what no access key can have.
func (n NewAccessKey) faults() (fields []string) {
	unknown := func(scope Scope) bool { return !slices.Contains(Scopes(), scope) }
	for _, check := range []struct {
		field string
		wrong bool
	}{
		{"tenant", !n.Tenant.Valid()},
		{"name", !accessKeyName.MatchString(n.Name)},
		{"scopes", len(n.Scopes) == 0 || slices.ContainsFunc(n.Scopes, unknown)},
		{"lifetime", n.Lifetime < 0},
	} {
		if check.wrong {
			fields = append(fields, check.field)
		}
	}
	return fields
}

// keyEvent returns an event about an access key. It is about no account, so the
// actor says which key, too.
func (s *Service) keyEvent(action Action, tenant TenantID, name, by string, o Origin) (Event, error) {
	event, err := s.event(action, tenant, "", o)
	event.Actor = by + " key:" + name
	return event, err
}

// RevokeAccessKey ends a key and its sessions at once. NotFound if the tenant has no such key
// that is not revoked.
func (s *Service) RevokeAccessKey(ctx context.Context, tenant TenantID, name, by string, o Origin) error {
	event, err := s.keyEvent(AccessKeyRevoked, tenant, name, by, o)
	if err != nil {
		return err
	}
	if err := s.AccessKeys.RevokeAccessKey(ctx, tenant, name, event); err != nil {
		return fmt.Errorf("revoke access key: %w", err)
	}
	return nil
}

// usedRoughly is how often the use of a key is noted: a write for every request
// would cost more than most requests do.
const usedRoughly = 15 * time.Minute

// Authenticate returns the key that has the secret. Unauthenticated if there is
// none, or one that is revoked or expired.
func (s *Service) Authenticate(ctx context.Context, secret Secret) (AccessKey, error) {
	k, err := s.knownKey(ctx, secret)
	if err != nil {
		return AccessKey{}, err
	}
	if now := s.present(); now.Sub(k.LastUsedAt) >= usedRoughly {
		_ = s.AccessKeys.UseAccessKey(ctx, k.Digest, now) // what is not noted now is noted at the next request
	}
	return k, nil
}

// knownKey returns the key that has the secret. What is known of a dead one is
// returned with Unauthenticated, for the audit trail.
func (s *Service) knownKey(ctx context.Context, secret Secret) (AccessKey, error) {
	if len(secret.Reveal()) > maxToken {
		return AccessKey{}, Unauthenticated
	}
	k, err := s.AccessKeys.AccessKey(ctx, Token{secret}.Digest())
	switch {
	case CodeOf(err) == NotFound:
		return AccessKey{}, Unauthenticated
	case err != nil:
		return AccessKey{}, fmt.Errorf("find access key: %w", err)
	case k.dead(s.present()):
		return k, Unauthenticated
	}
	return k, nil
}
