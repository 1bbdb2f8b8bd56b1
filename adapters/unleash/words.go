package unleash

import (
	"fmt"
	"strconv"
	"strings"

	"rekey/adapters"
	"rekey/core"
)

// ruleWords are the sentences for the rules: {n} is the rule's number, {word}
// the same in words. The vendor's web client matches its own seven as strings;
// the other five are ours. "Fewer than" is the vendor's: 128 itself passes.
var ruleWords = map[core.Rule]string{
	core.TooShort:     "The password must be at least {n} characters long.",
	core.TooLong:      "The password must be fewer than {n} characters.",
	core.TooManyBytes: "The password must be at most {n} bytes long.",
	core.HasNUL:       "The password may not contain the NUL character.",
	core.Repeats:      "The password may not contain sequences of {word} or more repeated characters.",
	core.NoLower:      "The password must contain at least one lowercase letter.",
	core.NoUpper:      "The password must contain at least one uppercase letter.",
	core.NoDigit:      "The password must contain at least one number.",
	core.NoSymbol:     "The password must contain at least one special character.",
	core.IsCommon:     "The password may not be a commonly used password.",
	core.IsWord:       "The password may not be a word that is easy to guess here.",
	core.IsOwnName:    "The password may not be your own name, username or email address.",
}

// ruleMessages returns a sentence for each violation.
func ruleMessages(violations []core.Violation) []string {
	var sentences []string
	for _, v := range violations {
		fill := strings.NewReplacer("{n}", strconv.Itoa(v.Limit), "{word}", inWords(v.Limit))
		sentences = append(sentences, fill.Replace(ruleWords[v.Rule]))
	}
	return sentences
}

func inWords(n int) string {
	words := []string{"zero", "one", "two", "three", "four", "five", "six"}
	if n < 0 || n >= len(words) {
		return strconv.Itoa(n)
	}
	return words[n]
}

// jsonReasons say what is wrong with a body that is no JSON. Only the sentence
// for a truncated one is the vendor's: its others are the JavaScript engine's,
// and change with it.
var jsonReasons = map[adapters.JSONReason]string{
	adapters.JSONSyntax:    "Unexpected token in JSON",
	adapters.JSONTruncated: "Unexpected end of JSON input",
	adapters.JSONComma:     "Unexpected comma before a closing bracket in JSON",
	adapters.JSONDuplicate: "Duplicate property name in JSON",
	adapters.JSONEncoding:  "Text that is not valid Unicode in JSON",
	adapters.JSONTrailing:  "Unexpected data after JSON",
}

func jsonMessage(m *adapters.MalformedJSON) string {
	if m.Reason == adapters.JSONTruncated {
		return jsonReasons[m.Reason]
	}
	return fmt.Sprintf("%s at position %d", jsonReasons[m.Reason], m.Offset)
}
