package passhash

import (
	"crypto/subtle"
	"errors"

	"rekey/core"
)

var _ core.Hashes = (*Pool)(nil)

// Canonical implements [core.Hashes] by [Canonical]. A hash under a key that is
// not configured is refused: it could verify nobody.
func (p *Pool) Canonical(text string) (string, error) {
	canonical, h, err := canonicalHash(text)
	if err != nil {
		return "", err
	}
	return canonical, p.means.pepper.knows(h)
}

// Remembered implements [core.Hashes] for what [Pool.Derive] can make again.
func (p *Pool) Remembered(text string, salt []byte) error {
	h, err := Parse(text)
	switch {
	case err != nil:
		return err
	case h.algorithm != argon2id && h.algorithm != peppered, len(h.key) != p.past.keyBytes:
		return errors.New("a history is of argon2id, with keys of 32 bytes")
	case subtle.ConstantTimeCompare(h.salt, salt) == 0:
		return errors.New("its salt is not the history's")
	}
	return p.means.pepper.knows(h)
}
