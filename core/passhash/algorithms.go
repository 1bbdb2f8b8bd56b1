package passhash

import (
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // HMAC-SHA1 verifies imported hashes only
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"slices"

	"github.com/go-crypt/x/bcrypt"
	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/scrypt"

	"rekey/core/passhash/arena"
)

// algorithms is every form of hash that is accepted, with its bounds. At the
// upper bound of work a derivation takes up to 2 s of a core and 256 MiB.
var algorithms = slices.Concat(own, foreign)

// own are those of the PHC's form, and bcrypt.
var own = []*algorithm{
	argon2id,
	peppered,
	newArgon2("$argon2i$v=19$m=%d,t=%d,p=%d$", func(*arena.Memory) argon2Key { return argon2.Key }),
	bcrypt2a,
	newBcrypt("$2b$%02d$"),
	newBcrypt("$2y$%02d$"),
	{
		form:   "$scrypt$ln=%d,r=%d,p=%d$",
		text:   standard,
		params: []span{{"ln", 1, 18}, {"r", 1, 32}, {"p", 1, 16}},
		salt:   anySalt, key: anyKey,
		work:    func(n []int, _ int) int { return n[1] * n[2] << n[0] }, // of 128 bytes; no more memory than work
		maxWork: 1 << 21,
		derive: func(password string, h Hash, _ *arena.Memory) ([]byte, error) {
			return scrypt.Key([]byte(password), h.salt, 1<<h.params[0], h.params[1], h.params[2], len(h.key))
		},
	},
	newPBKDF2("$pbkdf2$%d$", passlib, sha1.New),
	newPBKDF2("$pbkdf2-sha1$%d$", passlib, sha1.New),
	newPBKDF2("$pbkdf2-sha1$i=%d$", standard, sha1.New),
	newPBKDF2("$pbkdf2-sha1$i=%d,l=%d$", standard, sha1.New),
	newPBKDF2("$pbkdf2-sha256$%d$", passlib, sha256.New),
	newPBKDF2("$pbkdf2-sha256$i=%d$", standard, sha256.New),
	newPBKDF2("$pbkdf2-sha256$i=%d,l=%d$", standard, sha256.New),
	newPBKDF2("$pbkdf2-sha512$%d$", passlib, sha512.New),
	newPBKDF2("$pbkdf2-sha512$i=%d$", standard, sha512.New),
	newPBKDF2("$pbkdf2-sha512$i=%d,l=%d$", standard, sha512.New),
}

// The algorithms that make new hashes. New bcrypt is 2a because every reader
// knows it; 2b and 2y are the same computation.
var (
	argon2id = newArgon2("$argon2id$v=19$m=%d,t=%d,p=%d$", inMemory)
	bcrypt2a = newBcrypt("$2a$%02d$")

	// peppered is argon2id, of 32 bytes, and HMAC-SHA-256 of that under the
	// key that keyid names; see [Pepper].
	peppered = newPeppered("$argon2id-hmac-sha256$v=19$m=%d,t=%d,p=%d,keyid=")
)

// algorithm is one row of the table.
type algorithm struct {
	form   string // how fmt prints and scans what precedes the salt, params in order
	text   notation
	params []span

	// Lengths in bytes. A key of a few bytes would match by chance.
	salt, key span

	// work is what a derivation costs, in the algorithm's own unit.
	work    func(params []int, key int) int
	maxWork int

	// coherent reports whether the parameters go together; nil if they
	// always do.
	coherent func(params []int, key int) bool

	// sound reports whether what else it holds is in bounds; nil if nothing is.
	sound func(h Hash) bool

	keyed    bool // whether an id of a pepper's key and a '$' follow the form
	worded   bool // whether other words and a '$' follow the form
	maxBytes int  // what it sees of a password; 0 if all
	longest  int  // the longest password that it verifies, in bytes; 0 if any
	noNUL    bool // whether a NUL may end what it sees

	// derive returns the key of password, as long as h's and before any
	// pepper. It may rely on the bounds, and on memory for argon2id.
	derive func(password string, h Hash, memory *arena.Memory) ([]byte, error)
}

// span bounds a value, both ends included.
type span struct {
	name     string
	min, max int
}

func (s span) has(n int) bool { return s.min <= n && n <= s.max }

var (
	anySalt = span{"salt length", 8, 64}
	anyKey  = span{"key length", 16, 64}
)

// argon2Key derives a key; m is in KiB.
type argon2Key func(password, salt []byte, t, m uint32, p uint8, length uint32) []byte

func inMemory(memory *arena.Memory) argon2Key { return memory.Key }

func newArgon2(form string, in func(*arena.Memory) argon2Key) *algorithm {
	return &algorithm{
		form:   form,
		text:   standard,
		params: []span{{"m", 8, MaxArgon2Memory}, {"t", 1, MaxArgon2Iterations}, {"p", 1, 16}}, // m in KiB
		salt:   anySalt, key: anyKey,
		work:     func(n []int, _ int) int { return n[0] * n[1] }, // KiB written
		maxWork:  MaxArgon2Work,
		coherent: func(n []int, _ int) bool { return n[0] >= 8*n[2] }, // RFC 9106, 3.1
		derive: func(password string, h Hash, memory *arena.Memory) ([]byte, error) {
			m, t, p := uint32(h.params[0]), uint32(h.params[1]), uint8(h.params[2])       //nolint:gosec // in bounds
			return in(memory)([]byte(password), h.salt, t, m, p, uint32(len(h.key))), nil //nolint:gosec // in bounds
		},
	}
}

func newPeppered(form string) *algorithm {
	a := newArgon2(form, inMemory)
	a.key, a.keyed = span{"key length", sha256.Size, sha256.Size}, true
	return a
}

func newBcrypt(form string) *algorithm {
	return &algorithm{
		form:     form,
		text:     modular,
		params:   []span{{"cost", 4, 15}},
		salt:     span{"salt length", 16, 16},
		key:      span{"key length", 23, 23},
		work:     func(n []int, _ int) int { return 1 << n[0] }, // rounds of the key schedule
		maxWork:  1 << 15,
		maxBytes: 72,
		noNUL:    true,
		derive: func(password string, h Hash, _ *arena.Memory) ([]byte, error) {
			text, err := bcrypt.Key([]byte(password), h.salt, h.params[0])
			if err != nil {
				return nil, err
			}
			return h.algorithm.text.key.DecodeString(string(text))
		},
	}
}

func newPBKDF2[H hash.Hash](form string, text notation, digest func() H) *algorithm {
	params := []span{{"i", 1, 4_000_000}, {"l", anyKey.min, anyKey.max}}
	size := digest().Size()
	return &algorithm{
		form:   form,
		text:   text,
		params: params,
		salt:   anySalt, key: anyKey,
		work:     func(n []int, key int) int { return n[0] * ((key + size - 1) / size) }, // iterations
		maxWork:  4_000_000,
		coherent: func(n []int, key int) bool { return len(n) < 2 || n[1] == key },
		derive: func(password string, h Hash, _ *arena.Memory) ([]byte, error) {
			return pbkdf2.Key(digest, password, h.salt, h.params[0], len(h.key))
		},
	}
}
