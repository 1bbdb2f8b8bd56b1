package store_test

import (
	"testing"

	"rekey/core"
)

// What stands between rekey and PostgreSQL may allow no prepared statements.
func TestPostgresImportsInEveryModeOfItsProtocol(t *testing.T) {
	for _, mode := range []string{"exec", "simple_protocol", "cache_describe"} {
		t.Run(mode, func(t *testing.T) {
			dsn := migrated(t)
			db := open(t, dsn+"&default_query_exec_mode="+mode)
			a := core.Account{
				ID: "1", Tenant: "acme", Username: `a"{},\`, Email: "löwe@x", HistorySalt: []byte{0, 255}, Revision: 1, CreatedAt: planned,
				History: []core.HistoryEntry{{Hash: "h", SetAt: planned}}, PasswordChangedAt: planned,
			}
			bare := core.Account{ID: "2", Tenant: "acme", Username: "NULL", Revision: 1, CreatedAt: planned}
			arrivals := []core.Arrival{{Account: a, Event: planEvent("1")}, {Account: bare, Event: planEvent("2")}}
			if err := db.Import(t.Context(), "acme", arrivals); err != nil {
				t.Fatal(err)
			}
			got, err := db.Named(t.Context(), "acme", append(a.Keys(), bare.Keys()...))
			if err != nil || len(got) != 2 || got[0].Username != a.Username || string(got[0].HistorySalt) != "\x00\xff" || got[1].HistorySalt != nil {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}
