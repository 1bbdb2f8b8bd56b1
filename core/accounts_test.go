package core_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/core"
)

func TestANewAccountIsValidated(t *testing.T) {
	long := strings.Repeat("a", 321)
	for name, c := range map[string]struct {
		account core.NewAccount
		fields  []string // nil for a good one
	}{
		"username alone":         {core.NewAccount{Tenant: acme, Username: "ada"}, nil},
		"e-mail alone":           {core.NewAccount{Tenant: acme, Email: "ada@acme.example"}, nil},
		"all":                    {core.NewAccount{Tenant: "a-b_9", Username: "Ada L.", Email: "a@b@c", Name: "Ада", ExternalIDs: map[string]string{"zap": "1"}}, nil},
		"longest":                {core.NewAccount{Tenant: core.TenantID(long[:64]), Username: long[:320]}, nil},
		"nothing":                {core.NewAccount{}, []string{"tenant", "username"}},
		"no name":                {core.NewAccount{Tenant: acme}, []string{"username"}},
		"tenant in capitals":     {core.NewAccount{Tenant: "Acme", Username: "ada"}, []string{"tenant"}},
		"tenant with a line end": {core.NewAccount{Tenant: "acme\n", Username: "ada"}, []string{"tenant"}},
		"tenant with a dash":     {core.NewAccount{Tenant: "-acme", Username: "ada"}, []string{"tenant"}},
		"tenant too long":        {core.NewAccount{Tenant: core.TenantID(long[:65]), Username: "ada"}, []string{"tenant"}},
		"username with NUL":      {core.NewAccount{Tenant: acme, Username: "ada\x00"}, []string{"username"}},
		"username not UTF-8":     {core.NewAccount{Tenant: acme, Username: "ada\xff"}, []string{"username"}},
		"username too long":      {core.NewAccount{Tenant: acme, Username: long}, []string{"username"}},
		"e-mail without at":      {core.NewAccount{Tenant: acme, Email: "ada"}, []string{"email"}},
		"e-mail without local":   {core.NewAccount{Tenant: acme, Email: "@acme.example"}, []string{"email"}},
		"e-mail without domain":  {core.NewAccount{Tenant: acme, Email: "ada@"}, []string{"email"}},
		"e-mail with escape":     {core.NewAccount{Tenant: acme, Email: "ada\x1b@acme.example"}, []string{"email"}},
		"e-mail too long":        {core.NewAccount{Tenant: acme, Email: long + "@b"}, []string{"email"}},
		"name with line end":     {core.NewAccount{Tenant: acme, Username: "ada", Name: "Ada\nLovelace"}, []string{"name"}},
		"name too long":          {core.NewAccount{Tenant: acme, Username: "ada", Name: long}, []string{"name"}},
		"external id empty":      {core.NewAccount{Tenant: acme, Username: "ada", ExternalIDs: map[string]string{"zap": ""}}, []string{"zap"}},
		"external id of a login": {core.NewAccount{Tenant: acme, Username: "ada", ExternalIDs: map[string]string{"login": "grace", "id": "1"}}, []string{"id", "login"}},
		"external ids":           {core.NewAccount{Tenant: acme, Username: "ada", ExternalIDs: map[string]string{"zap": "\n", "Zap": "1", "": "1", "b": long}}, []string{"", "Zap", "b", "zap"}},
		"password not UTF-8":     {core.NewAccount{Tenant: acme, Username: "ada", Password: ptr(core.NewPassword("long enough, but \xff"))}, []string{"password"}},
		"all wrong":              {core.NewAccount{Username: "\n", Email: "x", Name: "\n", Password: ptr(core.NewPassword("\xff"))}, []string{"tenant", "username", "email", "name", "password"}},
	} {
		w := newWorld(t)
		before := w.state()
		_, err := w.CreateAccount(t.Context(), c.account, origin)
		code(t, err, pick[core.Code](c.fields == nil, "", core.Invalid), name)
		if c.fields == nil {
			continue
		}
		if e := core.AsError(err); e == nil || !slices.Equal(e.Fields, c.fields) {
			t.Errorf("%s: got %+v, want fields %q", name, e, c.fields)
		}
		if diff := diff(before, w.state()); diff != "" {
			t.Errorf("%s: something was stored:\n%s", name, diff)
		}
	}
}

func TestAFirstPasswordIsJudgedAsANewOne(t *testing.T) {
	for password, want := range map[string]core.Code{
		"weak": core.WeakPassword, "": core.WeakPassword, "1234567890": core.WeakPassword, "Ada.Lovelace": core.WeakPassword, correct: "",
	} {
		w := newWorld(t)
		n := core.NewAccount{Tenant: acme, Username: "ada", Email: "ada.lovelace@acme.example", Password: ptr(core.NewPassword(password))}
		before := w.state()
		_, err := w.CreateAccount(t.Context(), n, origin)
		code(t, err, want, password)
		if want != "" {
			w.unchanged(before)
			continue
		}
		if !w.has(correct) {
			t.Error("the first password does not verify")
		}
		code(t, w.change(core.Authority{Account: ada}, correct), core.ReusedPassword, "the first password is in the history")
	}
}

func TestANameIsTakenOnceInATenant(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	zap := map[string]string{"zap": "zap-number-7"}
	for name, c := range map[string]struct {
		account core.NewAccount
		field   string // "" if it is free
	}{
		"username":              {core.NewAccount{Tenant: acme, Username: "ADA"}, "login"},
		"e-mail":                {core.NewAccount{Tenant: acme, Email: "Ada.Lovelace@acme.example"}, "login"},
		"e-mail as username":    {core.NewAccount{Tenant: acme, Username: "ada.lovelace@acme.example"}, "login"},
		"external id":           {core.NewAccount{Tenant: acme, Username: "grace", ExternalIDs: zap}, "zap"},
		"elsewhere":             {core.NewAccount{Tenant: other, Username: "ada", ExternalIDs: zap}, ""},
		"external id elsewhere": {core.NewAccount{Tenant: acme, Username: "mary", ExternalIDs: map[string]string{"unleash": "zap-number-7"}}, ""},
		"display name":          {core.NewAccount{Tenant: acme, Username: "jean", Name: "Augusta Ada King"}, ""},
		"its own twice":         {core.NewAccount{Tenant: acme, Username: "me@acme.example", Email: "ME@acme.example"}, ""},
	} {
		before := w.state()
		_, err := w.CreateAccount(t.Context(), c.account, origin)
		code(t, err, pick[core.Code](c.field == "", "", core.Conflict), name)
		if c.field == "" {
			continue
		}
		if e := core.AsError(err); !slices.Equal(e.Fields, []string{c.field}) {
			t.Errorf("%s: got fields %q, want %q", name, e.Fields, c.field)
		}
		if diff := diff(before, w.state()); diff != "" {
			t.Errorf("%s: something was stored:\n%s", name, diff)
		}
	}
}

func TestIDsAreUUIDsThatSortByAge(t *testing.T) {
	w := newWorld(t)
	format := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	var ids []string
	for n := range 50 {
		w.now = noon.Add(time.Duration(n) * 997 * time.Millisecond)
		account := w.create(core.NewAccount{Tenant: acme, Username: password(n)})
		ids = append(ids, string(account.ID))
		if !account.CreatedAt.Equal(w.now) || account.Revision != 1 {
			t.Errorf("created at %v with revision %d, want %v and 1", account.CreatedAt, account.Revision, w.now)
		}
	}
	events := w.state().Events
	for _, e := range events {
		ids = append(ids, string(e.ID))
	}
	for _, id := range ids {
		if !format.MatchString(id) {
			t.Errorf("%q is no UUID of version 7", id)
		}
	}
	if !slices.IsSorted(ids[:50]) || !slices.IsSorted(ids[50:]) || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 100 {
		t.Errorf("ids are not sorted by age or not unique: %q", ids)
	}
	if stamp := fmt.Sprintf("%012x", noon.UnixMilli()); !strings.HasPrefix(ids[0], stamp[:8]+"-"+stamp[8:]) {
		t.Errorf("%q does not begin with the time %s", ids[0], stamp)
	}

	first, err := w.Accounts(t.Context(), acme, "", 20)
	if err != nil || len(first) != 20 || string(first[19].ID) != ids[19] {
		t.Fatalf("first page: %d accounts, %v", len(first), err)
	}
	rest, err := w.Accounts(t.Context(), acme, first[19].ID, 100)
	if err != nil || len(rest) != 30 || string(rest[0].ID) != ids[20] {
		t.Errorf("second page: %d accounts, %v", len(rest), err)
	}
}

func TestSetDisabledReturnsTheAccountAsItIsThen(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	for _, disabled := range []bool{true, true, false, false, true} {
		w.now = w.now.Add(time.Minute)
		before := w.state()
		account, err := w.SetDisabled(t.Context(), acme, ada, disabled, "", origin)
		if err != nil {
			t.Fatal(err)
		}
		if diff := diff(w.read(acme, ada), account); diff != "" || account.Disabled != disabled {
			t.Errorf("disabled is %v, want %v (-stored +returned):\n%s", account.Disabled, disabled, diff)
		}
		wantAction(t, w.since(before), pick(disabled, core.AccountDisabled, core.AccountEnabled), account.ID)
	}
}

func TestExternalIDsAreGivenAndTakenAway(t *testing.T) {
	w := newWorld(t)
	id := w.account(correct).ID
	w.create(core.NewAccount{Tenant: acme, Username: "grace", ExternalIDs: map[string]string{"zap": "8"}})
	for _, c := range []struct {
		key  core.Key
		want core.Code
		have map[string]string
	}{
		{core.Key{Kind: "zap", Value: "9"}, "", map[string]string{"zap": "9"}},
		{core.Key{Kind: "zap", Value: "9"}, "", map[string]string{"zap": "9"}},
		{core.Key{Kind: "unleash", Value: "9"}, "", map[string]string{"zap": "9", "unleash": "9"}},
		{core.Key{Kind: "zap", Value: "8"}, core.Conflict, nil},
		{core.Key{Kind: "zap", Value: "9\n"}, core.Invalid, nil},
		{core.Key{Kind: "zap", Value: strings.Repeat("9", 321)}, core.Invalid, nil},
		{core.Key{Kind: "id", Value: "9"}, core.Invalid, nil},
		{core.Key{Kind: "login"}, core.Invalid, nil},
		{core.Key{Kind: "Zap", Value: "9"}, core.Invalid, nil},
		{core.Key{Value: "9"}, core.Invalid, nil},
		{core.Key{Kind: "zap"}, "", map[string]string{"unleash": "9"}},
		{core.Key{Kind: "zap"}, "", map[string]string{"unleash": "9"}},
	} {
		before := w.state()
		account, err := w.SetExternalID(t.Context(), acme, ada, c.key, "", origin)
		code(t, err, c.want, c.key)
		if c.want != "" {
			w.unchanged(before)
			if got := core.AsError(err).Fields; !slices.Equal(got, []string{c.key.Kind}) {
				t.Errorf("%v: got fields %q", c.key, got)
			}
			continue
		}
		if diff := diff(w.read(acme, ada), account); diff != "" || !maps.Equal(account.ExternalIDs, c.have) {
			t.Errorf("%v: got ids %v, want %v (-stored +returned):\n%s", c.key, account.ExternalIDs, c.have, diff)
		}
		wantAction(t, w.since(before), core.ExternalIDSet, id)
	}
	_, err := w.SetExternalID(t.Context(), acme, core.Locator{Login: "nobody"}, core.Key{Kind: "zap", Value: "1"}, "", origin)
	code(t, err, core.NotFound)
}

func TestAdministrationLeavesEvents(t *testing.T) {
	w := newWorld(t)
	account := w.account(correct)
	wantAction(t, w.state().Events, core.AccountCreated, account.ID)
	before := w.state()
	w.token()
	events := w.since(before)
	wantAction(t, events, core.TokenIssued, account.ID)
	if events[0].Actor != "operator" {
		t.Errorf("issued by %q", events[0].Actor)
	}
	before = w.state()
	if _, err := w.RevokeTokens(t.Context(), acme, ada, "somebody", origin); err != nil {
		t.Fatal(err)
	}
	events = w.since(before)
	wantAction(t, events, core.TokensRevoked, account.ID)
	if events[0].Actor != "somebody" {
		t.Errorf("revoked by %q", events[0].Actor)
	}
}

func wantAction(t *testing.T, events []core.Event, want core.Action, id core.AccountID) {
	t.Helper()
	if len(events) != 1 || events[0].Action != want || events[0].Account != id || events[0].Tenant != acme ||
		events[0].Origin != origin || events[0].Outcome != "" || events[0].Proof != "" {
		t.Errorf("got events %+v, want one %s", events, want)
	}
}

func TestAttributesBelongToADialect(t *testing.T) {
	for name, valid := range map[string]bool{
		"unleash.role": true, "a.b-c_d": true,
		"role": false, ".role": false, "unleash.": false, "Unleash.role": false, "unleash.role.x": false, "un leash.role": false,
	} {
		w := newWorld(t)
		_, err := w.CreateAccount(t.Context(), core.NewAccount{
			Tenant: "acme", Username: "ada", Attributes: map[string]string{name: "editor"},
		}, core.Origin{})
		if got := core.AsError(err); valid != (err == nil) || !valid && (got.Code != core.Invalid || !slices.Equal(got.Fields, []string{name})) {
			t.Errorf("%q: got %v", name, err)
		}
	}
}
