package core

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

// Mask is what every secret prints as.
const Mask = "[masked]"

// Secret holds text that must not be printed. It formats, logs and marshals
// as [Mask], also inside other values; only [Secret.Reveal] returns the text.
// The zero value holds the empty text.
type Secret struct {
	// A pointer, so that fmt cannot reach the text by reflection when the
	// secret lies in an unexported field.
	text *string
}

// NewSecret returns a secret that holds text.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsEmpty reports whether the text is empty.
func (s Secret) IsEmpty() bool { return s.Reveal() == "" }

// matches compares two secrets in time that depends on their lengths only.
func (s Secret) matches(t Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(t.Reveal())) == 1
}

// Format implements [fmt.Formatter] for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Mask)) }

// String implements [fmt.Stringer].
func (Secret) String() string { return Mask }

// LogValue implements [slog.LogValuer].
func (Secret) LogValue() slog.Value { return slog.StringValue(Mask) }

// MarshalText implements [encoding.TextMarshaler].
func (Secret) MarshalText() ([]byte, error) { return []byte(Mask), nil }

// Password is a password as a client sent it: every byte counts, nothing is
// trimmed, folded or normalised.
type Password struct{ Secret }

// NewPassword returns the password with the given text.
func NewPassword(text string) Password { return Password{NewSecret(text)} }

// Equal reports whether both passwords are the same, in constant time for
// passwords of one length.
func (p Password) Equal(q Password) bool { return p.matches(q.Secret) }

// Token is a reset token as its bearer holds it. What is stored is its
// [Digest].
type Token struct{ Secret }

// NewToken returns the token with the given text.
func NewToken(text string) Token { return Token{NewSecret(text)} }
