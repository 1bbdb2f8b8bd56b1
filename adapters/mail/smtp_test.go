package mail_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"rekey/adapters/mail"
	"rekey/adapters/mail/mailtest"
	"rekey/core"
)

func TestTheConnectionIsAsEncryptedAsWasAsked(t *testing.T) {
	ca := mailtest.CA(t)
	for name, c := range map[string]struct {
		serves string
		asked  mail.Encryption
		ca     string
		want   core.Code
	}{
		"none":                           {"", mail.NoTLS, "", ""},
		"none, though more is offered":   {"starttls", mail.NoTLS, "", ""},
		"starttls":                       {"starttls", mail.StartTLS, ca, ""},
		"starttls that is not offered":   {"", mail.StartTLS, ca, core.Unavailable},
		"starttls of a stranger":         {"starttls", mail.StartTLS, "", core.Unavailable},
		"tls":                            {"tls", mail.TLS, ca, ""},
		"tls of a stranger":              {"tls", mail.TLS, "", core.Unavailable},
		"tls with a server that is none": {"", mail.TLS, ca, core.Unavailable},
		"none with a server of tls":      {"tls", mail.NoTLS, "", core.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, server := newWorld(t), mailtest.Start(t, mailtest.Options{TLS: c.serves})
			conf := config(t, server.Address)
			conf.SMTP.TLS, conf.SMTP.CA, conf.SMTP.Timeout = c.asked, c.ca, time.Second
			code(t, w.do(w.mailer(conf), message(core.MailResetLink, w.account("ada@acme.example", ""))), c.want, name)
			mails := server.Mails()
			if (len(mails) == 1) != (c.want == "") {
				t.Fatalf("got %d mails", len(mails))
			}
			if len(mails) == 1 && mails[0].TLS != (c.asked != mail.NoTLS) {
				t.Errorf("it came encrypted: %v", mails[0].TLS)
			}
		})
	}
}

func TestSigningIn(t *testing.T) {
	ca := mailtest.CA(t)
	for name, c := range map[string]struct {
		serves             string
		asked              mail.Encryption
		username, password string
		want               core.Code
	}{
		"over starttls":          {"starttls", mail.StartTLS, "rekey", "s3cret-of-smtp", ""},
		"over tls":               {"tls", mail.TLS, "rekey", "s3cret-of-smtp", ""},
		"in clear on loopback":   {"", mail.NoTLS, "rekey", "s3cret-of-smtp", ""},
		"with a wrong password":  {"tls", mail.TLS, "rekey", "wr0ng-of-smtp", core.Unavailable},
		"not at all":             {"tls", mail.TLS, "", "", core.Unavailable},
		"with a server stripped": {"", mail.StartTLS, "rekey", "s3cret-of-smtp", core.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, server := newWorld(t), mailtest.Start(t, mailtest.Options{TLS: c.serves, Username: "rekey", Password: "s3cret-of-smtp"})
			conf := config(t, server.Address)
			conf.SMTP.TLS, conf.SMTP.CA, conf.SMTP.Username = c.asked, ca, c.username
			if c.password != "" {
				conf.SMTP.Password = password(c.password)
			}
			err := w.do(w.mailer(conf), message(core.MailResetLink, w.account("ada@acme.example", "")))
			code(t, err, c.want, name)
			if err != nil && strings.Contains(err.Error(), "of-smtp") {
				t.Errorf("the error tells the password: %v", err)
			}
			for _, m := range server.Mails() {
				if m.User != "rekey" {
					t.Errorf("signed in as %q", m.User)
				}
			}
		})
	}
}

// A server that stopped listening, refused for now, or refused for good.
func TestWhatAServersNoMeans(t *testing.T) {
	refuse := func(at string, err error) func(string, string) error {
		return func(stage, _ string) error {
			if stage == at {
				return err
			}
			return nil
		}
	}
	later, never := mailtest.Refusal(451, [3]int{4, 7, 1}, "greylisted"), mailtest.Refusal(550, [3]int{5, 1, 1}, "no such user")
	for name, c := range map[string]struct {
		answer func(stage, arg string) error
		want   core.Code
		says   string
	}{
		"the sender later":       {refuse("mail", later), core.Unavailable, "451"},
		"the sender never":       {refuse("mail", never), core.Unavailable, "550"},
		"the recipient later":    {refuse("rcpt", later), core.Unavailable, "451"},
		"the recipient never":    {refuse("rcpt", never), core.Invalid, "550 5.1.1"},
		"the mail later":         {refuse("data", later), core.Unavailable, "451"},
		"the mail never":         {refuse("data", never), core.Invalid, "550"},
		"it hangs up early":      {refuse("mail", mailtest.ErrHangUp), core.Unavailable, ""},
		"it hangs up on rcpt":    {refuse("rcpt", mailtest.ErrHangUp), core.Unavailable, ""},
		"it hangs up at the end": {refuse("data", mailtest.ErrHangUp), core.Unavailable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, server := newWorld(t), mailtest.Start(t, mailtest.Options{Answer: c.answer})
			err := w.do(w.mailer(config(t, server.Address)), message(core.MailResetLink, w.account("ada@acme.example", "")))
			code(t, err, c.want, name)
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "ada@") {
				t.Errorf("got %v, want it to say %q and not to whom", err, c.says)
			}
		})
	}
}

// Filters quote what they dislike.
func TestTheServersWordsAreNotRepeated(t *testing.T) {
	w := newWorld(t)
	var link string
	server := mailtest.Start(t, mailtest.Options{Answer: func(stage, data string) error {
		if stage != "data" {
			return nil
		}
		link = mailtest.Mail{Data: data}.Read(t).Text
		return mailtest.Refusal(554, [3]int{5, 7, 1}, "bad link "+strings.Join(strings.Fields(link), " "))
	}})
	err := w.do(w.mailer(config(t, server.Address)), message(core.MailResetLink, w.account("ada@acme.example", "")))
	code(t, err, core.Invalid, "a filter's refusal")
	if !strings.Contains(link, "token=") || strings.Contains(err.Error(), "token=") || strings.Contains(err.Error(), "bad link") {
		t.Errorf("got %v", err)
	}
}

// Some servers quote the password that they refuse, and some nonsense in its stead.
func TestTheServersWordsAtTheSignInAreNotRepeated(t *testing.T) {
	w := newWorld(t)
	server := mailtest.Start(t, mailtest.Options{Username: "rekey", Password: "s3cret-of-smtp", Answer: func(stage, arg string) error {
		if stage != "auth" {
			return nil
		}
		return mailtest.Refusal(535, [3]int{5, 7, 8}, "wrong: "+arg)
	}})
	conf := config(t, server.Address)
	conf.SMTP.Username, conf.SMTP.Password = "rekey", password("s3cret-of-smtp")
	err := w.do(w.mailer(conf), message(core.MailResetLink, w.account("ada@acme.example", "")))
	code(t, err, core.Unavailable, "a refused sign-in")
	if err == nil || strings.Contains(err.Error(), "wrong") || strings.Contains(err.Error(), "of-smtp") || !strings.Contains(err.Error(), "535") {
		t.Errorf("got %v, want the code and no words", err)
	}
}

func TestNoTokenIsMadeWhileNobodyListens(t *testing.T) {
	w, server := newWorld(t), mailtest.Start(t, mailtest.Options{})
	account := w.account("ada@acme.example", "")
	live, _, err := w.IssueToken(t.Context(), acme, core.Locator{ID: account.ID}, "operator", client)
	if err != nil {
		t.Fatal(err)
	}
	server.Stop()
	code(t, w.do(w.mailer(config(t, server.Address)), message(core.MailResetLink, account)), core.Unavailable, "nobody listens")
	_, _, err = w.InspectToken(t.Context(), "", live)
	code(t, err, "", "the older token")
}

func TestAStalledServerIsGivenUp(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	w := newWorld(t)
	about := message(core.MailResetLink, w.account("ada@acme.example", ""))
	conf := config(t, listener.Addr().String())
	conf.SMTP.Timeout = 30 * time.Second
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	err = w.mailer(conf).Handlers()[core.MailResetLink](ctx, about)
	code(t, err, core.Unavailable, "a server that never greets, and a caller that leaves")
	conf.SMTP.Timeout = time.Second
	code(t, w.do(w.mailer(conf), about), core.Unavailable, "a server that never greets")
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}
