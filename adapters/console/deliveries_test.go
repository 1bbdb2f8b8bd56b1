package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rekey/core"
)

// delivery leaves something that an endpoint is still to be told; dead for a reason,
// unless that is "".
func (w *world) delivery(id core.MessageID, endpoint, reason string) {
	w.t.Helper()
	e := core.Event{ID: core.EventID("event-" + id), At: w.now, Tenant: tenant, Account: "ada", Action: core.PasswordChanged}
	m := core.Message{
		ID: id, Tenant: tenant, Account: "ada", Endpoint: endpoint, Topic: core.TellEndpoint, Due: w.now.Add(time.Hour), Since: w.now,
		Facts: map[string]string{core.FactAction: string(e.Action), core.FactEvent: string(e.ID)},
	}
	noError(w.t, w.store.Enqueue(w.t.Context(), e, m))
	if reason != "" {
		noError(w.t, w.store.BuryDelivery(w.t.Context(), id, w.now, reason))
	}
}

func TestDeliveriesAreShownAndFiltered(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn()
	b.holds("/console/deliveries", "Nothing waits to be told", "webhooks.endpoints", "!Try again")
	w.delivery("one", "crm", "")
	w.delivery("two", "siem", "503 "+hostile+"\u202e")
	b.holds("/console/deliveries", "crm", "siem", "password.changed", "!<img", "&lt;img", "⟨U&#43;202E⟩", "/console/deliveries/two/retry", "Try all dead")
	b.holds("/console/deliveries?state=dead", "!<bdi>crm</bdi>", "<bdi>siem</bdi>")
	b.holds("/console/deliveries?endpoint=crm", "<bdi>crm</bdi>", "!<bdi>siem</bdi>")
	b.holds("/console/deliveries?endpoint=none", "No delivery is as the filters say")
	w.signedIn(without(core.WebhooksWrite)...).holds("/console/deliveries", "<bdi>crm</bdi>", "!Try again", "!Try all")
	if got := b.get("/console/deliveries?state=odd"); got.Code != http.StatusBadRequest || !strings.Contains(got.Body.String(), "“state” was not understood") {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
}

func TestDeliveriesAreTriedAgain(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn()
	for i := range 3 {
		w.delivery(core.MessageID(fmt.Sprintf("dead-%d", i)), "siem", "down")
	}
	w.delivery("other", "crm", "down")
	back := "/console/deliveries?state=dead"
	b.holds("/console/deliveries/dead-0/retry?back="+url.QueryEscape(back), "Delivery dead-0", `value="`+back+`"`)
	got := b.post("/console/deliveries/dead-0/retry", url.Values{"key": {b.key}, "back": {back}})
	if to := got.Header().Get("Location"); got.Code != http.StatusSeeOther || to != "/console/deliveries?done=retried&state=dead" {
		t.Fatalf("got %d %s %s", got.Code, to, got.Body)
	}
	b.holds("/console/deliveries?state=dead&done=retried", "The delivery is tried again now.", "!dead-0", "dead-1")
	b.holds("/console/deliveries/retry?endpoint=siem", "To siem")
	got = b.post("/console/deliveries/retry?endpoint=siem", url.Values{"back": {"https://evil.example"}})
	if to := got.Header().Get("Location"); got.Code != http.StatusSeeOther || to != "/console?done=all-retried" {
		t.Fatalf("got %d %s %s", got.Code, to, got.Body)
	}
	b.holds(back, "<bdi>crm</bdi>", "!<bdi>siem</bdi>")
	b.post("/console/deliveries/retry?endpoint=", nil)
	b.holds(back, "No delivery is as the filters say")
	if gone := b.post("/console/deliveries/nothing/retry", nil); gone.Code != http.StatusNotFound || !strings.Contains(gone.Body.String(), "There is no such delivery") {
		t.Errorf("got %d %s", gone.Code, gone.Body)
	}
}
