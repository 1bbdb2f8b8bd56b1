package mail_test

import (
	"regexp"
	"strings"
	"testing"

	"rekey/adapters/mail/mailtest"
	"rekey/core"
)

func TestAResetLinkRedeems(t *testing.T) {
	w, server := newWorld(t), mailtest.Start(t, mailtest.Options{})
	account := w.account("ada@acme.example", "Ada")
	if err := w.do(w.mailer(config(t, server.Address)), message(core.MailResetLink, account)); err != nil {
		t.Fatal(err)
	}
	got := server.Wait(t, 1)[0]
	read := got.Read(t)
	if got.From != "no-reply@acme.example" || len(got.To) != 1 || got.To[0] != "ada@acme.example" {
		t.Errorf("went from %s to %v", got.From, got.To)
	}
	link := "https://accounts.acme.example/reset-password?token=" + token(t, read).Reveal()
	if !strings.Contains(read.HTML, `<a href="`+link+`">`) {
		t.Errorf("the HTML lacks the link:\n%s", read.HTML)
	}
	for _, text := range []string{read.Text, read.HTML} {
		if !strings.Contains(text, "3 March 2026, 12:00 UTC") {
			t.Errorf("does not say until when the link works:\n%s", text)
		}
	}
	for name, want := range map[string]string{
		"Subject": "Reset your password for accounts.acme.example", "From": `"Acme" <no-reply@acme.example>`, "To": "<ada@acme.example>",
		"Date": "Mon, 02 Mar 2026 12:00:00 +0000", "Auto-Submitted": "auto-generated", "X-Mailer": "", "User-Agent": "",
		"Message-Id": "<0195-message.1@acme.example>",
	} {
		if got := read.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	known, _, err := w.InspectToken(t.Context(), "", token(t, read))
	if err != nil || known.IssuedBy != "mail" || known.Account != account.ID {
		t.Fatalf("the token is %+v, %v", known, err)
	}
	_, err = w.Change(t.Context(), core.Change{Proof: core.Possession{Token: token(t, read)}, New: core.NewPassword("a wholly new passphrase")})
	code(t, err, "", "redeem the link")
}

func TestTheTrailSaysWhereTheLinkWasAskedFor(t *testing.T) {
	w, server := newWorld(t), mailtest.Start(t, mailtest.Options{})
	about := message(core.MailResetLink, w.account("ada@acme.example", ""))
	if err := w.do(w.mailer(config(t, server.Address)), about); err != nil {
		t.Fatal(err)
	}
	events, err := w.store.Events(t.Context(), acme, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	last := events[len(events)-1]
	if last.Action != core.TokenIssued || last.Actor != "mail" || last.Origin.Dialect != "unleash" || last.Origin.Addr != client.Addr {
		t.Errorf("got %+v", last)
	}
}

func TestANoticeSaysWhenHowAndFromWhere(t *testing.T) {
	for topic, subject := range map[core.Topic]string{
		core.MailChangedNotice: "Your password for accounts.acme.example was changed",
		core.MailLockedNotice:  "Somebody is guessing at your password for accounts.acme.example",
	} {
		noticed(t, topic, subject)
	}
}

func noticed(t *testing.T, topic core.Topic, subject string) {
	t.Helper()
	w, server := newWorld(t), mailtest.Start(t, mailtest.Options{})
	account := w.account("ada@acme.example", "")
	mailer := w.mailer(config(t, server.Address))
	about := message(topic, account)
	if err := w.do(mailer, about); err != nil {
		t.Fatal(err)
	}
	delete(about.Facts, "addr")
	if err := w.do(mailer, about); err != nil {
		t.Fatal(err)
	}
	mails := server.Wait(t, 2)
	read, without := mails[0].Read(t), mails[1].Read(t)
	if read.Subject != subject {
		t.Errorf("the subject is %q, want %q", read.Subject, subject)
	}
	for _, text := range []string{read.Text, read.HTML} {
		for _, want := range []string{"2 March 2026, 11:59:58 UTC", "unleash", "192.0.2.7", "If it was not"} {
			if !strings.Contains(text, want) {
				t.Errorf("the notice lacks %q:\n%s", want, text)
			}
		}
	}
	if strings.Contains(without.Text, "From:") || strings.Contains(without.HTML, "From:") {
		t.Errorf("an unknown address is named:\n%s", without.Text)
	}
	if got := without.Header.Get("Message-Id"); got != "<0195-message@acme.example>" || got != read.Header.Get("Message-Id") {
		t.Errorf("the notice of one change is named %s and %s", read.Header.Get("Message-Id"), got)
	}
}

func TestAnotherTryIsAnotherSecretAndAnotherName(t *testing.T) {
	w, server := newWorld(t), mailtest.Start(t, mailtest.Options{})
	about := message(core.MailResetLink, w.account("ada@acme.example", ""))
	mailer := w.mailer(config(t, server.Address))
	for about.Attempts = 1; about.Attempts <= 2; about.Attempts++ {
		if err := w.do(mailer, about); err != nil {
			t.Fatal(err)
		}
	}
	mails := server.Wait(t, 2)
	first, second := mails[0].Read(t), mails[1].Read(t)
	_, _, err := w.InspectToken(t.Context(), "", token(t, first))
	code(t, err, core.BadToken, "the first link")
	_, _, err = w.InspectToken(t.Context(), "", token(t, second))
	code(t, err, "", "the second link")
	if a, b := first.Header.Get("Message-Id"), second.Header.Get("Message-Id"); a == b {
		t.Errorf("both are named %s: a mailbox would drop the one that works", a)
	}
}

func TestACodeIsMailedAndWorks(t *testing.T) {
	w, server := newWorld(t), mailtest.Start(t, mailtest.Options{})
	account := w.account("ada@acme.example", "")
	if err := w.do(w.mailer(config(t, server.Address)), message(core.MailOneTimeCode, account)); err != nil {
		t.Fatal(err)
	}
	read := server.Wait(t, 1)[0].Read(t)
	text := regexp.MustCompile(`\n(\d{8})\n`).FindStringSubmatch(read.Text)
	if text == nil {
		t.Fatalf("there is no code in\n%s", read.Text)
	}
	if !strings.Contains(read.HTML, text[1]) || !strings.Contains(read.Text, "2 March 2026, 12:10 UTC") || strings.Contains(read.Subject, text[1]) {
		t.Errorf("got\n%s\n%s", read.Subject, read.HTML)
	}
	factor := core.OneTimeCode{Secret: core.NewSecret(text[1])}
	_, err := w.Change(t.Context(), core.Change{
		Tenant: acme, New: core.NewPassword("a wholly new passphrase"),
		Proof: core.Authority{Admin: core.Actor{Subject: "root"}, Account: core.Locator{ID: account.ID}, Factor: core.Factor{Rule: core.FactorRequired, Code: &factor}},
	})
	code(t, err, "", "use the code")
}

func TestMailThatCannotBe(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	for name, c := range map[string]struct {
		topic core.Topic
		email string
		alter func(*world, *core.Message)
		want  core.Code // "" where there is nobody to write to
	}{
		"no such account":    {core.MailResetLink, "ada@acme.example", func(_ *world, m *core.Message) { m.Account = "nobody" }, ""},
		"of another tenant":  {core.MailChangedNotice, "ada@acme.example", func(_ *world, m *core.Message) { m.Tenant = "other" }, ""},
		"no address":         {core.MailChangedNotice, "", func(*world, *core.Message) {}, ""},
		"no time":            {core.MailChangedNotice, "ada@acme.example", func(_ *world, m *core.Message) { delete(m.Facts, "at") }, core.Invalid},
		"a disabled account": {core.MailResetLink, "ada@acme.example", disable, ""},
		"somebody else":      {core.MailResetLink, "Ada <eve@evil.example>", func(*world, *core.Message) {}, core.Invalid},
		"a list":             {core.MailResetLink, "ada@acme.example, eve@evil.example", func(*world, *core.Message) {}, core.Invalid},
		"a comment":          {core.MailResetLink, "ada@acme.example (eve@evil.example)", func(*world, *core.Message) {}, core.Invalid},
		"a space":            {core.MailResetLink, "ada lovelace@acme.example", func(*world, *core.Message) {}, core.Invalid},
	} {
		w := newWorld(t)
		about := message(c.topic, w.account(c.email, ""))
		c.alter(w, &about)
		code(t, w.do(w.mailer(config(t, server.Address)), about), c.want, name)
	}
	if got := server.Mails(); len(got) > 0 {
		t.Errorf("a mail went to %v", got[0].To)
	}
}

func disable(w *world, m *core.Message) {
	if _, err := w.SetDisabled(w.t.Context(), acme, core.Locator{ID: m.Account}, true, "", client); err != nil {
		w.t.Fatal(err)
	}
}

func TestAddressesThatLookOddGetMail(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	for i, email := range []string{"ada+rekey@acme.example", "o'hara@acme.example", `"ada lovelace"@acme.example`, "ADA@acme.example", "ädä@acme.example"} {
		w := newWorld(t)
		if err := w.do(w.mailer(config(t, server.Address)), message(core.MailResetLink, w.account(email, ""))); err != nil {
			t.Errorf("%s: %v", email, err)
			continue
		}
		got := server.Wait(t, i+1)[i]
		if to := got.Read(t).Header.Get("To"); to != "<"+email+">" || got.To[0] != strings.ReplaceAll(email, `"`, "") {
			t.Errorf("%s: got %s, %s", email, to, got.To[0])
		}
		if ascii := !strings.Contains(email, "ä"); got.UTF8 == ascii {
			t.Errorf("%s: SMTPUTF8 is asked for: %v; asked for without need, mails bounce", email, got.UTF8)
		}
	}
}

func TestEveryTopicOfMailHasAHandler(t *testing.T) {
	handlers := newWorld(t).mailer(config(t, "127.0.0.1:25")).Handlers()
	for _, topic := range core.Topics() {
		if _, ok := handlers[topic]; ok != strings.HasPrefix(string(topic), "mail.") {
			t.Errorf("%s is handled: %v", topic, ok)
		}
	}
}
