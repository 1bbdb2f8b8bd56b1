package core

import (
	"crypto/sha256"
	"time"
)

// Digest is the SHA-256 of a reset token, an access key or a session's token: what is stored of it.
type Digest [sha256.Size]byte

// Digest returns the token's digest.
func (t Token) Digest() Digest { return sha256.Sum256([]byte(t.Reveal())) }

// ResetToken is what is known of a reset token. It is live until it expires,
// is spent by a change, or is superseded by a newer token or any other change
// of the account's password.
type ResetToken struct {
	Digest       Digest
	Tenant       TenantID
	Account      AccountID
	IssuedBy     string // the operator or program that asked for it
	IssuedAt     time.Time
	ExpiresAt    time.Time
	UsedAt       time.Time // zero until it is spent
	SupersededAt time.Time // zero until then
}

// standing returns nil for a token that is live at now, and otherwise why not.
func (t ResetToken) standing(now time.Time) error {
	switch {
	case !t.UsedAt.IsZero():
		return UsedToken
	case !t.SupersededAt.IsZero(), !now.Before(t.ExpiresAt):
		return BadToken
	}
	return nil
}
