package seal

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"io"

	"rekey/core"
)

// Under returns a ring of one key, which HKDF-SHA-256 makes of the secret for the
// purpose: who has not the secret opens nothing. The secret must have as much
// entropy as a key, because nothing here is slow.
func Under(secret core.Secret, purpose string, random io.Reader) (*Ring, error) {
	derived, err := hkdf.Key(sha256.New, []byte(secret.Reveal()), nil, purpose, KeySize)
	if err != nil {
		return nil, fmt.Errorf("derive: %w", err)
	}
	const only = "k"
	return New(only, map[string][]byte{only: derived}, random)
}
