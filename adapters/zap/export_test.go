package zap

import (
	"net/http"
	"slices"

	"rekey/adapters"
	"rekey/core"
)

// What the tests hold to be total.

func Faults() adapters.Faults                     { return faults }
func RuleWords() map[core.Rule]string             { return ruleWords }
func ReasonWords() map[adapters.JSONReason]string { return reasonWords }

// ReadBody reads the body of a change.
func ReadBody(r *http.Request) error {
	_, err := readChangePassword(r, core.FactorEnrolled)
	return err
}

// WordlessFlaws returns the flaws that have no words.
func WordlessFlaws() []string {
	var names []string
	for _, f := range allFlaws() {
		if flawWords[f] == "" {
			names = append(names, string(f))
		}
	}
	for _, f := range fields {
		if f.flaw != "" && !slices.Contains(allFlaws(), f.flaw) {
			names = append(names, string(f.flaw))
		}
	}
	return names
}
