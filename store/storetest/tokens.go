package storetest

import (
	"errors"
	"time"

	"rekey/core"
)

func aboutTokens() []check {
	return []check{
		{"a token is found by its digest, whole", tokenFound},
		{"a new token supersedes the account's live ones", newest},
		{"a dead token does not die again", deadStayAsTheyAre},
		{"a token needs an account", tokenNeedsAccount},
		{"a token is stored once", tokenOnce},
		{"revoking supersedes live tokens and counts them", revokes},
	}
}

func tokenFound(w *world) {
	a := w.create(ada(acme))
	given := resetToken(a, "token", 1)
	given.IssuedBy = "λειτουργός"
	w.must(w.CreateToken(w.ctx, given, w.event(acme, a.ID, core.TokenIssued, at(1))))
	want := given
	want.IssuedAt, want.ExpiresAt = kept(given.IssuedAt), kept(given.ExpiresAt)
	same(w, "the token", w.known(given.Digest), want)
	same(w, "the account", w.find(a), a)
	if _, err := w.Token(w.ctx, core.NewToken("other").Digest()); !errors.Is(err, core.NotFound) {
		w.Errorf("an unknown token: got %v, want not_found", err)
	}
}

func newest(w *world) {
	a, other := w.create(ada(acme)), w.create(ada(birch))
	first, others := w.token(a, "first", 1), w.token(other, "others", 1)
	before := w.known(first)
	second := w.token(a, "second", 2)
	before.SupersededAt = kept(at(2))
	same(w, "the first token", w.known(first), before)
	same(w, "the second token is live", live(w.known(second)), true)
	same(w, "the other account's token is live", live(w.known(others)), true)
}

func deadStayAsTheyAre(w *world) {
	a := w.create(ada(acme))
	expired := w.token(a, "expired", 0)
	hour := int(time.Hour / time.Second)
	used := w.token(a, "used", hour) // the first expires at this instant
	same(w, "the expired token is as it was", live(w.known(expired)), true)
	w.must(w.Apply(w.ctx, w.mutation(w.find(a), hour+1, &used)))
	superseded := w.token(a, "superseded", hour+2)
	w.token(a, "newest", hour+3)
	want := []core.ResetToken{w.known(expired), w.known(used), w.known(superseded)}

	n, err := w.RevokeTokens(w.ctx, acme, a.ID, w.event(acme, a.ID, core.TokensRevoked, at(hour+4)))
	w.must(err)
	same(w, "tokens revoked", n, 1)
	w.disable(a, true, hour+5)
	w.must(w.Apply(w.ctx, w.mutation(w.find(a), hour+6, nil)))
	same(w, "dead tokens", []core.ResetToken{w.known(expired), w.known(used), w.known(superseded)}, want)
}

func tokenNeedsAccount(w *world) {
	a := w.create(ada(acme))
	stranger := bare(acme, "nobody")
	for what, t := range map[string]core.ResetToken{
		"no such account":       resetToken(stranger, "t", 1),
		"another tenant's":      {Digest: core.Digest{1}, Tenant: birch, Account: a.ID, IssuedAt: at(1), ExpiresAt: at(9)},
		"no tenant's":           {Digest: core.Digest{1}, Account: a.ID, IssuedAt: at(1), ExpiresAt: at(9)},
		"an id that cannot be":  {Digest: core.Digest{1}, Tenant: acme, Account: "a\x00", IssuedAt: at(1), ExpiresAt: at(9)},
		"an id that is no text": {Digest: core.Digest{1}, Tenant: acme, Account: "\xff", IssuedAt: at(1), ExpiresAt: at(9)},
	} {
		w.unchanged(what, core.NotFound, func() error {
			return w.CreateToken(w.ctx, t, w.event(t.Tenant, "", core.TokenIssued, at(1)))
		})
		if _, err := w.Token(w.ctx, t.Digest); !errors.Is(err, core.NotFound) {
			w.Errorf("%s: the token is stored", what)
		}
	}
}

func tokenOnce(w *world) {
	a, other := w.create(ada(acme)), w.create(ada(birch))
	digest := w.token(a, "token", 1)
	w.token(other, "others", 1)
	w.unchanged("the same digest", core.Internal, func() error {
		t := resetToken(other, "", 2)
		t.Digest = digest
		return w.CreateToken(w.ctx, t, w.event(birch, other.ID, core.TokenIssued, at(2)))
	})
}

func revokes(w *world) {
	a, other := w.create(ada(acme)), w.create(bare(acme, "bob"))
	first, second, others := w.token(a, "first", 1), w.token(a, "second", 2), w.token(other, "others", 2)
	before := w.state()
	e := w.event(acme, a.ID, core.TokensRevoked, at(3))
	n, err := w.RevokeTokens(w.ctx, acme, a.ID, e)
	w.must(err)
	same(w, "tokens revoked", n, 1)
	same(w, "the first token", w.known(first).SupersededAt, kept(at(2)))
	same(w, "the second token", w.known(second).SupersededAt, kept(at(3)))
	same(w, "the other account's token is live", live(w.known(others)), true)
	same(w, "the accounts", w.state().Accounts, before.Accounts)
	e.At = kept(e.At)
	same(w, "the events", w.state().Events, append(before.Events, e))
	n, err = w.RevokeTokens(w.ctx, acme, a.ID, w.event(acme, a.ID, core.TokensRevoked, at(4)))
	w.must(err)
	same(w, "tokens revoked again", n, 0)
}
