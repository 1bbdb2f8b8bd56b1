package storetest

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rekey/core"
)

// state is everything that a store shows of the given tenants and tokens.
type state struct {
	Accounts []core.Account
	Tokens   []core.ResetToken
	Events   []core.Event
}

const everything = 1 << 20

func stateOf(t testing.TB, s core.Store, tenants []core.TenantID, digests []core.Digest) (all state) {
	t.Helper()
	for _, tenant := range tenants {
		accounts, err := s.Accounts(t.Context(), tenant, "", everything)
		must(t, err)
		for _, a := range accounts {
			whole, err := s.Account(t.Context(), tenant, core.Key{Kind: core.KeyID, Value: string(a.ID)})
			must(t, err)
			all.Accounts = append(all.Accounts, whole)
			whole.History = nil
			same(t, "an account in a list, beside the account", a, whole)
		}
		events, err := s.Events(t.Context(), tenant, "", everything)
		must(t, err)
		all.Events = append(all.Events, events...)
	}
	for _, digest := range digests {
		token, err := s.Token(t.Context(), digest)
		if !errors.Is(err, core.NotFound) {
			must(t, err)
			all.Tokens = append(all.Tokens, token)
		}
	}
	return all
}

func (w *world) state() state {
	w.Helper()
	return stateOf(w, w.Store, []core.TenantID{acme, birch, none}, w.digests)
}

// unchanged runs do, which is to fail with the code and to store nothing.
func (w *world) unchanged(what string, code core.Code, do func() error) {
	w.Helper()
	before := w.state()
	if err := do(); core.CodeOf(err) != code {
		w.Errorf("%s: got %v, want %s", what, err, code)
	}
	same(w, what+": the store", w.state(), before)
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := difference(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// difference tells nothing from empty in no list, and one zone from another
// in every time: a store returns UTC.
func difference(want, got any) string {
	return cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{}),
		cmp.Comparer(func(a, b time.Time) bool { return a == b })) //nolint:staticcheck // the zone must be the same
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("got error %v, want none", err)
	}
}

func (w *world) must(err error) { w.Helper(); must(w, err) }

func wantConflict(t testing.TB, what string, err error, field string) {
	t.Helper()
	e := core.AsError(err)
	if e == nil || e.Code != core.Conflict || !slices.Equal(e.Fields, []string{field}) {
		t.Errorf("%s: got %+v, want conflict over %q", what, e, field)
	}
}
