package licensespring

import (
	"fmt"
	"strings"

	"rekey/core"
)

// ruleWords say which rule of the policy a password breaks. %d is the rule's
// number, where it has one.
var ruleWords = map[core.Rule]string{
	core.TooShort:     "it must have at least %d characters",
	core.TooLong:      "it must have at most %d characters",
	core.TooManyBytes: "it must have at most %d bytes in UTF-8",
	core.HasNUL:       "it must not contain a NUL character",
	core.Repeats:      "it must not contain the same character %d times in a row",
	core.NoLower:      "it must contain a lowercase letter",
	core.NoUpper:      "it must contain an uppercase letter",
	core.NoDigit:      "it must contain a number",
	core.NoSymbol:     "it must contain a special character",
	core.IsCommon:     "it is one of the most common passwords",
	core.IsWord:       "it is a word that is not allowed here",
	core.IsOwnName:    "it must not be one of the account's own names",
}

// rules words the violations, in their order.
func rules(violations []core.Violation) string {
	words := make([]string, 0, len(violations))
	for _, v := range violations {
		text := ruleWords[v.Rule]
		if strings.Contains(text, "%d") {
			text = fmt.Sprintf(text, v.Limit)
		}
		words = append(words, text)
	}
	return strings.Join(words, "; ")
}
