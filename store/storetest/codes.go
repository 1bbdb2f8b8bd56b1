package storetest

import (
	"errors"
	"fmt"
	"time"

	"rekey/core"
)

func aboutCodes() []check {
	return []check{
		{"a mailed code is tried a few times, and returned whole", triesCode},
		{"a mailed code expires", codeExpires},
		{"a new code takes the place of the old one, with new tries", replacesCode},
		{"a mailed code needs an account", codeNeedsAccount},
		{"a mailed code is of one account, tenant and purpose", codeApart},
	}
}

const (
	purpose   = "password_change"
	manyTries = 1000
)

// code puts a code of a, good for an hour from the given second.
func (w *world) code(a core.Account, digest string, second int) core.MailedCode {
	w.Helper()
	c := core.MailedCode{Tenant: a.Tenant, Account: a.ID, Purpose: purpose, Digest: digest, ExpiresAt: at(second).Add(time.Hour)}
	w.must(w.PutCode(w.ctx, c, w.event(a.Tenant, a.ID, core.CodeIssued, at(second))))
	c.ExpiresAt = kept(c.ExpiresAt)
	return c
}

// try tries the account's code in the first second.
func (w *world) try(a core.Account, maxTries int) (core.MailedCode, error) {
	return w.TryCode(w.ctx, a.Tenant, a.ID, purpose, at(1), maxTries)
}

// codeAlive reports whether c can be tried. That spends a try.
func (w *world) codeAlive(c core.MailedCode) bool {
	w.Helper()
	got, err := w.TryCode(w.ctx, c.Tenant, c.Account, c.Purpose, at(1), manyTries)
	if !errors.Is(err, core.NotFound) {
		w.must(err)
	}
	return err == nil && got.Digest == c.Digest
}

func (w *world) wantTry(what string, a core.Account, maxTries int, want core.MailedCode, code core.Code) {
	w.Helper()
	got, err := w.try(a, maxTries)
	same(w, what, got, want)
	same(w, what+", the error", core.CodeOf(err), code)
}

func triesCode(w *world) {
	a := w.create(ada(acme))
	before := w.state()
	w.wantTry("before there is one", a, 3, core.MailedCode{}, core.NotFound)
	e := w.event(acme, a.ID, core.CodeIssued, at(0))
	c := core.MailedCode{Tenant: acme, Account: a.ID, Purpose: purpose, Digest: "k1.RGlnZXN0", ExpiresAt: at(9)}
	w.must(w.PutCode(w.ctx, c, e))
	c.ExpiresAt, e.At = kept(at(9)), kept(e.At)
	for i := range 3 {
		w.wantTry(fmt.Sprint("try ", i), a, 3, c, "")
	}
	for range 3 { // a refused try is not counted
		w.wantTry("the fourth try of three", a, 3, core.MailedCode{}, core.NotFound)
	}
	w.wantTry("the fourth try of four", a, 4, c, "")
	w.wantTry("the fifth try of four", a, 4, core.MailedCode{}, core.NotFound)
	w.wantTry("no tries at all", a, 0, core.MailedCode{}, core.NotFound)
	before.Events = append(before.Events, e)
	same(w, "the store", w.state(), before)
}

func codeExpires(w *world) {
	a := w.create(ada(acme))
	c := w.code(a, "code", 0)
	for _, step := range []struct {
		now  time.Time
		want core.Code
	}{
		{c.ExpiresAt.Add(-time.Microsecond), ""},
		{c.ExpiresAt, core.NotFound},
		{c.ExpiresAt.Add(time.Nanosecond), core.NotFound}, // which is not kept
		{c.ExpiresAt.Add(time.Hour), core.NotFound},
		{c.ExpiresAt.Add(-time.Nanosecond).In(time.FixedZone("away", -7200)), ""},
	} {
		_, err := w.TryCode(w.ctx, acme, a.ID, purpose, step.now, 9)
		same(w, fmt.Sprint("at ", step.now), core.CodeOf(err), step.want)
	}
}

func replacesCode(w *world) {
	a := w.create(ada(acme))
	first := w.code(a, "first", 0)
	w.wantTry("the first", a, 1, first, "")
	second := w.code(a, "second", 7)
	w.wantTry("the second", a, 1, second, "")
	w.wantTry("the second again", a, 1, core.MailedCode{}, core.NotFound)
	w.wantTry("the same again", a, 1, core.MailedCode{}, core.NotFound)
	second = w.code(a, "second", 8)
	w.wantTry("the second, mailed again", a, 1, second, "")
	same(w, "the revision", w.find(a).Revision, a.Revision)
}

func codeNeedsAccount(w *world) {
	a := w.create(ada(acme))
	for what, c := range map[string]core.MailedCode{
		"no such account":       {Tenant: acme, Account: "nobody"},
		"another tenant's":      {Tenant: birch, Account: a.ID},
		"no tenant's":           {Account: a.ID},
		"an id that cannot be":  {Tenant: acme, Account: "a\x00"},
		"an id that is no text": {Tenant: acme, Account: "\xff"},
	} {
		c.Purpose, c.Digest, c.ExpiresAt = purpose, "digest", at(9)
		w.unchanged(what, core.NotFound, func() error { return w.PutCode(w.ctx, c, w.event(c.Tenant, "", core.CodeIssued, at(1))) })
		same(w, what+": alive", w.codeAlive(c), false)
	}
}

func codeApart(w *world) {
	a, there, other := w.create(ada(acme)), w.create(ada(birch)), w.create(bare(acme, "bob"))
	codes := []core.MailedCode{w.code(a, "a", 0), w.code(there, "there", 0), w.code(other, "other", 0)}
	login := core.MailedCode{Tenant: acme, Account: a.ID, Purpose: "login", Digest: "login", ExpiresAt: codes[0].ExpiresAt}
	w.must(w.PutCode(w.ctx, login, w.event(acme, a.ID, core.CodeIssued, at(0))))
	for _, want := range append(codes, login) {
		for range 2 {
			got, err := w.TryCode(w.ctx, want.Tenant, want.Account, want.Purpose, at(1), 2)
			w.must(err)
			same(w, "the code", got, want)
		}
	}
	for _, c := range []core.MailedCode{
		{Tenant: birch, Account: a.ID, Purpose: purpose},
		{Account: a.ID, Purpose: purpose},
		{Tenant: acme, Purpose: purpose},
		{Tenant: acme, Account: a.ID},
		{Tenant: acme, Account: a.ID, Purpose: "Login"},
		{Tenant: acme, Account: a.ID, Purpose: "login\x00"},
		{Tenant: acme, Account: "\xff", Purpose: "login"},
	} {
		got, err := w.TryCode(w.ctx, c.Tenant, c.Account, c.Purpose, at(1), manyTries)
		if !errors.Is(err, core.NotFound) {
			w.Errorf("code for %+v: got %+v, %v, want not_found", c, got, err)
		}
	}
}
