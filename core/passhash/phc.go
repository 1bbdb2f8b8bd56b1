package passhash

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rekey/core/passhash/arena"
)

// Hash is a password hash that a derivation can safely be run for. Only
// [Parse] and [Pool] make one.
type Hash struct {
	algorithm *algorithm
	params    []int
	salt, key []byte
	keyID     string // of the pepper; "" if the algorithm has none
	words     string // what else follows the parameters; "" if the algorithm has none
}

// maxText is more than the longest accepted hash has.
const maxText = 512

var errUnknown = errors.New("not the canonical text of an accepted algorithm's hash")

// Parse reads a hash. What it accepts is within the bounds of its algorithm,
// and its String is text again. Its errors tell nothing of text but the
// algorithm and which bound is broken.
func Parse(text string) (Hash, error) {
	if len(text) > maxText {
		return Hash{}, errUnknown
	}
	for _, a := range algorithms {
		if h, ok := a.parse(text); ok {
			if err := h.check(); err != nil {
				return Hash{}, err
			}
			return h, nil
		}
	}
	return Hash{}, errUnknown
}

// String returns the hash's canonical text. It is the hash: do not log it.
func (h Hash) String() string {
	return h.setting() + h.algorithm.text.separator + h.algorithm.text.key.EncodeToString(h.key)
}

// setting returns the text before the separator and key.
func (h Hash) setting() string {
	params := make([]any, len(h.params))
	for i, n := range h.params {
		params[i] = n
	}
	head := fmt.Sprintf(h.algorithm.form, params...)
	if h.algorithm.keyed {
		head += h.keyID + "$"
	}
	if h.algorithm.worded {
		head += h.words + "$"
	}
	return head + h.algorithm.text.salt.EncodeToString(h.salt)
}

// means is what derivations need beside a password and a hash.
type means struct {
	pepper Pepper
	memory *arena.Memory
}

// derive returns the key of password under the hash's setting.
func (m means) derive(password string, h Hash) ([]byte, error) {
	if err := m.pepper.knows(h); err != nil {
		return nil, err
	}
	derived, err := h.algorithm.derive(password, h, m.memory)
	if err != nil {
		return nil, err
	}
	return m.pepper.key(h, derived), nil
}

// matches derives password and reports whether it is the hash's. It takes the
// same time for a match as for none.
func (h Hash) matches(password string, by means) (bool, error) {
	seen := password
	if n := h.algorithm.longest; n > 0 {
		seen = password[:min(n, len(password))]
	}
	key, err := by.derive(seen, h)
	if err != nil {
		return false, err
	}
	ambiguous := h.algorithm.noNUL && strings.ContainsRune(password, 0)
	return subtle.ConstantTimeCompare(key, h.key) == 1 && !ambiguous && len(seen) == len(password), nil
}

// with returns the hash with the key of password.
func (h Hash) with(password string, by means) (Hash, error) {
	key, err := by.derive(password, h)
	h.key = key
	return h, err
}

// parse reads a hash of this form; nothing is bounded yet. Scanning is more
// liberal than we are, so only text that prints as it was read is taken.
func (a *algorithm) parse(text string) (Hash, bool) {
	if head, _, _ := strings.Cut(a.form, "%"); !strings.HasPrefix(text, head) {
		return Hash{}, false
	}
	end := len(text) - a.text.keyChars
	if a.text.separator != "" {
		end = strings.LastIndex(text, a.text.separator)
	}
	if end < 0 {
		return Hash{}, false
	}
	key, err := a.text.key.DecodeString(text[end+len(a.text.separator):])
	if err != nil {
		return Hash{}, false
	}
	h, ok := a.parseSetting(text[:end], key)
	return h, ok && h.String() == text
}

// parseSetting reads what precedes the separator and gives it the key.
func (a *algorithm) parseSetting(text string, key []byte) (Hash, bool) {
	h := Hash{algorithm: a, params: make([]int, strings.Count(a.form, "%")), key: key}
	var salt string
	into := make([]any, 0, len(h.params)+1)
	for i := range h.params {
		into = append(into, &h.params[i])
	}
	if _, err := fmt.Sscanf(text, a.form+"%s", append(into, &salt)...); err != nil {
		return Hash{}, false
	}
	if a.keyed {
		h.keyID, salt, _ = strings.Cut(salt, "$")
	}
	if a.worded {
		h.words, salt, _ = strings.Cut(salt, "$")
	}
	var err error
	if h.salt, err = a.text.salt.DecodeString(salt); err != nil {
		return Hash{}, false
	}
	return h, h.setting() == text
}

// check returns which bound of the algorithm the hash breaks, nil if none.
func (h Hash) check() error {
	a := h.algorithm
	values := slices.Concat(h.params, []int{len(h.salt), len(h.key)})
	spans := slices.Concat(a.params[:len(h.params)], []span{a.salt, a.key})
	for i, s := range spans {
		if !s.has(values[i]) {
			return fmt.Errorf("%s: %s must be %d to %d", a.name(), s.name, s.min, s.max)
		}
	}
	switch {
	case a.keyed && !ValidKeyID(h.keyID):
		return fmt.Errorf("%s: keyid names no key", a.name())
	case a.sound != nil && !a.sound(h):
		return fmt.Errorf("%s: what follows the parameters is not in bounds", a.name())
	case a.work(h.params, len(h.key)) > a.maxWork:
		return fmt.Errorf("%s: the parameters ask for too much work together", a.name())
	case a.coherent != nil && !a.coherent(h.params, len(h.key)):
		return fmt.Errorf("%s: the parameters contradict one another", a.name())
	}
	return nil
}

// name returns what stands between the first two '$' of the form.
func (a *algorithm) name() string { return strings.Split(a.form, "$")[1] }
