package store_test

import (
	"slices"
	"testing"

	"rekey/core"
	"rekey/store"
)

func TestHashesAreCountedBySchemeAndKey(t *testing.T) {
	const salt = "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	const (
		plain  = "$argon2id$v=19$m=64,t=1,p=1" + salt
		first  = "$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=first" + salt
		second = "$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=second" + salt
		bcrypt = "$2b$05$......................" + "..............................."
	)
	for name, open := range map[string]func(*testing.T) *store.DB{
		"SQLite":     func(t *testing.T) *store.DB { return sqlite(t).(*store.DB) },
		"PostgreSQL": func(t *testing.T) *store.DB { return postgres(t).(*store.DB) },
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			if got, err := db.Hashes(t.Context()); len(got) != 0 || err != nil {
				t.Errorf("of no account: got %v, %v", got, err)
			}
			for i, a := range []core.Account{
				{Tenant: "acme", Verifier: plain, History: []core.HistoryEntry{{Hash: plain}, {Hash: first}}},
				{Tenant: "acme", Verifier: first},
				{Tenant: "globex", Verifier: first, History: []core.HistoryEntry{{Hash: first}}},
				{Tenant: "globex", Verifier: second},
				{Tenant: "globex", Verifier: bcrypt},
				{Tenant: "globex"}, // has no password yet
			} {
				id := string(rune('1' + i))
				a.ID, a.Username, a.Revision, a.HistorySalt = core.AccountID(id), "user"+id, 1, []byte("a history salt")
				e := event
				e.ID, e.Tenant, e.Account = core.EventID(id), a.Tenant, a.ID
				if err := db.CreateAccount(t.Context(), a, e); err != nil {
					t.Fatal(err)
				}
			}
			got, err := db.Hashes(t.Context())
			want := []store.HashCount{
				{Scheme: "2b", Verifiers: 1}, {Scheme: "argon2id", Verifiers: 1, History: 1},
				{Scheme: "argon2id-hmac-sha256", Key: "first", Verifiers: 2, History: 2}, {Scheme: "argon2id-hmac-sha256", Key: "second", Verifiers: 1},
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("got %v, %v\nwant %v", got, err, want)
			}
		})
	}
}
