package storetest

import (
	"fmt"

	"rekey/core"
)

func aboutSearching() []check {
	return []check{
		{"accounts are found by how a name begins, each once, page by page", foundByBeginning},
		{"accounts are found by how an external id begins", foundByExternal},
		{"accounts are found by what any name of theirs is exactly", foundByAnyName},
		{"ended sessions move one date, and it never moves back", sessionsEnded},
		{"an upgrade replaces the verifier and nothing else", upgraded},
		{"the trail is read from both ends, and of one account", trailRead},
	}
}

// search wants the ids that are found, page after page.
func (w *world) search(q core.Search, limit int, want ...core.AccountID) {
	w.Helper()
	var got []core.AccountID
	after := ""
	for {
		page, err := w.Search(w.ctx, acme, q, after, limit)
		w.must(err)
		for _, a := range page {
			whole := w.find(a)
			whole.History = nil
			same(w, "a found account", a, whole)
			got, after = append(got, a.ID), q.By(a)
		}
		if len(page) < limit {
			break
		}
	}
	same(w, fmt.Sprintf("what begins with %q, by %d", q.Prefix, limit), got, want)
}

func foundByBeginning(w *world) {
	for _, n := range []struct{ name, email string }{
		{"ada", "ada@acme.example"}, {"adele", "x@acme.example"}, {"zoe", "ad@acme.example"}, {"bob", "b_b@acme.example"}, {"ad%", ""}, {"älba", ""},
	} {
		a := bare(acme, n.name)
		a.Email = n.email
		w.create(a)
	}
	w.create(bare(birch, "adam"))
	for _, limit := range []int{1, 2, 9} {
		login := func(prefix string) core.Search { return core.Search{Kind: core.KeyLogin, Prefix: prefix} }
		w.search(login("ad"), limit, "id-ad%", "id-zoe", "id-ada", "id-adele")
		w.search(login("ada"), limit, "id-ada")
		w.search(login("ad%"), limit, "id-ad%")
		w.search(login("b_"), limit, "id-bob")
		w.search(login("ä"), limit, "id-älba")
		w.search(login(""), limit, "id-ad%", "id-zoe", "id-ada", "id-adele", "id-bob", "id-älba")
		w.search(login("ac"), limit)
		w.search(core.Search{Kind: "zap", Prefix: "ad"}, limit)
	}
	for _, odd := range []core.Search{{Kind: core.KeyLogin, Prefix: "a\x00"}, {Kind: "\xff", Prefix: "a"}} {
		found, err := w.Search(w.ctx, acme, odd, "", 9)
		w.must(err)
		same(w, "what nothing begins with", len(found), 0)
	}
}

func foundByExternal(w *world) {
	for i, id := range []string{"43af", "43b0", "43AF", "5"} {
		a := bare(acme, fmt.Sprint("u", i))
		a.ExternalIDs = map[string]string{"zap": id, "unleash": "4" + id}
		w.create(a)
	}
	w.search(core.Search{Kind: "zap", Prefix: "43"}, 2, "id-u2", "id-u0", "id-u1")
	w.search(core.Search{Kind: "zap", Prefix: "43a"}, 2, "id-u0")
	w.search(core.Search{Kind: "unleash", Prefix: "45"}, 2, "id-u3")
}

func sessionsEnded(w *world) {
	a, other := w.create(ada(acme)), w.create(ada(birch))
	token := w.token(a, "token", 1)
	w.must(w.EndSessions(w.ctx, acme, a.ID, w.event(acme, a.ID, core.SessionsEnded, at(9))))
	want := a
	want.TokensValidAfter, want.Revision = kept(at(9)), a.Revision+1
	same(w, "the account", w.find(a), want)
	same(w, "the other tenant's", w.find(other), other)
	same(w, "the reset token lives", live(w.known(token)), true)
	w.must(w.EndSessions(w.ctx, acme, a.ID, w.event(acme, a.ID, core.SessionsEnded, at(5))))
	want.Revision++
	same(w, "the account, later", w.find(a), want)
}

func upgraded(w *world) {
	a, other := w.create(ada(acme)), w.create(ada(birch))
	token := w.token(a, "token", 1)
	event := func() core.Event { return w.event(acme, a.ID, core.HashUpgraded, at(9)) }
	for _, revision := range []int64{a.Revision - 1, a.Revision + 1} {
		w.unchanged("a revision that moved", core.Conflict, func() error { return w.Upgrade(w.ctx, acme, a.ID, revision, "$new", event()) })
	}
	w.must(w.Upgrade(w.ctx, acme, a.ID, a.Revision, "$new", event()))
	want := a
	want.Verifier, want.Revision = "$new", a.Revision+1
	same(w, "the account", w.find(a), want)
	same(w, "the other tenant's", w.find(other), other)
	same(w, "the reset token lives", live(w.known(token)), true)
}

func trailRead(w *world) {
	for i, id := range []core.EventID{"a", "b", "c", "d", "e"} {
		e := core.Event{ID: id, At: at(i), Tenant: acme, Account: core.AccountID([]string{"1", "2"}[i%2]), Action: core.PasswordRefused, Outcome: core.WrongPassword}
		if e.Origin.Dialect = "zap"; i == 3 {
			e.Action, e.Outcome, e.Actor, e.Origin.Dialect = core.TokenIssued, "", "key:crm", "manage"
		}
		w.must(w.Record(w.ctx, e))
	}
	w.must(w.Record(w.ctx, core.Event{ID: "f", At: at(9), Tenant: birch, Account: "1", Action: core.PasswordRefused}))
	done, wrong := core.Code(""), core.WrongPassword
	for _, c := range []struct {
		q             core.Trail
		limit, within int
		want, end     string
	}{
		{core.Trail{}, 9, 9, "abcde", ""},
		{core.Trail{}, 9, 6, "abcde", ""},
		{core.Trail{}, 9, 5, "abcde", "e"},
		{core.Trail{}, 2, 9, "ab", ""},
		{core.Trail{}, 9, 2, "ab", "b"},
		{core.Trail{}, 1, 2, "a", "b"},
		{core.Trail{After: "b"}, 2, 9, "cd", ""},
		{core.Trail{After: "b"}, 9, 2, "cd", "d"},
		{core.Trail{After: "a", Before: "d"}, 9, 9, "bc", ""},
		{core.Trail{Newest: true}, 2, 9, "ed", ""},
		{core.Trail{Newest: true}, 9, 2, "ed", "d"},
		{core.Trail{Newest: true, Before: "d"}, 2, 9, "cb", ""},
		{core.Trail{Newest: true, Before: "d", After: "b"}, 9, 9, "c", ""},
		{core.Trail{Newest: true, Before: "d", After: "b"}, 9, 1, "c", "c"},
		{core.Trail{Account: "1"}, 9, 9, "ace", ""},
		{core.Trail{Account: "1"}, 9, 2, "ac", "c"},
		{core.Trail{Account: "2", Newest: true}, 9, 9, "db", ""},
		{core.Trail{Account: "2", Newest: true, Before: "d", After: "a"}, 9, 9, "b", ""},
		{core.Trail{Account: "3"}, 9, 9, "", ""},
		{core.Trail{Account: "1\x00"}, 9, 9, "", ""},
		{core.Trail{Action: core.TokenIssued}, 9, 9, "d", ""},
		{core.Trail{Action: core.TokenIssued}, 9, 3, "", "c"},
		{core.Trail{Action: core.TokenIssued, Newest: true}, 9, 2, "d", "d"},
		{core.Trail{Action: core.PasswordRefused, Newest: true}, 2, 3, "ec", "c"},
		{core.Trail{Outcome: &done}, 9, 9, "d", ""},
		{core.Trail{Outcome: &wrong}, 9, 9, "abce", ""},
		{core.Trail{Actor: "key:crm"}, 9, 9, "d", ""},
		{core.Trail{Actor: "key:\xff"}, 9, 2, "", "b"},
		{core.Trail{Dialect: "manage", Account: "2"}, 9, 9, "d", ""},
		{core.Trail{Dialect: "manage", Account: "1"}, 9, 2, "", "c"},
		{core.Trail{Dialect: "zap", Account: "2"}, 9, 9, "b", ""},
		{core.Trail{}, 0, 9, "", ""},
		{core.Trail{}, 9, 0, "", ""},
		{core.Trail{}, -1, -1, "", ""},
	} {
		events, end, err := w.Trail(w.ctx, acme, c.q, c.limit, c.within)
		w.must(err)
		got := ""
		for _, e := range events {
			got += string(e.ID)
		}
		same(w, fmt.Sprintf("the trail of %+v, %d of %d", c.q, c.limit, c.within), got+"|"+string(end), c.want+"|"+c.end)
	}
}

func foundByAnyName(w *world) {
	for name, external := range map[string]map[string]string{
		"ada": {"zap": "43af", "crm": "7"}, "grace": {"zap": "7"}, "43af": {"aaa": "Ada"}, "none": {}, "id-ada": {"login-2": "ADA"},
	} {
		a := bare(acme, name)
		a.ID, a.Email, a.ExternalIDs = core.AccountID("id-"+name), "", external
		w.create(a)
	}
	theirs := bare(birch, "ada")
	theirs.ID, theirs.Email, theirs.ExternalIDs = "id-birch", "", map[string]string{"only-theirs": "7"}
	w.create(theirs)
	for text, want := range map[string][]core.AccountID{
		"ada": {"id-ada"}, "Ada": {"id-43af", "id-ada"}, "ADA": {"id-ada", "id-id-ada"}, "7": {"id-ada", "id-grace"},
		"43af": {"id-43af", "id-ada"}, "id-ada": {"id-ada", "id-id-ada"}, "id-birch": nil, "ad": nil, "a\x00": nil, "%": nil, "\xff": nil,
	} {
		found, err := w.Meant(w.ctx, acme, text)
		w.must(err)
		var got []core.AccountID
		for _, a := range found {
			whole := w.find(a)
			whole.History = nil
			same(w, "a found account", a, whole)
			got = append(got, a.ID)
		}
		same(w, "those that "+text+" means", got, want)
	}
	none, err := w.Meant(w.ctx, "empty", "ada")
	w.must(err)
	same(w, "in an empty tenant", len(none), 0)
}
