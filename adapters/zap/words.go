package zap

import (
	"fmt"
	"strings"

	"rekey/adapters"
	"rekey/core"
)

// flaw is what is wrong with a body that is JSON.
type flaw string

// The closed set of flaws.
const (
	notObject   flaw = "not_object"
	missing     flaw = "missing"
	notString   flaw = "not_string"
	badUserID   flaw = "bad_user_id"
	badEmail    flaw = "bad_email"
	contradicts flaw = "contradicts"
	unknown     flaw = "unknown"
)

// allFlaws returns all flaws, in the order of their declaration.
func allFlaws() []flaw {
	return []flaw{notObject, missing, notString, badUserID, badEmail, contradicts, unknown}
}

// at is a flaw and the field that has it.
type at struct {
	field string
	flaw  flaw
}

// flaws is everything that is wrong with a body. It is a [core.Invalid] error.
type flaws []at

// Error names the flaws and tells nothing of the body.
func (fs flaws) Error() string {
	var names []string
	for _, f := range fs {
		names = append(names, string(f.flaw))
	}
	return "body: " + strings.Join(names, ", ")
}

// Unwrap returns [core.Invalid].
func (flaws) Unwrap() error { return core.Invalid }

// words tells the client, a clause a flaw.
func (fs flaws) words() string {
	var clauses []string
	for _, f := range fs {
		clauses = append(clauses, strings.ReplaceAll(flawWords[f.flaw], "{field}", tellable(f.field)))
	}
	return strings.Join(clauses, "; ")
}

// flawWords follow "The request is not valid: ".
var flawWords = map[flaw]string{
	notObject:   "the body must be a JSON object",
	missing:     "{field} is required",
	notString:   "{field} must be a string",
	badUserID:   "{field} must have 1 to 64 letters, digits, '-' and '_'",
	badEmail:    "{field} must be an e-mail address of at most 320 characters",
	contradicts: "secureOTP and {field} are two names for the same code and must not differ",
	unknown:     "{field} is not a known field",
}

// tellable returns a client's field name if it may be told back.
func tellable(name string) string {
	if adapters.Tellable(name) {
		return name
	}
	return "one of its names"
}

// reasonWords follow "The body is not valid JSON: ".
var reasonWords = map[adapters.JSONReason]string{
	adapters.JSONSyntax:    "it breaks the syntax",
	adapters.JSONTruncated: "it is empty or ends too early",
	adapters.JSONComma:     "there is a trailing comma before a closing bracket; remove it",
	adapters.JSONDuplicate: "a name stands twice in one object",
	adapters.JSONEncoding:  "it is not UTF-8, or escapes half of a surrogate pair",
	adapters.JSONTrailing:  "something follows the object",
}

// ruleWords follow "The new password is not accepted: ". %d is the rule's
// number, where it has one.
var ruleWords = map[core.Rule]string{
	core.TooShort:     "it must have at least %d characters",
	core.TooLong:      "it must have at most %d characters",
	core.TooManyBytes: "it must have at most %d bytes in UTF-8",
	core.HasNUL:       "it must not contain a NUL character",
	core.Repeats:      "it must not have the same character %d times in a row",
	core.NoLower:      "it must have a lowercase letter",
	core.NoUpper:      "it must have an uppercase letter",
	core.NoDigit:      "it must have a digit",
	core.NoSymbol:     "it must have a special character",
	core.IsCommon:     "it is one of the most common passwords",
	core.IsWord:       "it is a word that is not allowed here",
	core.IsOwnName:    "it must not be a name of its own account",
}

// weakWords tells every rule that the password breaks, a clause a rule.
func weakWords(violations []core.Violation) string {
	var clauses []string
	for _, v := range violations {
		clause := ruleWords[v.Rule]
		if strings.Contains(clause, "%d") {
			clause = fmt.Sprintf(clause, v.Limit)
		}
		clauses = append(clauses, clause)
	}
	return strings.Join(clauses, "; ")
}
