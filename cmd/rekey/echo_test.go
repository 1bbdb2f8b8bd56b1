package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// secretNames are the fields of all dialects whose values no answer may repeat.
var secretNames = map[string]bool{
	"password": true, "new_password": true, "oldPassword": true, "newPassword": true, "token": true, "secureOTP": true, "otp": true,
}

// told returns all of the request that a dialect may tell back: names of fields
// and values of fields that hold no secret. A body of another form has none.
func (r served) told() string {
	var told strings.Builder
	query := r.URL.Query()
	for name, values := range query {
		told.WriteString(name + "\n")
		if !secretNames[name] {
			told.WriteString(strings.Join(values, "\n"))
		}
	}
	told.WriteString(r.Method + "\n" + r.URL.Path + "\n" + r.Host + "\n")
	for name, values := range r.Header {
		if name != "Authorization" {
			told.WriteString(name + ": " + strings.Join(values, "\n") + "\n")
		}
	}
	var body map[string]any
	if form, err := url.ParseQuery(string(r.content)); err == nil {
		body = map[string]any{}
		for name, values := range form {
			body[name] = strings.Join(values, "\n")
		}
	}
	var object map[string]any
	if json.Unmarshal(r.content, &object) == nil {
		body = object
	}
	for name, value := range body {
		told.WriteString(name + "\n")
		if !secretNames[name] {
			_, _ = fmt.Fprintln(&told, value)
		}
	}
	return told.String()
}

// leak returns a secret that stands in the answer, or "". That of a live token's
// owner repeats the token, as its vendor documents.
func (x exchange) leak(secrets []string) string {
	told, shown := x.told(), x.body+"\n"
	for name, values := range x.header {
		shown += name + ": " + strings.Join(values, "\n") + "\n"
	}
	for _, s := range secrets {
		repeated := x.status == http.StatusOK && x.Method == http.MethodGet && x.URL.Query().Get("token") == s
		if strings.Contains(shown, s) && !strings.Contains(told, s) && !repeated {
			return s
		}
	}
	return ""
}
