package webhook_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"rekey/core"
)

// shown is a header on the page.
var shown = regexp.MustCompile(`(?m)^(webhook-\w+): (.*)$`)

// The page says what is sent, to the byte, and names every event and member.
func TestTheProtocolSaysWhatIsSent(t *testing.T) {
	text, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	page, e := string(text), listen(t, nil)
	if err := sender(t, settings(e.URL))(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page, "\n"+e.requests()[0].body+"\n") {
		t.Errorf("the page does not have\n%s", e.requests()[0].body)
	}
	for _, s := range []string{first, second} {
		verifier, err := standardwebhooks.NewWebhook(s)
		if err != nil {
			t.Fatal(err)
		}
		header := http.Header{}
		for _, line := range shown.FindAllStringSubmatch(page, -1) {
			header.Set(line[1], line[2])
		}
		if err := verifier.VerifyIgnoringTimestamp([]byte(e.requests()[0].body), header); err != nil || !strings.Contains(page, "`"+s+"`") {
			t.Errorf("the signature that the page shows is not by %s: %v", s, err)
		}
	}
	for _, action := range core.ToldActions() {
		if !strings.Contains(page, "\n| `"+string(action)+"` |") {
			t.Errorf("no row is about %s", action)
		}
	}
	for _, member := range []string{
		"type", "version", "timestamp", "event_id", "account_id", "external_ids", "dialect", "proof", "actor", "client_address", "request_id",
		"outcome", "failures", "password_changed_at", "tokens_valid_after",
	} {
		if !strings.Contains(page, member+"`") {
			t.Errorf("nothing is said of %s", member)
		}
	}
}
