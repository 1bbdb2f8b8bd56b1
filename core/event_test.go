package core_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"rekey/core"
)

func TestEveryAttemptLeavesOneEvent(t *testing.T) {
	from := core.Origin{Dialect: "zap", Addr: netip.MustParseAddr("192.0.2.1"), RequestID: "r7"}
	typed := core.Locator{Login: "typed by a client"}
	held := func(w *world) core.Proof { return core.Possession{Token: w.token()} }
	dead := func(w *world) core.Proof {
		proof := held(w)
		w.token()
		return proof
	}
	used := func(w *world) core.Proof {
		proof := held(w)
		w.must0(w.change(proof, password(7)))
		return proof
	}
	says := func(p core.Proof) func(*world) core.Proof { return func(*world) core.Proof { return p } }
	for name, c := range map[string]struct {
		tenant core.TenantID
		proof  func(*world) core.Proof
		new    string
		want   core.Event // Account "ada" stands for hers
	}{
		"changed by knowledge":      {acme, says(knows(correct)), fresh, core.Event{Tenant: acme, Account: "ada", Proof: core.ByKnowledge}},
		"changed by a token":        {"", held, fresh, core.Event{Tenant: acme, Account: "ada", Proof: core.ByPossession}},
		"changed by an admin":       {acme, says(governs(correct)), fresh, core.Event{Tenant: acme, Account: "ada", Proof: core.ByAuthority, Actor: "idp:root"}},
		"wrong password":            {acme, says(knows(wrong)), fresh, core.Event{Tenant: acme, Account: "ada", Proof: core.ByKnowledge, Outcome: core.WrongPassword}},
		"admin, wrong password":     {acme, says(governs(wrong)), fresh, core.Event{Tenant: acme, Account: "ada", Proof: core.ByAuthority, Actor: "idp:root", Outcome: core.WrongPassword}},
		"missing account":           {acme, says(core.Knowledge{Account: typed}), fresh, core.Event{Tenant: acme, Proof: core.ByKnowledge, Outcome: core.NotFound}},
		"admin, missing account":    {acme, says(core.Authority{Admin: admin, Account: typed}), fresh, core.Event{Tenant: acme, Proof: core.ByAuthority, Actor: "idp:root", Outcome: core.NotFound}},
		"no account":                {acme, says(core.Knowledge{}), fresh, core.Event{Tenant: acme, Proof: core.ByKnowledge, Outcome: core.Invalid}},
		"malformed":                 {acme, says(knows(correct)), "\xff", core.Event{Tenant: acme, Proof: core.ByKnowledge, Outcome: core.Invalid}},
		"weak":                      {acme, says(knows(correct)), "weak", core.Event{Tenant: acme, Account: "ada", Proof: core.ByKnowledge, Outcome: core.WeakPassword}},
		"reused":                    {acme, says(knows(correct)), correct, core.Event{Tenant: acme, Account: "ada", Proof: core.ByKnowledge, Outcome: core.ReusedPassword}},
		"weak, by a token":          {"", held, "weak", core.Event{Tenant: acme, Account: "ada", Proof: core.ByPossession, Outcome: core.WeakPassword}},
		"dead token":                {"", dead, fresh, core.Event{Tenant: acme, Account: "ada", Proof: core.ByPossession, Outcome: core.BadToken}},
		"used token":                {"", used, fresh, core.Event{Tenant: acme, Account: "ada", Proof: core.ByPossession, Outcome: core.UsedToken}},
		"used token, its tenant":    {acme, used, fresh, core.Event{Tenant: acme, Account: "ada", Proof: core.ByPossession, Outcome: core.UsedToken}},
		"used token, other tenant":  {other, used, fresh, core.Event{Tenant: other, Proof: core.ByPossession, Outcome: core.BadToken}},
		"token of another tenant":   {other, held, fresh, core.Event{Tenant: other, Proof: core.ByPossession, Outcome: core.BadToken}},
		"unknown token":             {"", says(core.Possession{Token: core.NewToken("typed by a client")}), fresh, core.Event{Proof: core.ByPossession, Outcome: core.BadToken}},
		"unknown token in a tenant": {acme, says(core.Possession{}), fresh, core.Event{Tenant: acme, Proof: core.ByPossession, Outcome: core.BadToken}},
	} {
		w := newWorld(t)
		account := w.account(correct)
		proof := c.proof(w)
		before := w.state()
		_, err := w.Change(t.Context(), core.Change{Tenant: c.tenant, Proof: proof, New: core.NewPassword(c.new), Origin: from})
		code(t, err, c.want.Outcome, name)
		events := w.since(before)
		if len(events) != 1 {
			t.Errorf("%s: got %d events, want 1", name, len(events))
			continue
		}
		c.want.ID, c.want.At, c.want.Origin = events[0].ID, noon, from
		c.want.Action = pick(c.want.Outcome == "", core.PasswordChanged, core.PasswordRefused)
		if c.want.Account != "" {
			c.want.Account = account.ID
		}
		if diff := diff(c.want, events[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		told := fmt.Sprintf("%+v", events[0])
		for _, secret := range []string{correct, wrong, fresh, "typed by", "ada", "lovelace"} {
			if strings.Contains(told, secret) {
				t.Errorf("%s: the event tells %q: %s", name, secret, told)
			}
		}
	}
}

// A broken dependency judges nothing, so nothing is recorded.
func TestAFailureIsNoRefusal(t *testing.T) {
	for _, c := range []struct {
		cause error
		want  core.Code
	}{
		{core.Unavailable, core.Unavailable},
		{&core.Error{Code: core.Unavailable, RetryAfter: 1}, core.Unavailable},
		{context.DeadlineExceeded, core.Unavailable},
		{core.Internal, core.Internal},
		{errors.New("anything"), core.Internal},
	} {
		w := newWorld(t)
		w.account(correct)
		before := w.state()
		w.hasher.before = func(context.Context) error { return c.cause }
		code(t, w.change(knows(wrong), fresh), c.want)
		code(t, w.change(core.Authority{Admin: admin, Account: ada}, fresh), c.want)
		w.hasher.before = nil
		for _, verb := range []string{"Account", "Apply"} {
			w.store.before = failing(verb, c.cause)
			code(t, w.change(knows(correct), fresh), c.want, verb)
		}
		w.unchanged(before)
		if events := w.since(before); len(events) != 0 {
			t.Errorf("%v: got events %+v, want none", c.cause, events)
		}
	}
}

func TestARefusalThatCannotBeRecordedIsUnavailable(t *testing.T) {
	for _, cause := range []error{core.Internal, core.Conflict, core.NotFound, core.WrongPassword, errors.New("anything"), context.Canceled} {
		w := newWorld(t)
		w.account(correct)
		w.store.before = failing("Record", cause)
		for name, c := range map[string]struct {
			proof core.Proof
			new   string
		}{"proof": {knows(wrong), fresh}, "policy": {knows(correct), "weak"}, "token": {core.Possession{}, fresh}, "shape": {knows(correct), "\xff"}} {
			code(t, w.change(c.proof, c.new), core.Unavailable, name, cause)
		}
	}
}

// The client hangs up while its wrong password is derived.
func TestARefusalIsRecordedAlsoForAClientThatHungUp(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	before := w.state()
	ctx, hangUp := context.WithCancel(t.Context())
	w.hasher.Hasher = hangingUp{w.hasher.Hasher, hangUp}
	w.store.before = func(ctx context.Context, verb string) error {
		if _, bounded := ctx.Deadline(); verb == "Record" && (ctx.Err() != nil || !bounded) {
			t.Errorf("recording under a context that is dead (%v) or endless", ctx.Err())
		}
		return nil
	}
	_, err := w.Change(ctx, core.Change{Tenant: acme, Proof: knows(wrong), New: core.NewPassword(fresh)})
	code(t, err, core.WrongPassword)
	if events := w.since(before); len(events) != 1 || events[0].Outcome != core.WrongPassword {
		t.Errorf("got events %+v, want the refusal", events)
	}

	before = w.state()
	_, err = w.Change(ctx, core.Change{Tenant: acme, Proof: knows(correct), New: core.NewPassword(fresh)})
	code(t, err, core.Unavailable, "hung up before anything was judged")
	if diff := diff(before, w.state()); diff != "" {
		t.Errorf("it changed the store:\n%s", diff)
	}
}

// hangingUp is a hasher whose caller leaves while it verifies.
type hangingUp struct {
	core.Hasher
	hangUp func()
}

func (h hangingUp) Verify(ctx context.Context, p core.Password, stored string) (bool, error) {
	ok, err := h.Hasher.Verify(ctx, p, stored)
	h.hangUp()
	return ok, err
}
