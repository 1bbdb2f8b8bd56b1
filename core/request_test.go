package core_test

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/core"
	"rekey/core/seal"
	"rekey/store/memory"
)

var hourly = core.MailLimits{
	PerAddress: core.Limit{Every: time.Minute, Burst: 1},
	PerClient:  core.Limit{Every: 2 * time.Minute, Burst: 3},
}

// postal returns a world whose service has an outbox and a throttle.
func postal(t *testing.T) (*world, *ledger) {
	w := newWorld(t)
	l := &ledger{Store: w.store.Store.(*memory.Store)}
	parts := w.Parts
	parts.Outbox, parts.Throttle = l, l
	w.Service = core.New(parts)
	return w, l
}

// ledger remembers what was written.
type ledger struct {
	*memory.Store
	written []string
	stored  []core.Message
	keys    []string
}

func (l *ledger) Enqueue(ctx context.Context, e core.Event, messages ...core.Message) error {
	l.written = append(l.written, fmt.Sprintf("enqueue %s and %d", e.Action, len(messages)))
	l.stored = append(l.stored, messages...)
	return l.Store.Enqueue(ctx, e, messages...)
}

func (l *ledger) Take(ctx context.Context, now time.Time, limits ...core.Limit) (time.Duration, error) {
	l.written = append(l.written, fmt.Sprintf("take %d", len(limits)))
	for _, limit := range limits {
		l.keys = append(l.keys, limit.Key)
	}
	return l.Store.Take(ctx, now, limits...)
}

func TestWhoeverAsksForAResetLinkLearnsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		email string
		given func(*world)
		topic core.Topic
		mails bool // whether it comes to a mail
	}{
		"known":             {"ada.lovelace@acme.example", func(*world) {}, core.MailResetLink, true},
		"in another case":   {"ADA.Lovelace@ACME.example", func(*world) {}, core.MailResetLink, true},
		"unknown":           {"eve@acme.example", func(*world) {}, core.Void, false},
		"of another tenant": {"grace@other.example", func(*world) {}, core.Void, false},
		"disabled":          {"ada.lovelace@acme.example", func(w *world) { w.disable(true) }, core.MailResetLink, false},
		"a username":        {"ada", func(*world) {}, core.MailResetLink, false},
		"without address":   {"alan", func(w *world) { w.create(core.NewAccount{Tenant: acme, Username: "alan"}) }, core.MailResetLink, false},
		"empty":             {"", func(*world) {}, core.Void, false},
		"no name at all":    {"a\x00b", func(*world) {}, core.Void, false},
	} {
		w, l := postal(t)
		account := w.account(correct)
		w.create(core.NewAccount{Tenant: other, Email: "grace@other.example"})
		c.given(w)
		before := w.state()
		o := core.Origin{Dialect: "unleash", Addr: netip.MustParseAddr("192.0.2.7")}
		code(t, w.RequestReset(t.Context(), acme, c.email, hourly, o), "", name)
		if want := []string{"take 2", "enqueue reset.requested and 1"}; !slices.Equal(l.written, want) {
			t.Errorf("%s: wrote %q, want %q", name, l.written, want)
		}
		events := w.since(before)
		if len(events) != 1 || events[0].Action != core.ResetRequested || events[0].Tenant != acme || events[0].Outcome != "" {
			t.Errorf("%s: left %+v", name, events)
		}
		m := l.stored[0]
		if m.Topic != c.topic || (m.Account == "") != (c.topic == core.Void) || m.Account != events[0].Account {
			t.Errorf("%s: enqueued %+v", name, m)
		}
		to, err := w.Addressee(t.Context(), m)
		code(t, err, pick[core.Code](c.mails, "", core.NotFound), name, "the addressee")
		if c.mails && to.ID != account.ID {
			t.Errorf("%s: it is mailed to %+v", name, to)
		}
		if text := fmt.Sprint(m, l.keys); c.email != "" && strings.Contains(strings.ToLower(text), strings.ToLower(c.email)) && name != "a username" {
			t.Errorf("%s: what was typed is stored: %s", name, text)
		}
		if m.Facts["dialect"] != "unleash" || m.Facts["addr"] != "192.0.2.7" || m.Facts["at"] != noon.Format(time.RFC3339) {
			t.Errorf("%s: told %v", name, m.Facts)
		}
		w.unchanged(before)
	}
}

// A sealing key that is made active while mail waits must not lose it.
func TestMailThatWaitsOutlastsANewSealingKey(t *testing.T) {
	keys := map[string][]byte{"old": bytes.Repeat([]byte{1}, seal.KeySize), "new": bytes.Repeat([]byte{2}, seal.KeySize)}
	ring := func(active string, kept ...string) core.Sealer {
		configured := map[string][]byte{}
		for _, id := range append(kept, active) {
			configured[id] = keys[id]
		}
		r, err := seal.New(active, configured, newDice())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for name, c := range map[string]struct {
		before, after core.Sealer
		want          core.Code
	}{
		"the same":              {ring("old"), ring("old"), ""},
		"another active one":    {ring("old"), ring("new", "old"), ""},
		"the first":             {nil, ring("new"), ""},
		"the old one is gone":   {ring("old"), ring("new"), core.NotFound},
		"none is there anymore": {ring("old"), nil, core.NotFound},
	} {
		w, l := postal(t)
		w.account(correct)
		w.Sealer = c.before
		code(t, w.RequestReset(t.Context(), acme, "ada.lovelace@acme.example", hourly, core.Origin{Dialect: "unleash"}), "", name)
		w.Sealer = c.after
		_, err := w.Addressee(t.Context(), l.stored[0])
		code(t, err, c.want, name)
	}
}

func TestMailIsBoundedForEachAddressAndEachClient(t *testing.T) {
	ask := func(w *world, email, client string) time.Duration {
		err := w.RequestReset(t.Context(), acme, email, hourly, core.Origin{Addr: netip.MustParseAddr(client)})
		if err != nil && core.CodeOf(err) != core.Throttled {
			t.Fatal(err)
		}
		if err == nil {
			return 0
		}
		return core.AsError(err).RetryAfter
	}
	type step struct {
		after         time.Duration
		email, client string
		wait          time.Duration
	}
	for name, steps := range map[string][]step{
		"one address": {
			{0, "ada@x.example", "192.0.2.1", 0}, {time.Second, "ADA@x.example", "192.0.2.2", 59 * time.Second},
			{59 * time.Second, "ada@x.example", "192.0.2.2", 0},
		},
		"one client": {
			{0, "a@x.example", "192.0.2.1", 0}, {0, "b@x.example", "192.0.2.1", 0}, {0, "c@x.example", "192.0.2.1", 0},
			{0, "d@x.example", "192.0.2.1", 2 * time.Minute}, {0, "d@x.example", "::ffff:192.0.2.1", 2 * time.Minute},
			{0, "d@x.example", "192.0.2.2", 0},
		},
		"one network of IPv6": {
			{0, "a@x.example", "2001:db8::1", 0}, {0, "b@x.example", "2001:db8::2", 0}, {0, "c@x.example", "2001:db8::ffff:1:2:3", 0},
			{0, "d@x.example", "2001:db8::4", 2 * time.Minute}, {0, "d@x.example", "2001:db8:0:1::4", 0},
		},
	} {
		w, _ := postal(t)
		for n, s := range steps {
			w.now = w.now.Add(s.after)
			if got := ask(w, s.email, s.client); got != s.wait {
				t.Errorf("%s: request %d waits %v, want %v", name, n+1, got, s.wait)
			}
		}
	}
	w, l := postal(t)
	for range 100 {
		code(t, w.RequestReset(t.Context(), acme, "a@x.example", core.MailLimits{}, origin), "", "without limits")
	}
	if len(l.keys) != 0 {
		t.Errorf("counted against %v", l.keys)
	}
}

func TestWhereNothingIsMailedAskingLeavesAnEvent(t *testing.T) {
	w, l := postal(t)
	account := w.account(correct)
	parts := w.Parts
	parts.Outbox = nil
	w.Service = core.New(parts)
	before := w.state()
	code(t, w.RequestReset(t.Context(), acme, account.Email, hourly, origin), "", "mail is off")
	if events := w.since(before); len(events) != 1 || events[0].Action != core.ResetRequested || len(l.stored) != 0 {
		t.Errorf("left %+v and %+v", events, l.stored)
	}
}

func TestANoticeIsCommittedWithItsChange(t *testing.T) {
	for name, c := range map[string]struct {
		notices bool
		email   string
		want    int
	}{"wanted": {true, "ada@acme.example", 1}, "unwanted": {false, "ada@acme.example", 0}, "to nowhere": {true, "", 0}} {
		w, l := postal(t)
		parts := w.Parts
		parts.Notices = c.notices
		w.Service = core.New(parts)
		p := core.NewPassword(correct)
		account := w.create(core.NewAccount{Tenant: acme, Username: "ada", Email: c.email, Password: &p})
		code(t, w.change(knows(wrong), fresh), core.WrongPassword, name)
		code(t, w.change(knows(correct), fresh), "", name)
		got, err := l.Claim(t.Context(), w.now, w.now, 10)
		if err != nil || len(got) != c.want {
			t.Fatalf("%s: got %+v, %v", name, got, err)
		}
		if c.want == 1 && (got[0].Topic != core.MailChangedNotice || got[0].Account != account.ID || got[0].Facts["dialect"] != "test") {
			t.Errorf("%s: got %+v", name, got[0])
		}
		if text := fmt.Sprint(got); strings.Contains(text, fresh) || strings.Contains(text, correct) {
			t.Errorf("%s: a password is in %s", name, text)
		}
	}
}
