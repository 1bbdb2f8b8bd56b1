package passhash

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1" //nolint:gosec // verifies imported hashes only
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"hash"
	"strings"

	"github.com/go-crypt/x/crypt"
	"golang.org/x/crypto/scrypt"

	"rekey/core/passhash/arena"
)

// foreign is what other systems keep and rekey never makes: verified until the
// first change replaces it.
var foreign = []*algorithm{
	newCrypt("$1$", nil, span{"salt length", 1, 8}, crypted{22, 4}, func(password, salt []byte, _ int) []byte {
		return crypt.KeyMD5Crypt(password, salt)
	}),
	newSHACrypt("$5$", sha256.New, crypted{43, 16}),
	newSHACrypt("$5$rounds=%d$", sha256.New, crypted{43, 16}),
	newSHACrypt("$6$", sha512.New, crypted{86, 4}),
	newSHACrypt("$6$rounds=%d$", sha512.New, crypted{86, 4}),
	newSalted("$ssha$", sha1.New),
	newSalted("$ssha256$", sha256.New),
	newSalted("$ssha512$", sha512.New),
	{
		form:    "$firebase-scrypt$ln=%d,r=%d,sep=",
		text:    standard,
		worded:  true,
		params:  []span{{"ln", 1, 18}, {"r", 1, 32}},
		salt:    span{"salt length", 4, 64},
		key:     span{"key length", 32, 64},
		work:    func(n []int, _ int) int { return n[1] << n[0] }, // as scrypt's
		maxWork: 1 << 21,
		sound:   func(h Hash) bool { _, signer, err := signing(h.words); return err == nil && len(signer) == len(h.key) },
		derive:  deriveFirebase,
	},
}

// longest bounds what crypt(3) sees of a password, in bytes, as libxcrypt does:
// its work grows with the square. A longer one never verifies.
const longest = 511

// newCrypt returns an algorithm of crypt(3), whose salt is text and whose key
// is in an alphabet and an order of its own.
func newCrypt(form string, params []span, salt span, key crypted, derive func(password, salt []byte, rounds int) []byte) *algorithm {
	return &algorithm{
		form:   form,
		text:   notation{salt: plain{}, key: key, separator: "$"},
		params: params,
		salt:   salt, key: span{"key length", key.chars, key.chars},
		work:    func([]int, int) int { return 0 }, // in bounds by its rounds
		longest: longest,
		derive: func(password string, h Hash, _ *arena.Memory) ([]byte, error) {
			rounds := 5000 // where none are written
			if len(h.params) > 0 {
				rounds = h.params[0]
			}
			return derive([]byte(password), h.salt, rounds), nil
		},
	}
}

func newSHACrypt[H hash.Hash](form string, digest func() H, key crypted) *algorithm {
	var params []span
	if strings.Contains(form, "%") {
		params = []span{{"rounds", 1000, 1_000_000}} // makers take less for 1000
	}
	return newCrypt(form, params, span{"salt length", 1, 16}, key, func(password, salt []byte, rounds int) []byte {
		return crypt.KeySHACrypt(func() hash.Hash { return digest() }, password, salt, rounds)
	})
}

// newSalted returns LDAP's digest of the password and the salt after it.
func newSalted[H hash.Hash](form string, digest func() H) *algorithm {
	size := digest().Size()
	return &algorithm{
		form: form,
		text: standard,
		salt: span{"salt length", 4, 64}, key: span{"key length", size, size},
		work: func([]int, int) int { return 0 },
		derive: func(password string, h Hash, _ *arena.Memory) ([]byte, error) {
			d := digest()
			_, _ = d.Write([]byte(password))
			_, _ = d.Write(h.salt)
			return d.Sum(nil), nil
		},
	}
}

// deriveFirebase encrypts the project's signer key under the scrypt of the
// password: https://github.com/firebase/scrypt.
func deriveFirebase(password string, h Hash, _ *arena.Memory) ([]byte, error) {
	separator, signer, err := signing(h.words)
	if err != nil {
		return nil, err
	}
	salt := append(append([]byte(nil), h.salt...), separator...)
	key, err := scrypt.Key([]byte(password), salt, 1<<h.params[0], h.params[1], 1, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	cipher.NewCTR(block, make([]byte, block.BlockSize())).XORKeyStream(signer, signer) //nolint:gosec // Firebase's; the key is fresh for each salt
	return signer, nil
}

// signing reads what follows sep=: the separator of salts and the signer key,
// which is up to 64 bytes.
func signing(words string) (separator, signer []byte, err error) {
	before, after, ok := strings.Cut(words, ",signer=")
	if separator, err = standard.salt.DecodeString(before); err != nil {
		return nil, nil, err
	}
	signer, err = standard.salt.DecodeString(after)
	canonical := base64.RawStdEncoding.EncodeToString(separator) == before && base64.RawStdEncoding.EncodeToString(signer) == after
	if err == nil && (!ok || !canonical || len(separator) > 16 || len(signer) > 64) {
		err = errors.New("no separator and signer key")
	}
	return separator, signer, err
}
