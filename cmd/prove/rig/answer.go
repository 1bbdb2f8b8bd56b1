package rig

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Verdict is what an answer says of a change.
type Verdict string

// The closed set of verdicts.
const (
	Acknowledged Verdict = "acknowledged" // the vendor's yes, to the byte
	Refused      Verdict = "refused"      // a no
	Unknown      Verdict = "unknown"      // no answer, or one that broke off
)

// Answer is what a client got.
type Answer struct {
	Verdict    Verdict
	Status     int
	Code       string        // the dialect's name for a refusal
	RetryAfter time.Duration // of a refusal that says when to come back
	Text       string        // the body
	Err        error         // why there is no answer

	// Fault says how the answer breaks what the dialect promises; "" if it
	// does not.
	Fault string
}

// Certain reports whether the answer leaves no doubt whether the change was
// made. A 5xx does: rekey may have lost the database during the commit.
func (a Answer) Certain() bool {
	return a.Verdict == Acknowledged || a.Verdict == Refused && a.Status < http.StatusInternalServerError
}

// String tells the answer in a line.
func (a Answer) String() string {
	switch a.Verdict {
	case Unknown:
		return fmt.Sprintf("no answer (%v)", a.Err)
	case Refused:
		return fmt.Sprintf("%d %s", a.Status, a.Code)
	case Acknowledged:
	}
	return string(a.Verdict)
}

// read judges what is the same in every dialect, and asks the dialect for the rest.
func (d dialect) read(response *http.Response, body []byte) Answer {
	a := Answer{Verdict: Refused, Status: response.StatusCode, Text: string(body)}
	if a.Status == http.StatusOK {
		a.Verdict = Acknowledged
		a.Fault = d.yes(response.Header, a.Text)
		return a
	}
	a.Code, a.Fault = d.no(a.Status, body)
	after, err := strconv.Atoi(response.Header.Get("Retry-After"))
	a.RetryAfter = time.Duration(after) * time.Second
	media, parameters, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch {
	case a.Fault != "":
	case media != "application/json" || !strings.EqualFold(parameters["charset"], "utf-8"):
		a.Fault = "a refusal is not application/json in UTF-8"
	case a.Status >= http.StatusInternalServerError && a.Status != http.StatusServiceUnavailable:
		a.Fault = "a server's error that is not 503"
	case (a.Status == http.StatusServiceUnavailable || a.Status == http.StatusTooManyRequests) && (err != nil || after < 1):
		a.Fault = "no Retry-After in whole seconds"
	}
	if a.Fault != "" {
		a.Fault = fmt.Sprintf("%s: %d %s", a.Fault, a.Status, a.Text)
	}
	return a
}

// dialect is how a vendor says yes and no. Each returns what is wrong with it,
// or "".
type dialect struct {
	yes func(header http.Header, body string) (fault string)
	no  func(status int, body []byte) (code, fault string)
}

// exactly returns the yes of one body with one media type.
func exactly(body, media string) func(http.Header, string) string {
	return func(header http.Header, got string) string {
		if got != body || header.Get("Content-Type") != media {
			return fmt.Sprintf("200 with %q %q, want %q %q", header.Get("Content-Type"), got, media, body)
		}
		return ""
	}
}

// members decodes a JSON object that has the members of T and no others.
func members[T any](body []byte) (value T, fault string) {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		return value, "the body is not in the dialect's shape (" + err.Error() + ")"
	}
	if decoder.More() {
		return value, "the body goes on after its JSON"
	}
	return value, ""
}
