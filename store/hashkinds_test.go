package store_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"rekey/core"
	"rekey/store"
)

// Every kind that an account may have, and what is told of it.
var kinds = map[string]string{
	"": "",
	"$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA":                      "$argon2id$v=19$m=19456,t=2,p=1",
	"$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=first$c2FsdHNhbHRzYWx0c2FsdA$zAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA": "$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=first",
	"$2b$10$......................" + "...............................":                                                      "$2b$10",
	"$2a$12$abcdefghijklmnopqrstuu" + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcde":                                                      "$2a$12",
	"$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk":                                "$pbkdf2-sha256$29000",
	"$scrypt$ln=14,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E":                               "$scrypt$ln=14,r=8,p=1",
	"5f4dcc3b5aa765d61d8327deb882cf99": "!",
}

func TestHashKindsAreCountedBatchByBatch(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		want := map[string]int{}
		n := 0
		for verifier, kind := range kinds {
			for range 3 {
				id := fmt.Sprintf("%03d", n)
				if err := db.CreateAccount(t.Context(), core.Account{
					ID: core.AccountID(id), Tenant: core.TenantID(fmt.Sprint("tenant", n%2)), Username: "user" + id, Revision: 1, Verifier: verifier,
				}, core.Event{ID: core.EventID(id), Tenant: "acme", At: planned}); err != nil {
					t.Fatal(err)
				}
				n++
				want[kind]++
			}
		}
		for _, limit := range []int{1, 5, n, n + 1} {
			got, batches := map[string]int{}, 0
			for after := core.AccountID(""); ; batches++ {
				counts, next, err := db.HashKinds(t.Context(), after, limit)
				if err != nil {
					t.Fatal(err)
				}
				for kind, n := range counts {
					got[kind] += n
				}
				if next == "" {
					break
				}
				after = next
			}
			if !maps.Equal(got, want) || batches != n/limit {
				t.Errorf("by %d: got %v in %d batches, want %v", limit, got, batches, want)
			}
		}
	})
}

func TestTheBacklogIsWhatTheOutboxHolds(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		ctx := t.Context()
		expect := func(why string, want store.Backlog) {
			t.Helper()
			if got, err := db.Backlog(ctx, planned); got != want || err != nil {
				t.Errorf("%s: got %+v, %v, want %+v", why, got, err, want)
			}
		}
		expect("empty", store.Backlog{})
		for i, due := range []int{1, -30, -70, 0} {
			m := core.Message{ID: core.MessageID(fmt.Sprint(i)), Tenant: "acme", Topic: core.Void, Due: planned.Add(seconds(due))}
			if err := db.Enqueue(ctx, planEvent(core.EventID(fmt.Sprint(i))), m); err != nil {
				t.Fatal(err)
			}
		}
		expect("full", store.Backlog{Waiting: 4, Oldest: planned.Add(seconds(-70))})
		if err := db.Bury(ctx, "2", planned, "why"); err != nil {
			t.Fatal(err)
		}
		expect("with a dead one", store.Backlog{Waiting: 3, Dead: 1, Oldest: planned.Add(seconds(-30))})
		if _, err := db.Claim(ctx, planned, planned.Add(seconds(60)), 9); err != nil {
			t.Fatal(err)
		}
		expect("while it is worked on", store.Backlog{Waiting: 3, Dead: 1})
	})
}

func TestEveryPoolIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		pools := db.Pools()
		_, all := pools["all"]
		_, read := pools["read"]
		_, write := pools["write"]
		if all == (read && write) || read != write {
			t.Errorf("got %v, want one pool, or one to read and one to write", pools)
		}
		for name, stats := range pools {
			if stats.MaxOpenConnections < 1 || stats.OpenConnections < 1 {
				t.Errorf("%s: got %+v, want one that is open", name, stats)
			}
		}
	})
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
