package licensespring

import (
	"encoding/base64"
	"net/http"
	"time"

	"rekey/adapters"
	"rekey/core"
)

// What the tests hold to be total, or fuzz.

func Faults() adapters.Faults                     { return faults }
func RuleWords() map[core.Rule]string             { return ruleWords }
func JSONReasons() map[adapters.JSONReason]string { return jsonReasons }
func MAC(sharedKey, date string) string {
	return base64.StdEncoding.EncodeToString(sum(sharedKey, date))
}
func ReadSignature(h http.Header, now time.Time) error {
	date, err := readDate(h)
	if err == nil {
		_, err = readSignature(h, date, now)
	}
	return err
}
func Verify(h http.Header, sharedKey string, now time.Time) (bool, error) {
	date, err := readDate(h)
	if err != nil {
		return false, err
	}
	s, err := readSignature(h, date, now)
	return err == nil && s.by(sharedKey), err
}
func ReadBody(r *http.Request) error { _, err := readChangePassword(r); return err }
func Status(err error) int           { return word(err).Status }
