package adapters

import (
	"strings"
	"time"

	"rekey/core"
)

// Example is what a dialect needs to show a working request.
type Example struct {
	BaseURL      string
	Now          time.Time
	Tenant       core.TenantID // the request's credential opens this tenant; any if empty
	Account      core.Account
	Current, New core.Password
	Token        core.Token
}

// Curl returns a curl command for a POST of body, one header a line, ready to
// be pasted into a POSIX shell.
func Curl(url, body string, headers ...string) string {
	lines := []string{"curl -i -X POST " + quote(url)}
	for _, header := range headers {
		lines = append(lines, "-H "+quote(header))
	}
	lines = append(lines, "-d "+quote(body))
	return strings.Join(lines, " \\\n  ")
}

// quote makes one word of text for a POSIX shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
