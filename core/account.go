package core

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// TenantID names a tenant: lower-case letters, digits, '-' and '_', 1 to 64 of them.
type TenantID string

// AccountID names an account, unique in the installation. Ids that rekey makes
// are UUIDs of version 7 (RFC 9562), so they sort by age.
type AccountID string

// Account is one person's entry in the directory.
type Account struct {
	ID          AccountID
	Tenant      TenantID
	Username    string            // "" if the account has none
	Email       string            // "" if the account has none
	Name        string            // a display name; "" if the account has none
	ExternalIDs map[string]string // what a dialect calls the account, by the dialect's name
	Attributes  map[string]string // what a dialect tells of the account and nobody decides by, such as "unleash.role"
	Disabled    bool

	Verifier    string         // PHC string of the current password; "" if none was ever set
	HistorySalt []byte         // salts every entry of History, and nothing else
	History     []HistoryEntry // newest first

	Factor *Enrolment // nil if none is enrolled

	Revision          int64     // moved by every write to the account
	PasswordChangedAt time.Time // zero if no password was ever set, or nobody knows when
	TokensValidAfter  time.Time // session tokens issued before this instant are dead
	CreatedAt         time.Time
}

// HistoryEntry is one password that the account had, or has.
type HistoryEntry struct {
	Hash  string    // PHC string
	SetAt time.Time // when it became the password; equals PasswordChangedAt for the current one
}

// remembersCurrent reports whether the history holds the current password.
func (a Account) remembersCurrent() bool {
	return slices.ContainsFunc(a.History, func(h HistoryEntry) bool { return h.SetAt.Equal(a.PasswordChangedAt) })
}

// Key is one name that an account answers to. Kind is [KeyID], [KeyLogin], or
// the name of the dialect whose external id Value is.
type Key struct{ Kind, Value string }

// The kinds of keys that are not external ids.
const (
	KeyID    = "id"    // Value is the AccountID
	KeyLogin = "login" // Value is a folded username or e-mail address; the two share one namespace in a tenant
)

// Keys returns every key of the account except its id: what must be unique
// within the tenant.
func (a Account) Keys() []Key {
	var keys []Key
	for _, login := range []string{a.Username, a.Email} {
		if key := (Key{KeyLogin, Fold(login)}); login != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for kind, value := range a.ExternalIDs {
		keys = append(keys, Key{kind, value})
	}
	return keys
}

// Locator says which account a caller means, within the tenant that the
// caller's credential chose. Every field that is set must name the same
// account; at least one must be set. Login stands for a username or an e-mail
// address.
type Locator struct {
	ID       AccountID
	Login    string
	Email    string
	External Key
}

// key returns the key to look the account up by, and false if no account can
// have such a name.
func (l Locator) key() (Key, bool) {
	switch {
	case l.ID != "":
		return Key{KeyID, string(l.ID)}, plausible(string(l.ID))
	case l.External.Value != "":
		return l.External, plausible(l.External.Value)
	case l.Login != "":
		return Key{KeyLogin, Fold(l.Login)}, plausible(l.Login)
	default:
		return Key{KeyLogin, Fold(l.Email)}, l.Email != "" && plausible(l.Email)
	}
}

// names reports whether every field of the locator names a.
func (l Locator) names(a Account) bool {
	login := Fold(l.Login)
	return (l.ID == "" || l.ID == a.ID) &&
		(l.Login == "" || login == Fold(a.Username) || login == Fold(a.Email)) &&
		(l.Email == "" || Fold(l.Email) == Fold(a.Email)) &&
		(l.External.Value == "" || a.ExternalIDs[l.External.Kind] == l.External.Value)
}

// Fold maps the spellings of one login name to one key: Unicode NFC, then full
// case folding. Look-alike letters of different scripts stay different. A key
// folds to itself.
func Fold(login string) string {
	if !strings.ContainsFunc(login, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return strings.ToLower(login) // the same, and ten times as quick
	}
	folded := cases.Fold().String(norm.NFC.String(login))
	return norm.NFC.String(strings.Map(foldCherokee, folded))
}

// foldCherokee ends in lower case what the library turns to and fro: it folds
// the capitals of Cherokee to small letters and the small letters to capitals.
func foldCherokee(r rune) rune {
	switch {
	case 0x13a0 <= r && r <= 0x13ef:
		return r - 0x13a0 + 0xab70
	case 0x13f0 <= r && r <= 0x13f5:
		return r + 8
	}
	return r
}

// maxName bounds every name of an account, in bytes: an e-mail address has at
// most 320 characters.
const maxName = 320

// plausible reports whether an account could have this name: well-formed
// UTF-8 of bounded length without control characters.
func plausible(name string) bool {
	return name != "" && len(name) <= maxName && utf8.ValidString(name) && !strings.ContainsFunc(name, unicode.IsControl)
}

// legible reports whether all of the name can be seen: nobody tells two names
// apart that differ in a zero-width joiner or in what turns the text around.
func legible(name string) bool { return !strings.ContainsFunc(name, invisible) }

func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
