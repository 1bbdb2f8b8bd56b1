package unleash

import (
	"net/http"

	"github.com/go-json-experiment/json/jsontext"

	"rekey/adapters"
	"rekey/core"
)

// What the tests hold to be total, or look at closely.

func Faults() adapters.Faults                     { return faults }
func RuleWords() map[core.Rule]string             { return ruleWords }
func JSONReasons() map[adapters.JSONReason]string { return jsonReasons }
func Coerce(value string) (string, bool)          { return coerce(jsontext.Value(value)) }
func Show(value string) string                    { return show(jsontext.Value(value)) }

// ReadBody reads the body of a change.
func ReadBody(r *http.Request) error {
	_, err := readFields(r, "token", "password")
	return err
}
