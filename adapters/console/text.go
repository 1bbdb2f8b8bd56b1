package console

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// shown is text of others that is to be seen as it is: what cannot be seen, and what
// turns the text around it, is spelt out. The templates see to markup.
type shown string

// UnmarshalJSON implements [json.Unmarshaler].
func (s *shown) UnmarshalJSON(text []byte) error {
	var plain string
	if err := json.Unmarshal(text, &plain); err != nil {
		return err
	}
	*s = visible(plain)
	return nil
}

// UnmarshalText implements [encoding.TextUnmarshaler], for names of members.
func (s *shown) UnmarshalText(text []byte) error {
	*s = visible(string(text))
	return nil
}

// visible spells out every character of the text that has no shape of its own.
func visible(text string) shown {
	if !strings.ContainsFunc(text, unseen) {
		return shown(text)
	}
	var b strings.Builder
	for _, r := range text {
		if unseen(r) {
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		} else {
			b.WriteRune(r)
		}
	}
	return shown(b.String())
}

// unseen reports whether a character has no shape, or changes the order of others.
func unseen(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
