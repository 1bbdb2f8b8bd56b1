package zap

import (
	"mime"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"rekey/adapters"
	"rekey/core"
)

// maxBody bounds a request: six fields, with room for every byte escaped.
const maxBody = 64 << 10

// changePassword is what a client wrote.
type changePassword struct {
	userID, email            string
	oldPassword, newPassword core.Password
	code                     *core.OneTimeCode // nil if none was sent
}

// field is one member of the body.
type field struct {
	name     string
	optional bool
	valid    func(string) bool // nil for any text; a password's is the core's to judge
	flaw     flaw              // what is wrong with a text that is not valid
}

// fields are all that the body of a change may hold, in the order of the vendor's page. An
// unknown one is refused: a misspelt secureOTP would switch a check off.
var fields = []field{
	{name: "userId", valid: userID.MatchString, flaw: badUserID},
	{name: "email", valid: isEmail, flaw: badEmail},
	{name: "oldPassword"},
	{name: "newPassword"},
	{name: "secureOTP", optional: true},
	{name: "otp", optional: true}, // what the vendor's other pages call secureOTP
}

// userID is opaque: the vendor's samples have 24 and 25 hexadecimal digits.
var userID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

var emailPattern = regexp.MustCompile(`^[^@\pZ\pC]+@[^@\pZ\pC]+$`)

// isEmail reports whether the text could be an address (RFC 3696, erratum
// 1690: at most 320 characters). Whether it is the account's is the core's to say.
func isEmail(text string) bool {
	return utf8.RuneCountInString(text) <= 320 && emailPattern.MatchString(text)
}

// readChangePassword reads the body. Invalid with every flaw, or a refusal.
func readChangePassword(r *http.Request, rule core.FactorRule) (changePassword, error) {
	members, err := readObject(r)
	if err != nil {
		return changePassword{}, err
	}
	texts, found := judge(members, fields)
	code, flawed := oneTimeCode(texts, rule)
	if found = append(found, flawed...); len(found) > 0 {
		return changePassword{}, found
	}
	return changePassword{
		userID: texts["userId"], email: texts["email"],
		oldPassword: core.NewPassword(texts["oldPassword"]), newPassword: core.NewPassword(texts["newPassword"]),
		code: code,
	}, nil
}

// readObject reads the members of the body, which is one JSON object.
func readObject(r *http.Request) ([]adapters.Member, error) {
	if !isJSON(r.Header) {
		return nil, adapters.BadMedia
	}
	body, err := adapters.ReadBody(r, maxBody)
	if err != nil {
		return nil, err
	}
	value, err := adapters.ParseJSON(body)
	if err != nil {
		return nil, err
	}
	members, ok := adapters.Members(value)
	if !ok {
		return nil, flaws{{"", notObject}}
	}
	return members, nil
}

// isJSON reports whether the one Content-Type is JSON in UTF-8, not encoded further.
func isJSON(h http.Header) bool {
	values, encodings := h.Values("Content-Type"), h.Values("Content-Encoding")
	if len(values) != 1 || len(encodings) > 0 && !strings.EqualFold(strings.Join(encodings, ","), "identity") {
		return false
	}
	media, params, err := mime.ParseMediaType(values[0])
	charset, told := params["charset"]
	return err == nil && media == "application/json" && (!told || strings.EqualFold(charset, "utf-8"))
}

// judge returns the texts of the members by name, and what is wrong: first
// field by field, then the first unknown one. A body has room for thousands.
func judge(members []adapters.Member, fields []field) (map[string]string, flaws) {
	given := map[string]jsontext.Value{}
	for _, m := range members {
		given[m.Name] = m.Value
	}
	texts, found := map[string]string{}, flaws{}
	for _, f := range fields {
		value, present := given[f.name]
		delete(given, f.name)
		text, isText := adapters.Text(value)
		switch {
		case f.optional && (!present || value.Kind() == 'n'):
			continue
		case !present:
			found = append(found, at{f.name, missing})
		case !isText:
			found = append(found, at{f.name, notString})
			text = string(value) // so that a code of the wrong type is not missing as well
		case f.valid != nil && !f.valid(text):
			found = append(found, at{f.name, f.flaw})
		}
		texts[f.name] = text
	}
	for _, m := range members {
		if _, left := given[m.Name]; left {
			return texts, append(found, at{m.Name, unknown})
		}
	}
	return texts, found
}

// oneTimeCode returns the code under either of its names. null and the empty
// text, which forms send, are none.
func oneTimeCode(texts map[string]string, rule core.FactorRule) (*core.OneTimeCode, flaws) {
	code, sibling := texts["secureOTP"], texts["otp"]
	switch {
	case rule == core.FactorOff:
		return nil, nil
	case code != "" && sibling != "" && code != sibling:
		return nil, flaws{{"otp", contradicts}}
	case code == "":
		code = sibling
	}
	if code == "" && rule == core.FactorRequired {
		return nil, flaws{{"secureOTP", missing}}
	}
	if code == "" {
		return nil, nil
	}
	return &core.OneTimeCode{Secret: core.NewSecret(code)}, nil
}
