package store_test

import (
	"fmt"
	"testing"
	"time"

	"rekey/core"
)

func TestAttemptsThatNobodyCameBackToAreForgotten(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		const idle = 180 * 24 * time.Hour
		begin := time.Unix(1_000_000, 0)
		rules := core.AttemptRules{Stop: core.MaxStop}
		limit := core.Limit{Key: "client", Every: time.Minute, Burst: 9}
		fail := func(name string, now time.Time) {
			t.Helper()
			_, err := db.Reserve(t.Context(), now, core.Claim{Account: name, Client: "home"}, rules)
			if err == nil {
				err = db.Settle(t.Context(), core.Settlement{At: now, Counts: []core.Limit{limit}})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		rows := func(what, want string) {
			t.Helper()
			if got := db.ask(t, "SELECT count(*) FROM attempts"); got != want {
				t.Errorf("rows %s: got %s, want %s", what, got, want)
			}
		}
		for i := range 12 {
			fail(fmt.Sprint("old", i), begin)
		}
		fail("later", begin.Add(idle))
		rows("just in time", "26")
		for i := range 4 {
			fail("later", begin.Add(idle+time.Duration(i+1)*time.Second))
		}
		rows("after four more", "2")
	})
}
