package core_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"rekey/core"
)

// batch imports the records at once and returns their fates.
func (w *intakeWorld) batch(records ...core.Account) string {
	w.Helper()
	verdicts, err := w.Import(w.Context(), acme, records)
	if err != nil {
		w.Fatal(err)
	}
	var fates []core.Intent
	for _, v := range verdicts {
		fates = append(fates, v.Fate)
	}
	return fmt.Sprint(fates)
}

func TestARecordMeetsThoseBeforeItInTheBatch(t *testing.T) {
	w := newIntake(t)
	w.MergeByEmail = true
	got := w.batch(
		core.Account{Email: "ada@x", ExternalIDs: ids("zap", "7")},
		core.Account{Email: "ADA@x", ExternalIDs: ids("unleash", "3"), Verifier: "h"},
		core.Account{Email: "ada@x", ExternalIDs: ids("zap", "8")},
		core.Account{Email: "bob"},
		core.Account{Email: "ada@x", ExternalIDs: ids("unleash", "3")},
	)
	if want := "[added merged refused refused unchanged]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if a := w.only(); a.Verifier != "h" || len(a.ExternalIDs) != 2 || a.Revision != 1 {
		t.Errorf("got %+v", a)
	}
}

func TestADryRunJudgesAsIfItHadWritten(t *testing.T) {
	for _, dry := range []bool{false, true} {
		w := newIntake(t)
		w.take(core.Account{Username: "known"})
		w.DryRun = dry
		got := w.batch(core.Account{Username: "ada"}) + w.batch(core.Account{Username: "ada", Verifier: "h"}) +
			w.batch(core.Account{Username: "known"}, core.Account{Username: "eve", ExternalIDs: ids("zap", "7")}) +
			w.batch(core.Account{Username: "mallory", ExternalIDs: ids("zap", "7")}) + w.batch(core.Account{Username: "ada", Verifier: "h"})
		if want := "[added][merged][unchanged added][refused][unchanged]"; got != want {
			t.Errorf("dry %v: got %s, want %s", dry, got, want)
		}
		all, err := w.store.Accounts(t.Context(), acme, "", 9)
		if want := map[bool]int{false: 3, true: 1}[dry]; err != nil || len(all) != want {
			t.Errorf("dry %v: there are %d accounts, %v; want %d", dry, len(all), err, want)
		}
	}
}

func TestWhatNoAccountCanHaveIsRefusedByItsField(t *testing.T) {
	entry := []core.HistoryEntry{{Hash: "h", SetAt: spring}}
	for field, a := range map[string]core.Account{
		"username":            {},
		"email":               {Email: "ada"},
		"name":                {Username: "a", Name: "\x00"},
		"zap":                 {Username: "a", ExternalIDs: ids("zap", "")},
		"role":                {Username: "a", Attributes: map[string]string{"role": "x"}},
		"id":                  {Username: "a", ID: "\n"},
		"created_at":          {Username: "a", CreatedAt: noon.Add(2 * time.Hour)},
		"password_changed_at": {Username: "a", PasswordChangedAt: spring},
		"tokens_valid_after":  {Username: "a", TokensValidAfter: time.Date(1, 2, 3, 4, 5, 6, 7, time.UTC)},
		"history":             {Username: "a", History: entry},
		"factor":              {Username: "a", Factor: &core.Enrolment{Sealed: "s"}},
	} {
		w := newIntake(t)
		v := w.take(a)
		if v.Fate != core.Refused || v.Refusal.Reason != core.Malformed || v.Refusal.Field != field {
			t.Errorf("%+v: got %+v, want malformed %s", a, v, field)
		}
	}
	w := newIntake(t)
	v := w.take(core.Account{Username: "a", HistorySalt: []byte("other"), History: entry})
	if v.Refusal.Reason != core.UnusableHash || v.Refusal.Field != "history" {
		t.Errorf("another salt: got %+v", v)
	}
}

func TestAnIdOfAnotherTenantIsRefusedAloneInItsBatch(t *testing.T) {
	w := newIntake(t)
	if _, err := w.Import(t.Context(), "globex", []core.Account{{ID: "theirs", Username: "spy"}}); err != nil {
		t.Fatal(err)
	}
	got := w.batch(core.Account{Username: "ada"}, core.Account{ID: "theirs", Username: "mallory"}, core.Account{Username: "bob"})
	if want := "[added refused added]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A store in which somebody else writes between what an import reads and what
// it writes.
type meddledIntake struct {
	core.Intake
	meddle func()
}

func (m *meddledIntake) Import(ctx context.Context, tenant core.TenantID, arrivals []core.Arrival) error {
	if meddle := m.meddle; meddle != nil {
		m.meddle = nil
		meddle()
	}
	return m.Intake.Import(ctx, tenant, arrivals)
}

func TestAnImportJudgesAgainWhatSomebodyElseWrote(t *testing.T) {
	w := newIntake(t)
	w.take(core.Account{Username: "ada"})
	w.Intake = &meddledIntake{w.store, func() {
		l := core.Locator{Login: "ada"}
		if _, err := w.Service.SetExternalID(t.Context(), acme, l, core.Key{Kind: "zap", Value: "7"}, "", core.Origin{}); err != nil {
			t.Error(err)
		}
	}}
	got := w.batch(core.Account{Username: "ada", Verifier: "h"})
	if a := w.only(); got != "[merged]" || a.ExternalIDs["zap"] != "7" || a.Verifier != "h" || a.Revision != 3 {
		t.Errorf("got %s, %+v", got, a)
	}
}
