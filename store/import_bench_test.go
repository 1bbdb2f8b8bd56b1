package store_test

import (
	"fmt"
	"testing"
	"time"

	"rekey/core"
	"rekey/store/storetest"
)

// Both measure whole accounts, with a login, an address, an external id and an
// event each, into tables with all their indexes.
func BenchmarkImportSQLite(b *testing.B) { benchmarkImport(b, sqlite) }

func BenchmarkImportPostgres(b *testing.B) { benchmarkImport(b, postgres) }

func benchmarkImport(b *testing.B, open func(t testing.TB) storetest.Store) {
	const batch = 1000
	db := open(b)
	n := 0
	for b.Loop() {
		arrivals := make([]core.Arrival, batch)
		keys := make([]core.Key, 0, 3*batch)
		for i := range arrivals {
			n++
			a := core.Account{
				ID: core.AccountID(fmt.Sprintf("01900000-0000-7000-8000-%012d", n)), Tenant: "acme",
				Username: fmt.Sprint("user", n), Email: fmt.Sprintf("user%d@acme.example", n), Name: "Some One",
				ExternalIDs: map[string]string{"zap": fmt.Sprintf("%024d", n)}, Attributes: map[string]string{"unleash.role": "editor"},
				Verifier: "$2a$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", Revision: 1,
				PasswordChangedAt: time.Unix(1, 0), TokensValidAfter: time.Unix(1, 0), CreatedAt: time.Unix(1, 0),
			}
			e := core.Event{ID: core.EventID(fmt.Sprintf("01900000-0000-7000-9000-%012d", n)), Tenant: "acme", Account: a.ID, Action: core.AccountImported}
			arrivals[i] = core.Arrival{Account: a, Event: e}
			keys = append(keys, a.Keys()...)
		}
		if _, err := db.Named(b.Context(), "acme", keys); err != nil {
			b.Fatal(err)
		}
		if err := db.Import(b.Context(), "acme", arrivals); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "accounts/s")
}
