package mail_test

import (
	"bytes"
	"maps"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/adapters/mail"
	"rekey/core"
)

// FuzzLetter holds that whatever somebody is called, a mail goes to one address,
// has our headers and no other, and no markup of theirs.
func FuzzLetter(f *testing.F) {
	for _, seed := range []string{"Ada", "Ada\r\nBcc: eve@evil.example", "<script>alert(1)</script>", "{{.Link}}", "\u202ea", "=?utf-8?q?=0d=0aBcc:?=", "\xff"} {
		f.Add(seed, "ada@acme.example")
		f.Add("Ada", seed+"@acme.example")
	}
	f.Add("Ada", `"a b"@acme.example`)
	f.Add("Ada", "ada@acme.example, eve@evil.example")
	passwords := core.New(core.Parts{Now: func() time.Time { return noon }})
	f.Fuzz(func(t *testing.T, name, email string) {
		wire, err := mail.Letter(name, email, passwords)
		if err != nil {
			t.Fatalf("%q %q: %v", name, email, err)
		}
		if wire == nil {
			return
		}
		read, err := netmail.ReadMessage(bytes.NewReader(wire))
		if err != nil {
			t.Fatalf("%q %q: %v\n%s", name, email, err, wire)
		}
		const want = "Auto-Submitted Content-Type Date From Message-Id Mime-Version Subject To"
		if got := strings.Join(slices.Sorted(maps.Keys(read.Header)), " "); got != want {
			t.Errorf("%q %q: headers are %s", name, email, got)
		}
		to, err := read.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != unquoted(email) {
			t.Errorf("%q %q: it goes to %v, %v", name, email, to, err)
		}
		if bytes.Contains(bytes.ToLower(wire), []byte("<script")) {
			t.Errorf("%q: markup of theirs\n%s", name, wire)
		}
	})
}

// unquoted returns an address without the quotes that its local part may have.
func unquoted(email string) string {
	to, err := netmail.ParseAddress(email)
	if err != nil {
		return ""
	}
	return to.Address
}
