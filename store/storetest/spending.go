package storetest

import (
	"fmt"

	"rekey/core"
)

func aboutSpending() []check {
	return []check{
		{"a change spends a time step and all before it", spendsStep},
		{"a change by a time step that is spent changes nothing", deadStep},
		{"a change by a mailed code spends it", spendsCode},
		{"a change by a code that is gone changes nothing", deadCode},
		{"a change, by whatever proof, ends the account's codes", changeEndsCodes},
		{"disabling ends the account's codes", disablingEndsCodes},
		{"a spent token outweighs a moved revision, and that a spent factor", precedence},
	}
}

// stepped returns a change of a as it is now, by a time step.
func (w *world) stepped(a core.Account, second int, step int64) core.Mutation {
	w.Helper()
	m := w.mutation(w.find(a), second, nil)
	m.FactorStep = step
	return m
}

func spendsStep(w *world) {
	a, other := w.create(ada(acme)), w.create(ada(birch))
	for i, step := range []int64{42, 43, 100} {
		w.must(w.Apply(w.ctx, w.stepped(a, i, step)))
		same(w, "the factor", w.find(a).Factor, &core.Enrolment{Sealed: a.Factor.Sealed, LastStep: step})
	}
	w.must(w.Apply(w.ctx, w.stepped(a, 5, 0)))
	same(w, "the last step after a change without one", w.find(a).Factor.LastStep, int64(100))
	same(w, "the other account", w.find(other), other)
}

func deadStep(w *world) {
	a, without := w.create(ada(acme)), w.create(bare(acme, "bob"))
	for _, step := range []int64{41, 40, 1, -1} {
		w.unchanged(fmt.Sprint("step ", step), core.WrongFactor, func() error { return w.Apply(w.ctx, w.stepped(a, 5, step)) })
	}
	w.unchanged("no factor", core.WrongFactor, func() error { return w.Apply(w.ctx, w.stepped(without, 5, 99)) })
}

func precedence(w *world) {
	a := w.create(ada(acme))
	used := w.token(a, "used", 1)
	w.must(w.Apply(w.ctx, w.mutation(a, 2, &used)))
	fresh := w.token(a, "fresh", 3)
	code := w.code(a, "code", 3)
	for _, c := range []struct {
		token         core.Digest
		stale         bool
		step          int64
		code          string
		want          core.Code
		leavesTheCode bool
	}{
		{used, true, 41, "gone", core.UsedToken, true},
		{used, false, 41, "gone", core.UsedToken, true},
		{used, true, 42, code.Digest, core.UsedToken, true},
		{fresh, true, 41, "gone", core.Conflict, true},
		{fresh, true, 42, code.Digest, core.Conflict, true},
		{fresh, false, 41, code.Digest, core.WrongFactor, true},
		{fresh, false, 42, "gone", core.WrongFactor, true},
		{fresh, false, 42, code.Digest, "", false},
	} {
		what := fmt.Sprintf("used %v, stale %v, step %d, code %s", c.token == used, c.stale, c.step, c.code)
		m := w.stepped(a, 5, c.step)
		m.Token, m.Code, m.Messages = &c.token, c.code, []core.Message{w.message("m", 0)}
		if c.stale {
			m.Revision--
		}
		if c.want == "" {
			w.must(w.Apply(w.ctx, m))
		} else {
			w.unchanged(what, c.want, func() error { return w.Apply(w.ctx, m) })
			same(w, what+": messages", len(w.queued()), 0)
		}
		same(w, what+": the code is alive", w.codeAlive(code), c.leavesTheCode)
	}
	same(w, "messages", w.queued(), []core.MessageID{"m"})
}

// coded returns a change of a as it is now, by a mailed code.
func (w *world) coded(a core.Account, second int, digest string) core.Mutation {
	w.Helper()
	m := w.mutation(w.find(a), second, nil)
	m.Code = digest
	return m
}

func spendsCode(w *world) {
	a, other := w.create(ada(acme)), w.create(ada(birch))
	code, others := w.code(a, "code", 0), w.code(other, "code", 0) // the same digest
	w.wantTry("a try", a, 1, code, "")
	w.must(w.Apply(w.ctx, w.coded(a, 5, code.Digest)))
	same(w, "the verifier", w.find(a).Verifier, "$argon2id$5")
	same(w, "the factor", w.find(a).Factor, a.Factor)
	same(w, "the code is alive", w.codeAlive(code), false)
	same(w, "the other account's code is alive", w.codeAlive(others), true)
	w.unchanged("again", core.WrongFactor, func() error { return w.Apply(w.ctx, w.coded(a, 6, code.Digest)) })
}

func deadCode(w *world) {
	a, other, there := w.create(ada(acme)), w.create(bare(acme, "bob")), w.create(ada(birch))
	w.code(other, "others", 0)
	w.code(there, "theirs", 0)
	w.code(a, "replaced", 0)
	live := w.code(a, "live", 0)
	for _, digest := range []string{"replaced", "others", "theirs", "unknown", "LIVE", "live ", "live\x00", "\xff"} {
		w.unchanged(digest, core.WrongFactor, func() error { return w.Apply(w.ctx, w.coded(a, 5, digest)) })
	}
	same(w, "the code is alive", w.codeAlive(live), true)
}

func changeEndsCodes(w *world) {
	a, other := w.create(ada(acme)), w.create(bare(acme, "bob"))
	others := w.code(other, "others", 0)
	token := w.token(a, "token", 1)
	for i, change := range []func(second int) core.Mutation{
		func(second int) core.Mutation { return w.mutation(w.find(a), second, &token) },
		func(second int) core.Mutation { return w.mutation(w.find(a), second, nil) },
		func(second int) core.Mutation { return w.stepped(a, second, 99) },
		func(second int) core.Mutation { return w.coded(a, second, "code") },
	} {
		code := w.code(a, "code", 0)
		login := code
		login.Purpose, login.Digest = "login", "login"
		w.must(w.PutCode(w.ctx, login, w.event(acme, a.ID, core.CodeIssued, at(0))))
		w.must(w.Apply(w.ctx, change(i+2)))
		same(w, fmt.Sprintf("codes after change %d", i), []bool{w.codeAlive(code), w.codeAlive(login)}, []bool{false, false})
	}
	same(w, "the other account's code is alive", w.codeAlive(others), true)
}

func disablingEndsCodes(w *world) {
	a, other := w.create(ada(acme)), w.create(ada(birch))
	code, others := w.code(a, "code", 0), w.code(other, "others", 0)
	w.disable(a, false, 2)
	same(w, "the code of an enabled account is alive", w.codeAlive(code), true)
	w.disable(a, true, 3)
	same(w, "the code is alive", w.codeAlive(code), false)
	w.disable(a, false, 4)
	same(w, "the code is alive once the account is enabled", w.codeAlive(code), false)
	same(w, "the other account's code is alive", w.codeAlive(others), true)
}
