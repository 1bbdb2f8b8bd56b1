package storetest

import (
	"slices"

	"rekey/core"
)

// both does one thing to both stores, compares what they say, and reports
// whether it was done.
func (p *pair) both(what string, do func(s Store) (any, error)) bool {
	p.Helper()
	want, wantErr := do(p.want)
	got, gotErr := do(p.got)
	if core.CodeOf(gotErr) != core.CodeOf(wantErr) {
		p.Fatalf("%s: got error %v, want %v", what, gotErr, wantErr)
	}
	if wantErr != nil {
		if fields := core.AsError(wantErr).Fields; !slices.Equal(core.AsError(gotErr).Fields, fields) {
			p.Fatalf("%s: got conflict over %v, want %v", what, core.AsError(gotErr).Fields, fields)
		}
		return false
	}
	if diff := difference(want, got); diff != "" {
		p.Fatalf("%s (-want +got):\n%s", what, diff)
	}
	return true
}

// compareState compares all that the stores hold of this walk.
func (p *pair) compareState() {
	for _, tenant := range p.tenants() {
		p.both("all accounts", func(s Store) (any, error) { return s.Accounts(p.ctx, tenant, "", everything) })
		p.both("all events", func(s Store) (any, error) { return s.Events(p.ctx, tenant, "", everything) })
		accounts, err := p.want.Accounts(p.ctx, tenant, "", everything)
		if err != nil {
			p.Fatal(err)
		}
		for _, a := range accounts {
			for _, key := range append(a.Keys(), core.Key{Kind: core.KeyID, Value: string(a.ID)}) {
				p.both("an account", func(s Store) (any, error) { return s.Account(p.ctx, tenant, key) })
			}
		}
	}
	for _, digest := range p.digests() {
		p.both("a token", func(s Store) (any, error) { return s.Token(p.ctx, digest) })
	}
}
