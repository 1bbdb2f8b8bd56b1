package store_test

import (
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"rekey/core"
	"rekey/store"
)

// crowdVariable says in how many accounts plans are looked at; 20,000 if it is
// not set.
const crowdVariable = "REKEY_TEST_CROWD"

// grown names the tables that grow with the crowd. Of the others PostgreSQL reads
// the few rows that they have.
var grown = regexp.MustCompile(`(accounts|identifiers|history|events|reset_tokens|attempts)\b`)

// With so many accounts, and statistics of them, an index is what the database
// itself chooses, and dropping a batch of what is past goes by one too.
func TestInACrowdStatementsGoByAnIndex(t *testing.T) {
	if testing.Short() {
		t.Skip("it fills a database")
	}
	size := 20_000
	if n, err := strconv.Atoi(os.Getenv(crowdVariable)); err == nil {
		size = n
	}
	onBoth(t, func(t *testing.T, db opened) {
		crowd := store.Crowd{
			Model:    core.Account{Tenant: "acme", Verifier: "v", HistorySalt: []byte("salt"), History: []core.HistoryEntry{{Hash: "h"}}},
			External: "zap", At: time.Unix(1_750_000_000, 0),
		}
		for first := 0; first < size; first += 10_000 {
			if err := store.AddCrowd(t.Context(), db.DB, crowd, first, min(size, first+10_000)); err != nil {
				t.Fatal(err)
			}
		}
		db.run(t, "ANALYZE")
		for verb, all := range db.statements(t) {
			for _, s := range all {
				if step := db.scans(t, s, "SELECT 1"); grown.MatchString(step) {
					t.Errorf("%s: %s\n\t%s", verb, step, s.sql)
				}
			}
		}
		for what, before := range map[core.Remnant]time.Time{
			core.PastEvents: crowd.At, core.DeadTokens: crowd.At.Add(time.Hour), core.IdleAttempts: crowd.At.Add(time.Hour),
		} {
			begun := time.Now()
			n, err := db.Prune(t.Context(), what, before, 500)
			if n != 500 || err != nil {
				t.Errorf("%s: got %d dropped, %v, want 500", what, n, err)
			}
			t.Logf("%s: 500 dropped in %v, of %d accounts", what, time.Since(begun), size)
		}
	})
}
