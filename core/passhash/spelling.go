package passhash

import (
	"encoding/base64"
	"strings"
)

// Canonical returns the text that rekey keeps of a hash as another system
// spells it: what [Parse] accepts as it is, LDAP's {SSHA} and Django's pbkdf2
// in the form of the accepted hashes. Its errors are those of [Parse].
func Canonical(text string) (string, error) {
	if len(text) > maxText {
		return "", errUnknown
	}
	canonical, ok := respell(text)
	if !ok {
		return "", errUnknown
	}
	_, err := Parse(canonical)
	return canonical, err
}

// respell returns false for what cannot be written in the accepted form.
func respell(text string) (string, bool) {
	for prefix, size := range map[string]int{"{SSHA}": 20, "{SSHA256}": 32, "{SSHA512}": 64} {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			return respellLDAP(strings.ToLower(strings.Trim(prefix, "{}")), rest, size)
		}
	}
	if rest, ok := strings.CutPrefix(text, "{CRYPT}"); ok {
		return rest, true
	}
	for prefix, digest := range map[string]string{"pbkdf2_sha256$": "sha256", "pbkdf2_sha1$": "sha1"} {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			return respellDjango(digest, rest)
		}
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
