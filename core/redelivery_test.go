package core_test

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rekey/core"
	"rekey/store/memory"
)

// told is a service over deliveries that were given up, n of each tenant, every
// tenth of them to crm and the others to siem.
func told(t *testing.T, n int) (*core.Service, *memory.Store) {
	t.Helper()
	db, now := memory.New(), time.Unix(1_000_000, 0).UTC()
	var all []core.Message
	for i := range n {
		for _, tenant := range []core.TenantID{"acme", "birch"} {
			m := core.Message{ID: core.MessageID(fmt.Sprintf("%s-%d", tenant, i)), Tenant: tenant, Endpoint: "siem", Topic: core.Void, Due: now, Since: now}
			if i%10 == 0 {
				m.Endpoint = "crm"
			}
			all = append(all, m)
		}
	}
	if err := db.Enqueue(t.Context(), core.Event{ID: "given", Tenant: "acme"}, all...); err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if err := db.BuryDelivery(t.Context(), m.ID, now, "why"); err != nil {
			t.Fatal(err)
		}
	}
	return core.New(core.Parts{Store: db, Deliveries: db, Now: func() time.Time { return now.Add(time.Hour) }, Random: rand.Reader}), db
}

func TestDeliveriesAreListedPageByPageToTheLast(t *testing.T) {
	s, _ := told(t, 25)
	for endpoint, want := range map[string]int{"": 25, "siem": 22, "crm": 3, "none": 0} {
		for _, limit := range []int{1, 7, 22, 25, 100} {
			var got []core.MessageID
			for after, pages := int64(0), 0; ; pages++ {
				found, more, err := s.ListDeliveries(t.Context(), core.Selection{Tenant: "acme", Endpoint: endpoint}, after, limit)
				if err != nil || len(found) > limit || pages > 30 {
					t.Fatalf("%q by %d: got %d, %v on page %d", endpoint, limit, len(found), err, pages)
				}
				for _, d := range found {
					got = append(got, d.ID)
				}
				if after = more; more == 0 {
					break
				}
			}
			if len(got) != want {
				t.Errorf("%q by %d: got %v, want %d", endpoint, limit, got, want)
			}
		}
	}
}

func TestALookAtDeliveriesIsBounded(t *testing.T) {
	s, _ := told(t, 5600)
	found, more, err := s.ListDeliveries(t.Context(), core.Selection{Tenant: "acme", Endpoint: "none"}, 0, 50)
	if err != nil || len(found) != 0 || more == 0 {
		t.Fatalf("got %d, more %d, %v", len(found), more, err)
	}
	if found, more, err = s.ListDeliveries(t.Context(), core.Selection{Tenant: "acme", Endpoint: "none"}, more, 50); err != nil || len(found) != 0 || more != 0 {
		t.Errorf("the rest: got %d, more %d, %v", len(found), more, err)
	}
	if found, more, err = s.ListDeliveries(t.Context(), core.Selection{}, 0, 50); err != nil || len(found) != 0 || more != 0 {
		t.Errorf("without a tenant: got %d, more %d, %v", len(found), more, err)
	}
}

func TestOnlyTheTenantsDeliveriesAreRetried(t *testing.T) {
	s, db := told(t, 1300)
	n, more, err := s.RetryDeliveries(t.Context(), "acme", "crm", "key:ops", core.Origin{Dialect: "manage"})
	if n != 130 || more || err != nil {
		t.Fatalf("got %d, %t, %v", n, more, err)
	}
	if n, more, err = s.RetryDeliveries(t.Context(), "acme", "", "key:ops", core.Origin{Dialect: "manage"}); n != 1170 || more || err != nil {
		t.Fatalf("got %d, %t, %v", n, more, err)
	}
	if err := s.RetryDelivery(t.Context(), "acme", "birch-1", "key:ops", core.Origin{}); core.CodeOf(err) != core.NotFound {
		t.Errorf("another tenant's: %v", err)
	}
	if n, _, err := s.RetryDeliveries(t.Context(), "", "", "key:ops", core.Origin{}); n != 0 || err != nil {
		t.Errorf("without a tenant: got %d, %v", n, err)
	}
	dead := true
	left, err := db.Deliveries(t.Context(), core.Selection{Buried: &dead}, 0, 9999)
	if err != nil || len(left) != 1300 || left[0].Tenant != "birch" {
		t.Errorf("%d are left, %v", len(left), err)
	}
	events, err := db.Events(t.Context(), "acme", "", 99)
	if err != nil {
		t.Fatal(err)
	}
	var trail []string
	for _, e := range events {
		if e.Action == core.DeliveriesRetried {
			trail = append(trail, e.Actor+" "+e.Origin.Dialect)
		}
	}
	if diff := cmp.Diff([]string{"key:ops manage", "key:ops manage", "key:ops manage", "key:ops manage"}, trail); diff != "" { // 130, 500, 500, 170
		t.Errorf("(-want +got):\n%s", diff)
	}
}
