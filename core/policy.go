package core

import (
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/cases"
)

// Policy says which passwords may be chosen. A zero field switches its rule
// off. Use [NIST] or [Unleash] as a start.
type Policy struct {
	MinLength int // in Units
	MaxLength int // in Units
	Units     Units

	MaxBytes int  // in bytes of UTF-8, where the scheme of new verifiers has a limit
	NoNUL    bool // where the scheme of new verifiers may stop at a NUL

	MaxRun                      int // how often one unit may stand in a row
	Lower, Upper, Digit, Symbol bool

	Common   func(folded string) bool // reports whether a folded password is a common one
	Words    []string                 // words of the installation that are no password, in any case
	OwnNames bool                     // refuse the account's own names
}

// Units says what a password's length counts.
type Units string

// The closed set of units.
const (
	CodePoints Units = "code_points" // NIST SP 800-63B-4, 3.1.1.2: each code point counts as one
	UTF16      Units = "utf16"       // as JavaScript's String.length counts
)

// NIST returns the preset of NIST SP 800-63B-4 and ASVS 5.0: length, the
// common passwords and the account's own names; no rules of composition.
func NIST(common func(folded string) bool) Policy {
	return Policy{MinLength: 10, MaxLength: 128, Units: CodePoints, Common: common, OwnNames: true}
}

// Unleash returns the preset that refuses what Unleash 8 refuses, and nothing
// else.
func Unleash() Policy {
	return Policy{MinLength: 10, MaxLength: 128, Units: UTF16, MaxRun: 2, Lower: true, Upper: true, Digit: true, Symbol: true}
}

// Violation is one rule that a password breaks.
type Violation struct {
	Rule  Rule
	Limit int // the rule's number; 0 if it has none
}

// Rule names a rule of the policy.
type Rule string

// The closed set of rules, in the order in which violations are listed.
const (
	TooShort     Rule = "too_short"
	TooLong      Rule = "too_long"
	TooManyBytes Rule = "too_many_bytes"
	HasNUL       Rule = "has_nul"
	Repeats      Rule = "repeats"
	NoLower      Rule = "no_lower"
	NoUpper      Rule = "no_upper"
	NoDigit      Rule = "no_digit"
	NoSymbol     Rule = "no_symbol"
	IsCommon     Rule = "is_common"
	IsWord       Rule = "is_word"
	IsOwnName    Rule = "is_own_name"
)

// Rules returns all rules in order.
func Rules() []Rule {
	return []Rule{
		TooShort, TooLong, TooManyBytes, HasNUL, Repeats, NoLower, NoUpper, NoDigit, NoSymbol, IsCommon, IsWord, IsOwnName,
	}
}

// Demands returns every rule that some password breaks under the policy, in
// order, as its violation would be: what to tell people before they choose.
func (y Policy) Demands() []Violation {
	var all []Violation
	demand := func(rule Rule, limit int, yes bool) {
		if yes {
			all = append(all, Violation{rule, limit})
		}
	}
	demand(TooShort, y.MinLength, y.MinLength > 0)
	demand(TooLong, y.MaxLength, y.MaxLength > 0)
	demand(TooManyBytes, y.MaxBytes, y.MaxBytes > 0)
	demand(HasNUL, 0, y.NoNUL)
	demand(Repeats, y.MaxRun+1, y.MaxRun > 0)
	demand(NoLower, 0, y.Lower)
	demand(NoUpper, 0, y.Upper)
	demand(NoDigit, 0, y.Digit)
	demand(NoSymbol, 0, y.Symbol)
	demand(IsCommon, 0, y.Common != nil)
	demand(IsWord, 0, len(y.Words) > 0)
	demand(IsOwnName, 0, y.OwnNames)
	return all
}

// Check returns the rules that p breaks, in order. own are the account's
// names; none where no account is known yet.
func (y Policy) Check(p Password, own ...string) []Violation {
	text := p.Reveal()
	units := y.Units.split(text)
	length := len(units)
	var found []Violation
	broken := func(rule Rule, limit int, yes bool) {
		if yes {
			found = append(found, Violation{rule, limit})
		}
	}
	broken(TooShort, y.MinLength, length < y.MinLength)
	broken(TooLong, y.MaxLength, y.MaxLength > 0 && length > y.MaxLength)
	broken(TooManyBytes, y.MaxBytes, y.MaxBytes > 0 && len(text) > y.MaxBytes)
	broken(HasNUL, 0, y.NoNUL && strings.ContainsRune(text, 0))
	broken(Repeats, y.MaxRun+1, y.MaxRun > 0 && longestRun(units) > y.MaxRun)
	broken(NoLower, 0, y.Lower && !strings.ContainsFunc(text, isLower))
	broken(NoUpper, 0, y.Upper && !strings.ContainsFunc(text, isUpper))
	broken(NoDigit, 0, y.Digit && !strings.ContainsFunc(text, isDigit))
	broken(NoSymbol, 0, y.Symbol && !strings.ContainsFunc(text, isSymbol))

	// What is too long already is not looked up: folding a megabyte is work.
	if y.MaxLength > 0 && length > y.MaxLength {
		return found
	}
	folded := cases.Fold().String(text)
	is := func(word string) bool { return word != "" && cases.Fold().String(word) == folded }
	broken(IsCommon, 0, y.Common != nil && y.Common(folded))
	broken(IsWord, 0, slices.ContainsFunc(y.Words, is))
	broken(IsOwnName, 0, y.OwnNames && slices.ContainsFunc(own, is))
	return found
}

// split returns the text in units.
func (u Units) split(text string) []rune {
	if u != UTF16 {
		return []rune(text)
	}
	var units []rune
	for _, unit := range utf16.Encode([]rune(text)) {
		units = append(units, rune(unit))
	}
	return units
}

// longestRun returns how often a unit stands in a row at most. Line ends do
// not count, as in a regular expression whose dot does not match them.
func longestRun(units []rune) int {
	longest, run, last := 0, 0, rune(-1)
	for _, unit := range units {
		switch {
		case strings.ContainsRune("\n\r\u2028\u2029", unit):
			run = 0
		case unit == last:
			run++
		default:
			run = 1
		}
		last = unit
		longest = max(longest, run)
	}
	return longest
}

// The classes are ASCII's: any other letter or digit is a symbol.
func isLower(r rune) bool  { return 'a' <= r && r <= 'z' }
func isUpper(r rune) bool  { return 'A' <= r && r <= 'Z' }
func isDigit(r rune) bool  { return '0' <= r && r <= '9' }
func isSymbol(r rune) bool { return !isLower(r) && !isUpper(r) && !isDigit(r) }

// ownNames returns what an account's password must not be.
func ownNames(a Account) []string {
	local, _, _ := strings.Cut(a.Email, "@")
	names := []string{a.Username, a.Email, local, a.Name}
	for _, id := range a.ExternalIDs {
		names = append(names, id)
	}
	return names
}
