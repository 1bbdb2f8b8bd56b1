package store_test

import (
	"fmt"
	"testing"
	"time"

	"rekey/core"
	"rekey/store"
)

// The crowd is as real accounts are: found by their names, with their history,
// and changed.
func TestACrowdIsMadeOfAccounts(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		ctx, at := t.Context(), time.Unix(1_750_000_000, 0).UTC()
		crowd := store.Crowd{
			Model:    core.Account{Tenant: "acme", Verifier: "v", HistorySalt: []byte("salt"), History: []core.HistoryEntry{{Hash: "h"}}},
			External: "zap", At: at,
		}
		for first := 0; first < 200; first += 100 {
			if err := store.AddCrowd(ctx, db.DB, crowd, first, first+100); err != nil {
				t.Fatal(err)
			}
		}
		if err := store.SettleCrowd(ctx, db.DB); err != nil {
			t.Fatal(err)
		}
		if n, all, err := store.CrowdSize(ctx, db.DB, "acme"); n != 200 || all != 200 || err != nil {
			t.Errorf("got %d of %d, %v, want 200 of 200", n, all, err)
		}
		for table, want := range map[string]string{
			"accounts": "200", "identifiers": "400", "history": "1000", "events": "1000", "reset_tokens": "50", "attempts": "200", "outbox": "2", "throttle": "2",
		} {
			if got := db.ask(t, "SELECT count(*) FROM "+table); got != want {
				t.Errorf("%s: got %s rows, want %s", table, got, want)
			}
		}
		for _, key := range []core.Key{{Kind: core.KeyLogin, Value: store.CrowdEmail(123)}, {Kind: "zap", Value: fmt.Sprintf("%024d", 123)}} {
			a, err := db.Account(ctx, "acme", key)
			if err != nil || a.ID != "c00000123" || len(a.History) != store.CrowdHistory || !a.History[0].SetAt.Equal(at) || !a.PasswordChangedAt.Equal(at) || a.Verifier != "v" {
				t.Fatalf("%v: got %+v, %v", key, a, err)
			}
			if oldest := a.History[4].SetAt; !oldest.Equal(at.AddDate(0, 0, -120)) || !a.CreatedAt.Equal(oldest) {
				t.Errorf("got a history since %v and an account since %v", oldest, a.CreatedAt)
			}
		}
		var newest time.Time
		events, _, err := db.Trail(ctx, "acme", core.Trail{Account: "c00000123", Newest: true}, 9, 9)
		for _, e := range events {
			told, is := e.ID.Time()
			if !is || !told.Equal(e.At) || !newest.IsZero() && newest.Sub(e.At) != 30*24*time.Hour {
				t.Errorf("event %s was at %v, the one after it at %v", e.ID, e.At, newest)
			}
			newest = e.At
		}
		if want := at.AddDate(0, 0, -120).Add(-2 * (999_999 - 123) * time.Second); len(events) != store.CrowdHistory || !newest.Equal(want) || err != nil {
			t.Errorf("got %d events since %v, %v, want them since %v", len(events), newest, err, want)
		}
		err = db.Apply(ctx, core.Mutation{
			Tenant: "acme", Account: "c00000123", Revision: 5, Verifier: "w", ChangedAt: at.Add(time.Hour), KeepHistory: 5,
			Remember: &core.HistoryEntry{Hash: "i", SetAt: at.Add(time.Hour)}, Event: planEvent("change"),
		})
		if err != nil {
			t.Error(err)
		}
	})
}
