package store_test

import (
	"fmt"
	"testing"
	"time"

	"rekey/core"
	"rekey/store"
)

func TestADeliveryBacklogTellsEndpointsApart(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		if got, err := db.DeliveryBacklogs(t.Context()); err != nil || len(got) != 0 {
			t.Errorf("of nothing: got %v, %v", got, err)
		}
		var all []core.Message
		for n, endpoint := range []string{"siem", "siem", "siem", "crm"} {
			at := planned.Add(time.Duration(n) * time.Minute)
			all = append(all, core.Message{ID: core.MessageID(fmt.Sprint("d", n)), Endpoint: endpoint, Tenant: "acme", Topic: core.TellEndpoint, Due: at, Since: at})
		}
		if err := db.Enqueue(t.Context(), planEvent("told"), all...); err != nil {
			t.Fatal(err)
		}
		for _, id := range []core.MessageID{"d0", "d3"} {
			if err := db.BuryDelivery(t.Context(), id, planned, "gone"); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.PostponeDelivery(t.Context(), "d1", planned.Add(time.Hour), "down"); err != nil {
			t.Fatal(err)
		}
		got, err := db.DeliveryBacklogs(t.Context())
		want := []store.DeliveryBacklog{{Endpoint: "crm", Dead: 1}, {Endpoint: "siem", Waiting: 2, Dead: 1, Oldest: planned.Add(time.Minute)}}
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	})
}
