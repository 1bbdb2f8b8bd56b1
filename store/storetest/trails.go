package storetest

import (
	"rekey/core"
	"rekey/core/audit"
)

func aboutTrails() []check {
	return []check{
		{"rows are read by their time, page by page", trailPages},
		{"a filter admits what it says, as the store and as the core read it", trailFilters},
		{"what is not sealed is read by its time, page by page", trailUnsealed},
	}
}

// different stores rows that differ in what filters look at.
func (w *world) different() {
	for n := range 24 {
		e := w.event([]core.TenantID{acme, birch, none}[n%3], []core.AccountID{"one", "two", ""}[n/3%3], []core.Action{core.PasswordChanged, core.PasswordRefused, core.TokenIssued}[n%2+n%5/4], at(n/2))
		e.Outcome = []core.Code{"", core.WrongPassword, core.Disabled, ""}[n%4]
		e.Origin.Dialect = []string{"zap", "unleash", "cli"}[n/2%3]
		w.must(w.Record(w.ctx, e))
	}
}

func trailFilters(w *world) {
	w.different()
	all, err := w.Rows(w.ctx, audit.Filter{}, audit.Row{}, everything)
	w.must(err)
	same(w, "rows", len(all), 24)
	a, empty, odd := acme, none, core.TenantID("a\x00")
	for name, f := range map[string]audit.Filter{
		"a tenant": {Tenant: &a}, "none": {Tenant: &empty}, "no tenant at all": {Tenant: &odd}, "an account": {Account: "one"},
		"of the tenant": {Tenant: &a, Account: "one"}, "actions": {Actions: []core.Action{core.PasswordChanged, core.TokenIssued}},
		"what was done": {Outcomes: []core.Code{""}}, "refusals": {Outcomes: []core.Code{core.Disabled, core.WrongPassword}},
		"a dialect": {Dialect: "zap"}, "since": {Since: kept(at(3))}, "until": {Until: kept(at(3))},
		"all of it": {Tenant: &a, Account: "one", Actions: []core.Action{core.PasswordChanged}, Outcomes: []core.Code{""}, Dialect: "zap", Since: at(-1), Until: at(99)},
	} {
		var want []audit.Row
		for _, r := range all {
			if f.Admits(r) {
				want = append(want, r)
			}
		}
		if len(want) == len(all) || len(want) == 0 && name != "no tenant at all" {
			w.Errorf("%s: %d of %d rows show nothing", name, len(want), len(all))
		}
		got, err := w.Rows(w.ctx, f, audit.Row{}, everything)
		w.must(err)
		same(w, name, got, want)
		latest, err := w.Latest(w.ctx, f, 2)
		w.must(err)
		same(w, name+", the latest", latest, want[max(0, len(want)-2):])
	}
}

func trailPages(w *world) {
	w.different()
	w.pages(func(after audit.Row, limit int) ([]audit.Row, error) {
		return w.Rows(w.ctx, audit.Filter{Dialect: "zap"}, after, limit)
	}, 8)
}

func trailUnsealed(w *world) {
	w.record(9, 9)
	w.seal(9, 2)
	w.different()
	w.pages(func(after audit.Row, limit int) ([]audit.Row, error) { return w.Unsealed(w.ctx, after, limit) }, 24)
}

// pages reads so many rows, page by page, and all at once.
func (w *world) pages(read func(after audit.Row, limit int) ([]audit.Row, error), n int) {
	w.Helper()
	want, err := read(audit.Row{}, everything)
	w.must(err)
	same(w, "rows", len(want), n)
	var got []audit.Row
	for after := (audit.Row{}); ; after = got[len(got)-1] {
		page, err := read(after, 5)
		w.must(err)
		if len(page) == 0 {
			break
		}
		got = append(got, page...)
	}
	same(w, "rows in pages", got, want)
	none, err := read(audit.Row{}, 0)
	w.must(err)
	same(w, "rows of none", len(none), 0)
	last := ""
	for _, r := range got {
		if r.At < last {
			w.Errorf("%s comes after %s", r.At, last)
		}
		last = r.At
	}
}
