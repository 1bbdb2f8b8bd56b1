package main

import (
	"fmt"

	"rekey/core"
)

// refusals words why a record was not taken, or what of it.
var refusals = map[core.Reason]func(r core.Refusal) string{
	core.Malformed:    func(r core.Refusal) string { return fmt.Sprintf("%s: no account can have this", r.Field) },
	core.UnusableHash: func(r core.Refusal) string { return fmt.Sprintf("%s: %v", r.Field, r.Err) },
	core.TakenName: func(r core.Refusal) string {
		return fmt.Sprintf("%s: another account%s has this; --merge-by email joins those of one address", r.Field, other(r))
	},
	core.Ambiguous: func(r core.Refusal) string {
		return fmt.Sprintf("%s: its names belong to two accounts, one of them%s", r.Field, other(r))
	},
	core.Differs: func(r core.Refusal) string {
		return fmt.Sprintf("%s: the account that it is of,%s, has another", r.Field, other(r))
	},
	core.Newer: func(r core.Refusal) string {
		return fmt.Sprintf("%s: the account%s kept its password, which is newer, or nobody knows which is", r.Field, other(r))
	},
	core.Enrolled: func(r core.Refusal) string {
		return fmt.Sprintf("%s: the account%s keeps its own second factor, or none", r.Field, other(r))
	},
}

func other(r core.Refusal) string {
	if r.Other == "" {
		return ""
	}
	return fmt.Sprintf(" %s", r.Other)
}

func wordRefusal(r core.Refusal) string {
	if word, ok := refusals[r.Reason]; ok {
		return word(r)
	}
	return string(r.Reason)
}
