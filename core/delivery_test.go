package core_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"rekey/core"
)

// teller returns a world whose endpoints siem and crm are told of all, and acmes
// of acme's changes alone.
func teller(t *testing.T) (*world, *ledger) {
	w, l := postal(t)
	w.guard()
	w.Telling = core.Telling{Outbox: l, RefusedAfter: 3, Endpoints: []core.Endpoint{
		{Name: "siem", Actions: core.ToldActions()},
		{Name: "crm", Actions: core.ToldActions()},
		{Name: "acmes", Actions: []core.Action{core.PasswordChanged}, Tenants: []core.TenantID{acme}},
		{Name: "others", Actions: core.ToldActions(), Tenants: []core.TenantID{other}},
	}}
	return w, l
}

// toldOf returns the deliveries that are stored, in order.
func (w *world) toldOf(l *ledger) []core.Delivery {
	w.t.Helper()
	all, err := l.Deliveries(w.t.Context(), core.Selection{}, 0, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func TestAChangeIsToldToItsEndpoints(t *testing.T) {
	w, l := teller(t)
	account := w.account(correct)
	before := w.state()
	o := core.Origin{Dialect: "zap", Addr: netip.MustParseAddr("192.0.2.7"), RequestID: "r1"}
	password := core.NewPassword(correct)
	_, err := w.Change(t.Context(), core.Change{
		Tenant: acme, Proof: core.Authority{Admin: admin, Account: ada, Current: &password}, New: core.NewPassword(fresh), Origin: o,
	})
	code(t, err, "")
	event := w.since(before)[0]
	var endpoints []string
	ids := map[core.MessageID]bool{}
	for _, d := range w.toldOf(l) {
		endpoints, ids[d.ID] = append(endpoints, d.Endpoint), true
		want := map[string]string{
			"event": string(event.ID), "action": "password.changed", "at": "2026-03-02T12:00:00.000000Z", "dialect": "zap", "addr": "192.0.2.7",
			"request": "r1", "proof": "authority", "actor": admin.String(), "external.zap": "zap-number-7",
			"changed": "2026-03-02T12:00:00.000000Z", "valid": "2026-03-02T12:00:00.000000Z",
		}
		if diff := diff(want, d.Facts); diff != "" || d.Topic != core.TellEndpoint || d.Tenant != acme || d.Account != account.ID || !d.Since.Equal(w.now) {
			t.Errorf("%+v\n%s", d, diff)
		}
	}
	if !slices.Equal(endpoints, []string{"siem", "crm", "acmes"}) || len(ids) != 3 {
		t.Errorf("told %v, by ids %v", endpoints, ids)
	}
}

// tokens_valid_after never moves back, and is told as it is.
func TestATimeThatLiesAheadIsTold(t *testing.T) {
	w, l := teller(t)
	w.account(correct)
	w.now = w.now.Add(time.Hour)
	w.disable(true)
	w.disable(false)
	w.now = w.now.Add(-time.Minute)
	code(t, w.change(knows(correct), fresh), "")
	facts := w.toldOf(l)[0].Facts
	if facts["changed"] != "2026-03-02T12:59:00.000000Z" || facts["valid"] != "2026-03-02T13:00:00.000000Z" {
		t.Errorf("got %v", facts)
	}
}

func TestAChangeThatIsNotStoredIsNotTold(t *testing.T) {
	w, l := teller(t)
	w.account(correct)
	w.store.before = failing("Apply", core.Unavailable)
	code(t, w.change(knows(correct), fresh), core.Unavailable)
	if got := w.toldOf(l); len(got) != 0 {
		t.Errorf("told %v", got)
	}
}

// Refusals are told from the threshold on, and locks; of a name that nobody has as
// much is written, which asks for nothing.
func TestFailuresAreToldFromAThresholdOn(t *testing.T) {
	steps := func(l core.Locator, want core.Topic) (told []string) {
		w, ledger := teller(t)
		w.account(correct)
		for range strict.Stop - strict.Kept {
			_ = w.attempt(1, core.Knowledge{Account: l, Current: core.NewPassword(wrong)}, fresh)
			w.now = w.now.Add(time.Hour)
		}
		for _, d := range w.toldOf(ledger) {
			if d.Topic != want || (d.Account == "") != (want == core.Void) {
				t.Errorf("%+v: got %+v", l, d)
			}
			told = append(told, fmt.Sprint(d.Endpoint, d.Facts["action"], d.Facts["failures"], d.Facts["addr"]))
		}
		return told
	}
	known, unknown := steps(ada, core.TellEndpoint), steps(core.Locator{Login: "nobody"}, core.Void)
	if !slices.Equal(known, unknown) {
		t.Errorf("of a name that somebody has %q is stored, of another %q", known, unknown)
	}
	var want []string
	last := strict.Stop - strict.Kept
	for n := 3; n <= last; n++ {
		want = append(want, fmt.Sprintf("siempassword.change_refused%d192.0.2.1", n), fmt.Sprintf("crmpassword.change_refused%d192.0.2.1", n))
	}
	want = append(want, fmt.Sprintf("siemaccount.locked%d192.0.2.1", last), fmt.Sprintf("crmaccount.locked%d192.0.2.1", last))
	if !slices.Equal(known, want) {
		t.Errorf("got %q, want %q", known, want)
	}
}

func TestAPasswordThatThePolicyRefusesIsNotTold(t *testing.T) {
	w, l := teller(t)
	w.account(correct)
	for range 6 {
		code(t, w.change(knows(correct), "weak"), core.WeakPassword)
		w.now = w.now.Add(time.Second)
	}
	if got := w.toldOf(l); len(got) != 0 {
		t.Errorf("told %v", got)
	}
}

// Who asks for a reset link learns nothing by what is told: with mail and without.
func TestARequestIsToldWhetherOrNotAnybodyHasTheAddress(t *testing.T) {
	for _, mailed := range []bool{true, false} {
		var wrote [][]string
		for email, want := range map[string]core.Topic{"ada.lovelace@acme.example": core.TellEndpoint, "nobody@acme.example": core.Void} {
			w, l := teller(t)
			if !mailed {
				w.Outbox = nil
			}
			w.account(correct)
			code(t, w.RequestReset(t.Context(), acme, email, hourly, origin), "")
			got := w.toldOf(l)
			if len(got) != 2 || got[0].Topic != want || (got[0].Account == "") != (want == core.Void) || got[0].Facts["action"] != "reset.requested" {
				t.Errorf("%s: got %+v", email, got)
			}
			wrote = append(wrote, l.written)
		}
		if !slices.Equal(wrote[0], wrote[1]) || len(wrote[0]) != 2 {
			t.Errorf("mailed %v: wrote %q", mailed, wrote)
		}
	}
}
