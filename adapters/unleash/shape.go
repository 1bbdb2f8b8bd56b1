package unleash

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"rekey/adapters"
)

// readFields reads the body, an object of exactly the named members, all of
// them text or what JavaScript makes text of. Only its first fault is told:
// what is missing, then what is unknown, then what is of the wrong type.
func readFields(r *http.Request, names ...string) (map[string]string, error) {
	value, err := readJSON(r)
	if err != nil {
		return nil, err
	}
	members, ok := adapters.Members(value)
	if !ok && value != nil {
		return nil, mistyped("", "object", value)
	}
	given := map[string]jsontext.Value{}
	for _, m := range members {
		given[m.Name] = m.Value
	}
	for _, name := range names {
		if given[name] == nil {
			return nil, missing(name)
		}
	}
	for _, m := range members {
		if !slices.Contains(names, m.Name) {
			return nil, unknown(m.Name)
		}
	}
	fields := map[string]string{}
	for _, name := range names {
		if fields[name], ok = coerce(given[name]); !ok {
			return nil, mistyped(name, "string", given[name])
		}
	}
	return fields, nil
}

// pathOf returns the path of a property, "" for the body itself. The vendor
// joins names as they are.
func pathOf(name string) string {
	if name == "" {
		return "/body"
	}
	return "/body/" + name
}

func missing(name string) error {
	path := pathOf(name)
	return badData(pathFirst{path, fmt.Sprintf(
		"The `%s` property is required. It was not present on the data you sent.", path)})
}

// unknown tells the name back if it can be one: what a body holds by mistake may
// stand in a name's place.
func unknown(name string) error {
	path := pathOf(name)
	if name != "" && !adapters.Tellable(name) {
		path = pathOf("[name not displayed]")
	}
	return badData(pathFirst{path, fmt.Sprintf(
		"The `/body` object of the request body does not allow additional properties. "+
			"Your request included the `%s` property.", path)})
}

// mistyped tells the value back, but never one that may hold a password or a
// token: who reads the answer, as a log does, may not be who sent it.
func mistyped(name, want string, value jsontext.Value) error {
	path, sent := pathOf(name), show(value)
	text := bytes.Contains(value, []byte(`"`)) && sent != tooLarge
	secret := name == "" || name == "password" || name == "token" && text || bytes.Contains(value, []byte(`"password"`))
	if secret && !hollow(value) {
		sent = "[value not displayed]"
	}
	return badData(pathLast{fmt.Sprintf("The `%s` property must be %s. You sent %s.", path, want, sent), path})
}

func badData(detail any) error {
	return &fault{class: adapters.Malformed, details: []any{detail}, Fault: adapters.Fault{
		Status: http.StatusBadRequest, Code: "BadDataError", Message: badDataMessage,
	}}
}

const badDataMessage = "Request validation failed: your request body or params contain invalid data. " +
	"Refer to the `details` list for more information."
