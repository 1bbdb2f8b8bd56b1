package storetest

import (
	"fmt"
	"slices"
	"time"

	"rekey/core"
)

func aboutApply() []check {
	return []check{
		{"a change writes all of itself", appliesAll},
		{"a change by a token spends it", spendsToken},
		{"a change ends the account's other live tokens", endsTokens},
		{"a change of an account that moved on is a conflict", staleRevision},
		{"a change by a token that is not alive changes nothing", deadToken},
		{"a spent token outweighs a revision that moved", usedBeforeConflict},
		{"history keeps the newest entries", keepsHistory},
		{"a change never brings sessions back to life", changeKeepsSessionsDead},
	}
}

func appliesAll(w *world) {
	a, other := w.create(ada(acme)), w.create(bare(acme, "bob"))
	before := w.state()
	m := w.mutation(a, 5, nil)
	w.must(w.Apply(w.ctx, m))
	want := a
	want.Verifier, want.HistorySalt, want.Revision = m.Verifier, m.HistorySalt, a.Revision+1
	want.History = []core.HistoryEntry{{Hash: "h5", SetAt: kept(at(5))}, a.History[0], a.History[1]}
	want.PasswordChangedAt, want.TokensValidAfter = kept(at(5)), kept(at(5))
	same(w, "the account", w.find(a), want)
	same(w, "the other account", w.find(other), other)
	m.Event.At = kept(m.Event.At)
	same(w, "the events", w.state().Events, append(before.Events, m.Event))
	w.must(w.Apply(w.ctx, w.mutation(want, 6, nil)))
}

func spendsToken(w *world) {
	a := w.create(ada(acme))
	digest := w.token(a, "token", 1)
	want := w.known(digest)
	w.must(w.Apply(w.ctx, w.mutation(a, 5, &digest)))
	want.UsedAt = kept(at(5))
	same(w, "the token", w.known(digest), want)
	same(w, "the verifier", w.find(a).Verifier, "$argon2id$5")
}

func endsTokens(w *world) {
	a, other := w.create(ada(acme)), w.create(ada(birch))
	token, others := w.token(a, "token", 1), w.token(other, "others", 1)
	w.must(w.Apply(w.ctx, w.mutation(a, 5, nil)))
	same(w, "the token ended", w.known(token).SupersededAt, kept(at(5)))
	same(w, "the other account's token is live", live(w.known(others)), true)
}

func staleRevision(w *world) {
	a := w.create(ada(acme))
	w.token(a, "token", 1)
	for _, off := range []int64{-1, 1, 1000} {
		w.unchanged(fmt.Sprint("revision off by ", off), core.Conflict, func() error {
			m := w.mutation(a, 5, nil)
			m.Revision += off
			return w.Apply(w.ctx, m)
		})
	}
	for what, id := range map[string]core.AccountID{"a stranger": "nobody", "no text": "a\x00", "bad text": "\xff"} {
		w.unchanged(what, core.Conflict, func() error {
			m := w.mutation(a, 5, nil)
			m.Account = id
			return w.Apply(w.ctx, m)
		})
	}
}

func deadToken(w *world) {
	a, other := w.create(ada(acme)), w.create(bare(acme, "bob"))
	used := w.token(a, "used", 1)
	w.must(w.Apply(w.ctx, w.mutation(a, 2, &used)))
	superseded := w.token(a, "superseded", 3)
	w.token(a, "live", 4)
	others, unknown := w.token(other, "others", 4), core.NewToken("unknown").Digest()
	for what, digest := range map[string]core.Digest{
		"used": used, "superseded": superseded, "another account's": others, "unknown": unknown,
	} {
		w.unchanged(what, core.UsedToken, func() error { return w.Apply(w.ctx, w.mutation(w.find(a), 5, &digest)) })
	}
	w.unchanged("an account that cannot be", core.UsedToken, func() error {
		m := w.mutation(a, 5, &others)
		m.Account = "a\x00"
		return w.Apply(w.ctx, m)
	})
}

func usedBeforeConflict(w *world) {
	a := w.create(ada(acme))
	used := w.token(a, "used", 1)
	w.must(w.Apply(w.ctx, w.mutation(a, 2, &used)))
	w.unchanged("both guards", core.UsedToken, func() error { return w.Apply(w.ctx, w.mutation(a, 3, &used)) })
	token := w.token(a, "live", 4)
	w.unchanged("the revision alone", core.Conflict, func() error { return w.Apply(w.ctx, w.mutation(a, 5, &token)) })
}

func keepsHistory(w *world) {
	a, other := w.create(ada(acme)), w.create(ada(birch))
	var want []core.HistoryEntry
	want = append(want, a.History...)
	for second, keep := range []int{5, 5, 5, 3, 3, 1, 2, 0, -1, 4, 4} {
		m := w.mutation(w.find(a), second, nil)
		m.KeepHistory = keep
		if second == 4 {
			m.Remember = nil
		}
		if second == 6 { // other writes move the revision too
			w.disable(a, false, second)
			m.Revision++
		}
		w.must(w.Apply(w.ctx, m))
		if m.Remember != nil {
			want = slices.Insert(want, 0, core.HistoryEntry{Hash: m.Remember.Hash, SetAt: kept(m.Remember.SetAt)})
		}
		want = want[:max(0, min(keep, len(want)))]
		same(w, fmt.Sprintf("history after change %d, keeping %d", second, keep), w.find(a).History, want)
	}
	same(w, "the other account's history", w.find(other).History, other.History)
}

func changeKeepsSessionsDead(w *world) {
	a := w.create(ada(acme))
	for _, step := range []struct{ after, want time.Time }{
		{at(5), kept(at(5))},
		{at(4), kept(at(5))},
		{time.Time{}, kept(at(5))},
		{at(5).Add(time.Microsecond), kept(at(5).Add(time.Microsecond))},
	} {
		m := w.mutation(w.find(a), 6, nil)
		m.TokensValidAfter = step.after
		w.must(w.Apply(w.ctx, m))
		same(w, "sessions", w.find(a).TokensValidAfter, step.want)
	}
}
