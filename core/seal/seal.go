// Package seal keeps secrets in a database that whoever reads the database
// cannot read: encrypted and authenticated with XChaCha20-Poly1305, whose
// nonces of 192 bits may be random, and digested with HMAC-SHA-256.
//
// Every key does one thing: HKDF-SHA-256 (RFC 5869) derives one for sealing
// and one for digests from each configured key. What is kept begins with the
// id of its key, so that keys can be rotated: a new one becomes the active
// one, and the older stay for as long as something is kept under them.
package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"rekey/core"
)

// KeySize is the length of a key, in bytes.
const KeySize = 32

// ValidID reports whether id may name a key.
func ValidID(id string) bool { return idPattern.MatchString(id) }

// idPattern excludes '.', which ends an id in what is kept.
var idPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

// Ring is a set of keys, one of them active. It is a [core.Sealer].
type Ring struct {
	active string
	keys   map[string]key
	random io.Reader
}

var _ core.Sealer = (*Ring)(nil)

type key struct {
	aead cipher.AEAD
	mac  []byte
}

// New returns a ring of the keys, by id, of which active seals. random must be
// cryptographically secure and safe for concurrent use.
func New(active string, keys map[string][]byte, random io.Reader) (*Ring, error) {
	r := &Ring{active: active, keys: map[string]key{}, random: random}
	for id, secret := range keys {
		k, err := derive(secret)
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", id, err)
		}
		if r.keys[id] = k; !ValidID(id) {
			return nil, fmt.Errorf("no key can be called %q", id)
		}
	}
	if _, ok := r.keys[active]; !ok {
		return nil, fmt.Errorf("no key is called %q", active)
	}
	return r, nil
}

// derive makes the keys for sealing and for digests of a configured one.
func derive(secret []byte) (key, error) {
	if len(secret) != KeySize {
		return key{}, fmt.Errorf("it has %d bytes, not %d", len(secret), KeySize)
	}
	sealing, err := hkdf.Key(sha256.New, secret, nil, "rekey seal v1", chacha20poly1305.KeySize)
	if err != nil {
		return key{}, err
	}
	mac, err := hkdf.Key(sha256.New, secret, nil, "rekey digest v1", sha256.Size)
	if err != nil {
		return key{}, err
	}
	aead, err := chacha20poly1305.NewX(sealing)
	return key{aead, mac}, err
}

// Seal implements [core.Sealer].
func (r *Ring) Seal(plain []byte, context string) (string, error) {
	k := r.keys[r.active]
	nonce := make([]byte, k.aead.NonceSize())
	if _, err := io.ReadFull(r.random, nonce); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	return join(r.active, k.aead.Seal(nonce, nonce, plain, []byte(context))), nil
}

// Open implements [core.Sealer].
func (r *Ring) Open(sealed, context string) ([]byte, error) {
	id, kept, ok := split(sealed)
	k, known := r.keys[id]
	switch {
	case !ok:
		return nil, internal("what is sealed is malformed")
	case !known:
		return nil, internal("it is sealed under the key " + id + ", which is not configured")
	case len(kept) < k.aead.NonceSize():
		return nil, internal("what is sealed is cut short")
	}
	nonce, box := kept[:k.aead.NonceSize()], kept[k.aead.NonceSize():]
	plain, err := k.aead.Open(nil, nonce, box, []byte(context))
	if err != nil {
		return nil, internal("what is sealed was altered, moved, or sealed under another key called " + id)
	}
	return plain, nil
}

// Digest implements [core.Sealer].
func (r *Ring) Digest(text, context string) string {
	return join(r.active, r.keys[r.active].digest(text, context))
}

// Matches implements [core.Sealer]. A digest under a key that is not
// configured matches nothing.
func (r *Ring) Matches(digest, text, context string) bool {
	id, kept, ok := split(digest)
	k, known := r.keys[id]
	return ok && known && hmac.Equal(kept, k.digest(text, context))
}

// digest covers where the context ends: its length precedes it.
func (k key) digest(text, context string) []byte {
	mac := hmac.New(sha256.New, k.mac)
	_, _ = fmt.Fprintf(mac, "%d:%s%s", len(context), context, text)
	return mac.Sum(nil)
}

// KeyOf returns the id of the key that something is kept under, or "" if it
// cannot be told.
func KeyOf(kept string) string {
	id, _, _ := split(kept)
	return id
}

// encoding has one text for every value: a changed one is another value, or none.
var encoding = base64.RawURLEncoding.Strict()

func join(id string, kept []byte) string { return id + "." + encoding.EncodeToString(kept) }

func split(text string) (id string, kept []byte, ok bool) {
	id, rest, found := strings.Cut(text, ".")
	if !found || !ValidID(id) || strings.ContainsAny(rest, "\r\n") { // which the decoder would skip
		return "", nil, false
	}
	kept, err := encoding.DecodeString(rest)
	if err != nil {
		return "", nil, false
	}
	return id, kept, true
}

func internal(why string) error {
	return &core.Error{Code: core.Internal, Err: fmt.Errorf("unseal: %s", why)}
}
