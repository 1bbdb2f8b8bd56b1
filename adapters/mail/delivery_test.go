package mail_test

import (
	"strings"
	"testing"

	"rekey/adapters/mail/mailtest"
	"rekey/core"
)

// A link travels from the request to an SMTP server in another process, which
// is dead for a while.
func TestALinkReachesAServerThatWasDown(t *testing.T) {
	w := newWorld(t)
	account := w.account("ada@acme.example", "")
	server := mailtest.StartProcess(t, mailtest.Options{})
	server.Kill()
	d := w.dispatch(config(t, server.Address), 1)
	w.ask("ada@acme.example")
	d.until(core.Postponed)
	if got := d.last(); !strings.Contains(got.Err.Error(), "connection refused") {
		t.Errorf("got %+v", got)
	}
	server.Restart(t)
	d.until(core.Finished)
	d.stop()
	mails := server.Mails()
	if len(mails) != 1 {
		t.Fatalf("got %d mails", len(mails))
	}
	w.redeem(token(t, mails[0].Read(t)), account.ID)
}

// The change that the link leads to is told to the owner, without a secret.
func TestAChangeIsToldToTheOwner(t *testing.T) {
	w, server := newWorld(t), mailtest.StartProcess(t, mailtest.Options{})
	account := w.account("ada@acme.example", "")
	d := w.dispatch(config(t, server.Address), 1)
	w.ask("ada@acme.example")
	link := token(t, server.Wait(t, 1)[0].Read(t))
	w.redeem(link, account.ID)
	var notice mailtest.Read
	for _, m := range server.Wait(t, 2) {
		if read := m.Read(t); strings.Contains(read.Subject, "was changed") {
			notice = read
		}
	}
	d.stop()
	if !strings.Contains(notice.Text, "unleash") || !strings.Contains(notice.Text, "192.0.2.7") {
		t.Errorf("got\n%s", notice.Text)
	}
	for _, secret := range []string{chosen, link.Reveal()} {
		if strings.Contains(notice.Text+notice.HTML+notice.Subject, secret) {
			t.Errorf("the notice tells a secret:\n%s", notice.Text)
		}
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("the log tells a secret:\n%s", d.log)
		}
	}
	if !strings.Contains(d.log.String(), "finished") {
		t.Errorf("the log says nothing: %s", d.log)
	}
}

// Known, unknown, or a mail server that is down: the answer is one.
func TestNobodyLearnsWhetherAnAddressIsKnown(t *testing.T) {
	w, server := newWorld(t), mailtest.Start(t, mailtest.Options{})
	w.account("ada@acme.example", "")
	d := w.dispatch(config(t, server.Address), 1)
	for _, email := range []string{"ada@acme.example", "eve@acme.example", "nobody"} {
		w.ask(email)
	}
	d.until(core.Finished, core.Finished, core.Finished)
	server.Stop()
	w.account2("grace", "grace@acme.example")
	w.ask("grace@acme.example")
	w.ask("mallory@acme.example")
	d.until(core.Postponed, core.Finished)
	d.stop()
	if got := server.Mails(); len(got) != 1 || got[0].To[0] != "ada@acme.example" {
		t.Errorf("got %+v", got)
	}
}

func TestGreylistingIsSatInQuiet(t *testing.T) {
	w := newWorld(t)
	w.account("ada@acme.example", "")
	refusals := 0
	server := mailtest.Start(t, mailtest.Options{Answer: func(stage, _ string) error {
		if stage == "rcpt" && refusals < 2 {
			refusals++
			return mailtest.Refusal(451, [3]int{4, 7, 1}, "greylisted")
		}
		return nil
	}})
	d := w.dispatch(config(t, server.Address), 1)
	w.ask("ada@acme.example")
	d.until(core.Postponed, core.Postponed, core.Finished)
	d.stop()
	if got := server.Mails(); len(got) != 1 {
		t.Fatalf("got %d mails", len(got))
	}
}

func TestARecipientThatDoesNotExistIsBuriedAtOnce(t *testing.T) {
	w := newWorld(t)
	w.account("ada@acme.example", "")
	server := mailtest.Start(t, mailtest.Options{Answer: func(stage, _ string) error {
		if stage == "rcpt" {
			return mailtest.Refusal(550, [3]int{5, 1, 1}, "no such user")
		}
		return nil
	}})
	d := w.dispatch(config(t, server.Address), 1)
	w.ask("ada@acme.example")
	d.until(core.Buried)
	d.stop()
	if got := d.last(); got.Message.Attempts != 1 {
		t.Errorf("got %+v", got)
	}
}

// When the server takes a mail and its answer is lost, the mail comes twice,
// and the link that works comes last, under a name of its own.
func TestALostAnswerMailsTwice(t *testing.T) {
	w := newWorld(t)
	account := w.account("ada@acme.example", "")
	lost := false
	server := mailtest.Start(t, mailtest.Options{Answer: func(stage, _ string) error {
		if stage == "data" && !lost {
			lost = true
			return mailtest.ErrLost
		}
		return nil
	}})
	d := w.dispatch(config(t, server.Address), 1)
	w.ask("ada@acme.example")
	d.until(core.Postponed, core.Finished)
	d.stop()
	mails := server.Mails()
	if len(mails) != 2 {
		t.Fatalf("got %d mails", len(mails))
	}
	first, second := mails[0].Read(t), mails[1].Read(t)
	if first.Header.Get("Message-Id") == second.Header.Get("Message-Id") {
		t.Error("a mailbox would drop the second, which holds the live link")
	}
	w.redeem(token(t, second), account.ID)
}

func TestManyDispatchersMailOnce(t *testing.T) {
	w, server := newWorld(t), mailtest.Start(t, mailtest.Options{})
	const n = 20
	for i := range n {
		name := string(rune('a' + i))
		w.account2(name, name+"@acme.example")
		w.ask(name + "@acme.example")
	}
	d := w.dispatch(config(t, server.Address), 3)
	server.Wait(t, n)
	d.stop()
	seen := map[string]int{}
	for _, m := range server.Mails() {
		seen[m.To[0]]++
	}
	for to, times := range seen {
		if times != 1 {
			t.Errorf("%s got %d mails", to, times)
		}
	}
	if len(seen) != n {
		t.Errorf("%d got mail, want %d", len(seen), n)
	}
}
