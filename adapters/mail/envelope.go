package mail

import (
	"fmt"
	"net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"rekey/core"
)

// envelope puts the letter into a mail. The recipient's display name stays
// out of it: it is whatever somebody typed.
func (m *Mailer) envelope(about core.Message, k kind, to *mail.Address, l letter) *gomail.Msg {
	out := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	out.FromMailAddress(m.from)
	out.ToMailAddress(to)
	out.Subject(l.subject)
	out.SetDateWithValue(m.passwords.Now().UTC())
	out.SetMessageIDWithValue(m.messageID(about, k))
	out.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no vacation answers
	out.SetBodyString(gomail.TypeTextPlain, l.text)
	out.AddAlternativeString(gomail.TypeTextHTML, l.html)
	return out
}

// messageID names a mail. A notice that is mailed twice has one name, so that
// a mailbox can drop the second. A link or a code that is mailed twice is a
// new secret that ended the first, so it is named anew.
func (m *Mailer) messageID(about core.Message, k kind) string {
	domain := m.from.Address[strings.LastIndexByte(m.from.Address, '@')+1:]
	if k == changed || k == locked {
		return fmt.Sprintf("%s@%s", about.ID, domain)
	}
	return fmt.Sprintf("%s.%d@%s", about.ID, about.Attempts, domain)
}
