package core_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"rekey/core"
)

// scripted is randomness that begins with what a test says.
type scripted struct {
	first io.Reader
	rest  io.Reader
}

func (s scripted) Read(p []byte) (int, error) {
	if n, err := io.ReadFull(s.first, p); err == nil {
		return n, nil
	}
	return s.rest.Read(p)
}

func TestACodeHasEightDigitsAllEquallyLikely(t *testing.T) {
	w := newFactorWorld(t)
	w.account(correct)
	format := regexp.MustCompile(`^[0-9]{8}$`)
	seen := map[string]bool{}
	for range 200 {
		sent := w.mailed(ada)
		if !format.MatchString(sent) || seen[sent] {
			t.Fatalf("got %q", sent)
		}
		seen[sent] = true
	}
	// 2^64 is 184467440737 times 10^8 and some: what lies above is thrown again.
	whole := uint64(184467440737) * 100_000_000
	for thrown, want := range map[uint64]string{0: "00000000", 7: "00000007", whole - 1: "99999999", whole: "00000042", 1<<64 - 1: "00000042"} {
		script := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, thrown), 42)
		w.Random = scripted{bytes.NewReader(script), w.random}
		if got := w.mailed(ada); got != want {
			t.Errorf("%d: got %s, want %s", thrown, got, want)
		}
	}
}

func TestACodeIsStoredAsADigestOnly(t *testing.T) {
	w := newFactorWorld(t)
	account := w.account(correct)
	before := w.state()
	sent := w.mailed(ada)
	stored := w.stored(account.ID)
	if told := fmt.Sprintf("%+v %+v", stored, w.state()); strings.Contains(told, sent) || stored.Purpose != "password_change" || stored.Tenant != acme {
		t.Errorf("the store knows %s", told)
	}
	events := w.since(before)
	if len(events) != 1 || events[0].Action != core.CodeIssued || events[0].Account != account.ID {
		t.Errorf("got events %+v", events)
	}
	w.disable(true)
	_, _, err := w.IssueCode(t.Context(), core.Message{Tenant: acme, Account: account.ID})
	code(t, err, core.Disabled)
	for _, m := range []core.Message{{Tenant: other, Account: account.ID}, {Tenant: acme}, {Tenant: acme, Account: "x"}} {
		_, _, err = w.IssueCode(t.Context(), m)
		code(t, err, core.NotFound)
	}
}

func TestRequestingACodeTellsNothing(t *testing.T) {
	from := core.Origin{Dialect: "zap", Addr: netip.MustParseAddr("192.0.2.1"), RequestID: "r7"}
	byID := func(id string) core.Locator {
		return core.Locator{External: core.Key{Kind: "zap", Value: id}, Email: "ada.lovelace@acme.example"}
	}
	for name, c := range map[string]struct {
		locator core.Locator
		topic   core.Topic
		mails   bool // whether it comes to a mail
		disable bool
	}{
		"by address":          {core.Locator{Email: "Ada.Lovelace@acme.example"}, core.MailOneTimeCode, true, false},
		"by id and address":   {byID("zap-number-7"), core.MailOneTimeCode, true, false},
		"another id":          {byID("zap-number-8"), core.Void, false, false},
		"an unknown address":  {core.Locator{Email: "nobody@acme.example"}, core.Void, false, false},
		"a disabled account":  {core.Locator{Email: "ada.lovelace@acme.example"}, core.MailOneTimeCode, false, true},
		"nothing":             {core.Locator{}, core.Void, false, false},
		"a username it's not": {core.Locator{Email: "ada"}, core.MailOneTimeCode, false, false},
		"another address":     {core.Locator{External: core.Key{Kind: "zap", Value: "zap-number-7"}, Email: "eve@acme.example"}, core.MailOneTimeCode, false, false},
	} {
		w := newFactorWorld(t)
		account := w.account(correct)
		if c.disable {
			w.disable(true)
		}
		before := w.state()
		code(t, w.RequestCode(t.Context(), acme, c.locator, "idp:root", core.MailLimits{}, from), "", name)
		events := w.since(before)
		messages, err := w.kept.Claim(t.Context(), noon, noon.Add(time.Minute), 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) != 1 || len(messages) != 1 {
			t.Fatalf("%s: got events %+v, messages %+v", name, events, messages)
		}
		id := pick(c.topic == core.Void, "", account.ID)
		if e := events[0]; e.Action != core.CodeRequested || e.Actor != "idp:root" || e.Account != id || e.Origin != from {
			t.Errorf("%s: got event %+v", name, e)
		}
		if m := messages[0]; m.Topic != c.topic || m.Account != id || m.Tenant != acme {
			t.Errorf("%s: got message %+v", name, m)
		}
		_, err = w.Addressee(t.Context(), messages[0])
		code(t, err, pick[core.Code](c.mails, "", core.NotFound), name, "the addressee")
	}
}

func TestRequestingCodesIsLimited(t *testing.T) {
	w := newFactorWorld(t)
	w.account(correct)
	limits := core.MailLimits{PerAddress: core.Limit{Every: time.Minute, Burst: 1}}
	ask := func(email string) error {
		return w.RequestCode(t.Context(), acme, core.Locator{Email: email}, "", limits, origin)
	}
	for _, email := range []string{"ada.lovelace@acme.example", "nobody@acme.example"} {
		code(t, ask(email), "", email)
		err := ask(strings.ToUpper(email))
		code(t, err, core.Throttled, email)
		if e := core.AsError(err); e == nil || e.RetryAfter <= 0 {
			t.Errorf("%s: got %v, want a time to wait", email, err)
		}
	}
	for name, missing := range map[string]func(*core.Parts){
		"outbox":   func(p *core.Parts) { p.Outbox = nil },
		"throttle": func(p *core.Parts) { p.Throttle = nil },
		"factors":  func(p *core.Parts) { p.Factors = nil },
		"sealer":   func(p *core.Parts) { p.Sealer = nil },
	} {
		parts := w.Parts
		missing(&parts)
		code(t, core.New(parts).RequestCode(t.Context(), acme, core.Locator{Email: "x@y"}, "", core.MailLimits{}, origin), core.Unavailable, name)
	}
}
