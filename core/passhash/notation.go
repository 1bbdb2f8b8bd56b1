package passhash

import (
	"encoding/base64"
	"errors"
	"strings"

	crypt64 "github.com/go-crypt/x/base64"
)

// notation is how salt and key are written.
type notation struct {
	salt, key codec
	separator string // between salt and key
	keyChars  int    // the key's length where no separator is written
}

type codec interface {
	EncodeToString(src []byte) string
	DecodeString(text string) ([]byte, error)
}

var (
	standard = alike(base64.RawStdEncoding, "$", 0)
	passlib  = alike(crypt64.AdaptedEncoding.WithPadding(base64.NoPadding), "$", 0)
	modular  = alike(crypt64.BcryptEncoding.WithPadding(base64.NoPadding), "", 31)
)

func alike(c codec, separator string, keyChars int) notation {
	return notation{c, c, separator, keyChars}
}

// plain writes a salt as it is, as crypt(3) does.
type plain struct{}

func (plain) EncodeToString(src []byte) string { return string(src) }

func (plain) DecodeString(text string) ([]byte, error) {
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || r == '$' || r == ':' }) {
		return nil, errUnknown
	}
	return []byte(text), nil
}

// crypted is a key in the alphabet of crypt(3), which is compared as it is
// written: so many characters, the last one of which is among the first few.
type crypted struct{ chars, last int }

const cryptAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func (crypted) EncodeToString(src []byte) string { return string(src) }

func (c crypted) DecodeString(text string) ([]byte, error) {
	strange := func(r rune) bool { return !strings.ContainsRune(cryptAlphabet, r) }
	if len(text) != c.chars || strings.ContainsFunc(text, strange) || strings.IndexByte(cryptAlphabet, text[c.chars-1]) >= c.last {
		return nil, errors.New("no key of crypt")
	}
	return []byte(text), nil
}
