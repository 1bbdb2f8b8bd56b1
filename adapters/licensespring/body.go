package licensespring

import (
	"bytes"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"rekey/adapters"
	"rekey/core"
)

// changePassword is what a client wrote.
type changePassword struct {
	username              string
	password, newPassword core.Password
}

// fieldNames are the three that the vendor documents, all required.
var fieldNames = []string{"username", "password", "new_password"}

// readChangePassword reads the body: JSON whatever the Content-Type says,
// because the vendor only recommends one and its curl sample sends none, which
// curl then labels a form. What is labelled a form and is no JSON object is a
// form: the vendor's Python sample sends one.
func readChangePassword(r *http.Request) (changePassword, error) {
	body, err := adapters.ReadBody(r, maxBody)
	if err != nil {
		return changePassword{}, err
	}
	read := readJSON
	if isForm(r) && !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		read = readForm
	}
	fields, err := read(body)
	if err != nil {
		return changePassword{}, err
	}
	if fields["username"] == "" {
		return changePassword{}, validation.because("username must not be empty")
	}
	return changePassword{
		username: fields["username"],
		password: core.NewPassword(fields["password"]), newPassword: core.NewPassword(fields["new_password"]),
	}, nil
}

func isForm(r *http.Request) bool {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return media == "application/x-www-form-urlencoded"
}

func readJSON(body []byte) (map[string]string, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, judge(nil, nil)
	}
	value, err := adapters.ParseJSON(body)
	if err != nil {
		return nil, err
	}
	members, ok := adapters.Members(value)
	if !ok {
		return nil, validation.because("the request body must be a JSON object")
	}
	fields, faults := map[string]string{}, []string{}
	var names []string
	for _, m := range members {
		text, ok := adapters.Text(m.Value)
		if !ok && slices.Contains(fieldNames, m.Name) {
			faults = append(faults, m.Name+" must be a string")
		}
		names, fields[m.Name] = append(names, m.Name), text
	}
	return fields, judge(names, faults)
}

func readForm(body []byte) (map[string]string, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, validation.because("the form cannot be read")
	}
	fields, faults := map[string]string{}, []string{}
	var names []string
	for name, values := range form {
		if len(values) > 1 || !utf8.ValidString(values[0]) {
			faults = append(faults, printable(name)+" must be given once, in UTF-8")
		}
		names, fields[name] = append(names, name), values[0]
	}
	slices.Sort(names)
	slices.Sort(faults)
	return fields, judge(names, faults)
}

// judge returns the fault of a body with these names: what is missing comes
// before what is wrong, and that before what is unknown.
func judge(names, faults []string) error {
	var missing []string
	for _, name := range fieldNames {
		if !slices.Contains(names, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return missingParameters.listing(missing)
	}
	for _, name := range names {
		if !slices.Contains(fieldNames, name) {
			faults = append(faults, printable(name)+" is not a known field")
		}
	}
	if len(faults) > 0 {
		return validation.because(strings.Join(faults, "; "))
	}
	return nil
}

// printable returns a client's field name as it may be told back.
func printable(name string) string {
	if !adapters.Tellable(name) {
		return "one of its names"
	}
	return "'" + name + "'"
}
