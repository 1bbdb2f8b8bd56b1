package passhash

import (
	"encoding/base64"
	"strings"
)

// Canonical returns the text that rekey keeps of a hash as another system
// spells it: what [Parse] accepts as it is, LDAP's {SSHA} and Django's pbkdf2
// in the form of the accepted hashes. Its errors are those of [Parse].
func Canonical(text string) (string, error) {
	canonical, _, err := canonicalHash(text)
	return canonical, err
}

func canonicalHash(text string) (string, Hash, error) {
	if len(text) > maxText {
		return "", Hash{}, errUnknown
	}
	canonical, ok := respell(text)
	if !ok {
		return "", Hash{}, errUnknown
	}
	h, err := Parse(canonical)
	return canonical, h, err
}

// respell returns false for what cannot be written in the accepted form.
func respell(text string) (string, bool) {
	scheme, rest, ok := strings.Cut(strings.TrimPrefix(text, "{"), "}")
	if ok && text[0] == '{' {
		switch scheme {
		case "SSHA":
			return respellLDAP("ssha", rest, 20)
		case "SSHA256":
			return respellLDAP("ssha256", rest, 32)
		case "SSHA512":
			return respellLDAP("ssha512", rest, 64)
		case "CRYPT":
			return rest, true
		}
		return "", false
	}
	switch scheme, rest, _ := strings.Cut(text, "$"); scheme {
	case "pbkdf2_sha256":
		return respellDjango("sha256", rest)
	case "pbkdf2_sha1":
		return respellDjango("sha1", rest)
	}
	return text, true
}

// respellLDAP parts the digest from the salt after it.
func respellLDAP(name, text string, size int) (string, bool) {
	both, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(both) < size {
		return "", false
	}
	encode := base64.RawStdEncoding.EncodeToString
	return "$" + name + "$" + encode(both[size:]) + "$" + encode(both[:size]), true
}

// respellDjango reads iterations, a salt that is text, and the key.
func respellDjango(digest, text string) (string, bool) {
	parts := strings.Split(text, "$")
	if len(parts) != 3 {
		return "", false
	}
	salt := base64.RawStdEncoding.EncodeToString([]byte(parts[1]))
	return "$pbkdf2-" + digest + "$i=" + parts[0] + "$" + salt + "$" + strings.TrimRight(parts[2], "="), true
}
