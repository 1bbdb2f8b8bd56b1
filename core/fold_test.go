package core_test

import (
	"errors"
	"slices"
	"testing"
	"unicode"

	"rekey/core"
)

func TestLoginsAreFolded(t *testing.T) {
	for name, c := range map[string]struct {
		is    string
		typed []string
		not   []string
	}{
		"case":        {"Ada", []string{"ada", "ADA", "aDa"}, []string{"аda", "adа", "ada\u0301", "ádá"}}, // Cyrillic а
		"composition": {"rené", []string{"rene\u0301", "RENÉ", "RENE\u0301"}, []string{"rene", "renè"}},
		"sharp s":     {"straße", []string{"STRASSE", "strasse", "STRAẞE"}, []string{"strase"}},
		"dotted i":    {"İpek", []string{"İPEK", "i\u0307pek", "I\u0307pek"}, []string{"ipek", "IPEK", "ıpek"}},
		"dotless i":   {"ışık", []string{"ışık"}, []string{"işik", "ISIK", "IŞIK"}},
		"sigma":       {"ὀδυσσεύς", []string{"ὀδυσσεύσ", "ὈΔΥΣΣΕΎΣ"}, []string{"οδυσσευς"}},
		"width":       {"ada", []string{"ADA"}, []string{"ａｄａ"}},
		"Kelvin":      {"kelvin", []string{"\u212aelvin"}, []string{"ĸelvin"}},
		"long s":      {"sam", []string{"ſam"}, nil},
		"ligature":    {"ﬁnn", []string{"finn", "FINN"}, nil}, // as the ligature's capitals are FI
		"private use": {"\ue000a", []string{"\ue000A"}, []string{"a", "\ue001a"}},
		"Cherokee":    {"ᏣᎳᎩ", []string{"ꮳꮃꭹ", "Ꮳꮃꭹ"}, nil},
		"order":       {"q\u0307\u0323", []string{"q\u0323\u0307", "Q\u0323\u0307"}, nil},
	} {
		for found, typed := range map[bool][]string{true: append(c.typed, c.is), false: c.not} {
			for _, login := range typed {
				w := newWorld(t)
				w.create(core.NewAccount{Tenant: acme, Username: c.is, Email: c.is + "@acme.example"})
				for _, l := range []core.Locator{{Login: login}, {Login: login + "@ACME.example"}, {Email: login + "@ACME.example"}} {
					_, err := w.Account(t.Context(), acme, l)
					code(t, err, pick[core.Code](found, "", core.NotFound), name, c.is, login)
				}
				n := core.NewAccount{Tenant: acme, Username: login}
				_, err := w.CreateAccount(t.Context(), n, origin)
				code(t, err, pick[core.Code](found, core.Conflict, ""), name, "create", login)
			}
		}
	}
}

// Nobody can tell such names apart, so no account gets one. To log in with one
// is to name an account that there is not.
func TestNoNewNameHasWhatCannotBeSeen(t *testing.T) {
	for what, name := range map[string]string{
		"zero-width space": "ad\u200ba", "joiner": "ad\u200da", "non-joiner": "ad\u200ca", "byte order mark": "\ufeffada", "soft hyphen": "a\u00adda",
		"bidi override": "\u202eada", "bidi isolate": "\u2066ada\u2069", "left-to-right mark": "ada\u200e", "line separator": "a\u2028da",
		"word joiner": "a\u2060da", "tag": "ada\U000e0061", "variation selector": "ada\ufe0f", "Hangul filler": "ada\u3164", "grapheme joiner": "a\u034fda",
	} {
		w := newWorld(t)
		w.account(correct)
		for field, n := range map[string]core.NewAccount{
			"username": {Tenant: acme, Username: name}, "email": {Tenant: acme, Email: name + "@acme.example"},
		} {
			_, err := w.CreateAccount(t.Context(), n, origin)
			var refused *core.Error
			if !errors.As(err, &refused) || refused.Code != core.Invalid || !slices.Equal(refused.Fields, []string{field}) {
				t.Errorf("%s in a new %s: got %v", what, field, err)
			}
		}
		code(t, w.change(core.Knowledge{Account: core.Locator{Login: name}, Current: core.NewPassword(correct)}, fresh), core.NotFound, what)
		_, err := w.CreateAccount(t.Context(), core.NewAccount{Tenant: acme, Username: "kian", Name: name}, origin)
		code(t, err, "", what, "in a display name")
	}
}

// What is one letter in two cases by Go's own tables is one letter in a name.
func TestEveryLetterIsFolded(t *testing.T) {
	for r := range rune(unicode.MaxRune) {
		if other := unicode.SimpleFold(r); core.Fold(string(r)) != core.Fold(string(other)) {
			t.Errorf("%+q and %+q differ", r, other)
		}
	}
}

// FuzzFold holds that a folded name is folded: what is looked up is what is kept.
func FuzzFold(f *testing.F) {
	for _, seed := range []string{"Ada", "rene\u0301", "straße", "İ", "\u0345", "ᾳ", "Ǆ", "\xff", "ﬁ", "\u1e9e", "\u0390", "\u03d2\u0308", "\u212a", "Ω", "\u1fb3\u0345"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, login string) {
		folded := core.Fold(login)
		if folded == "" != (login == "") {
			t.Errorf("%q folds to %q", login, folded)
		}
		if again := core.Fold(folded); again != folded {
			t.Errorf("%+q folds to %+q, and that to %+q", login, folded, again)
		}
	})
}
