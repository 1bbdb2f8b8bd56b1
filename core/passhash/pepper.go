package passhash

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"regexp"
	"slices"

	"rekey/core"
)

// Pepper is what new hashes are keyed with beside their salts, so that a stolen
// database cannot be guessed at: keys that are kept apart from it. The zero
// value is none.
type Pepper struct {
	// Active is the id of the key that new hashes get; "" for none.
	Active string
	// Keys are [PepperSize] bytes each, by id. Hashes under any of them verify.
	Keys map[string][]byte
}

// Format implements [fmt.Formatter]: it prints as a mask.
func (Pepper) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, core.Mask) }

// LogValue implements [slog.LogValuer].
func (Pepper) LogValue() slog.Value { return slog.StringValue(core.Mask) }

// PepperSize is the length of a key, in bytes.
const PepperSize = 32

// ValidKeyID reports whether id may name a key: what the value of a PHC string's
// parameter may be, without its dots and slashes, and not too long.
func ValidKeyID(id string) bool { return keyIDPattern.MatchString(id) }

var keyIDPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// MissingKey is the error, with the code Internal, of a hash whose key is not
// configured. Such a hash is neither right nor wrong.
type MissingKey string

// Error names the key.
func (k MissingKey) Error() string {
	return fmt.Sprintf("the hash is under the pepper key %s, which is not configured", string(k))
}

// pepperContext precedes what is keyed, so that a key which is used for
// something else by mistake gives nothing away here.
const pepperContext = "rekey pepper v1\x00"

// key returns the hash's key for what its algorithm derived.
func (p Pepper) key(h Hash, derived []byte) []byte {
	if !h.algorithm.keyed {
		return derived
	}
	mac := hmac.New(sha256.New, p.Keys[h.keyID])
	_, _ = mac.Write(append([]byte(pepperContext), derived...))
	return mac.Sum(nil)
}

// knows returns nil if the hash needs no key, or one that is there.
func (p Pepper) knows(h Hash) error {
	if _, known := p.Keys[h.keyID]; h.algorithm.keyed && !known {
		return internal("pepper: %w", MissingKey(h.keyID))
	}
	return nil
}

func (p Pepper) check() error {
	for _, id := range slices.Sorted(maps.Keys(p.Keys)) {
		if !ValidKeyID(id) || len(p.Keys[id]) != PepperSize {
			return fmt.Errorf("the key %q has no valid id, or not %d bytes", id, PepperSize)
		}
	}
	if _, known := p.Keys[p.Active]; p.Active != "" && !known {
		return errors.New("the active key is none of the keys")
	}
	return nil
}
