package enumeration

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	mathrand "math/rand/v2"
	"strings"

	"rekey/cmd/prove/rig"
	"rekey/core"
)

// uses is how often one account is asked about: failures in a row are delayed
// from the sixth on.
const uses = 4

// world has the accounts that are asked about.
type world struct {
	o    Options
	dice *mathrand.Rand

	present, others, crossed, disabled, foreign, bare []rig.Account
	passwords                                         map[string]string // of the disabled, by their addresses
}

// people adds the accounts of every situation.
func (w *world) people(ctx context.Context, i *rig.Installation) error {
	d, err := i.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	w.passwords = map[string]string{}
	n := (w.o.Samples + uses) / uses
	_, _ = fmt.Fprintf(w.o.Progress, "adding %d accounts\n", 7*n)
	for _, group := range []struct {
		into   *[]rig.Account
		tenant core.TenantID
		n      int
	}{{&w.present, rig.Acme, n}, {&w.others, rig.Acme, n}, {&w.crossed, rig.Acme, n + 1}, {&w.disabled, rig.Acme, 2 * n}, {&w.foreign, rig.Globex, n}} {
		ledger, err := d.Add(ctx, group.tenant, group.n)
		if err != nil {
			return err
		}
		for _, e := range ledger.Entries() {
			*group.into = append(*group.into, e.Account)
			w.passwords[e.Account.Email] = e.Password()
		}
	}
	for _, a := range w.disabled {
		if _, err := d.Passwords.SetDisabled(ctx, a.Tenant, core.Locator{ID: a.ID}, true, "", core.Origin{}); err != nil {
			return err
		}
	}
	for range n {
		a := nobody()
		if _, err := d.Passwords.CreateAccount(ctx, core.NewAccount{
			Tenant: rig.Acme, Email: a.Email, ExternalIDs: map[string]string{"zap": a.UserID},
		}, core.Origin{}); err != nil {
			return err
		}
		w.bare = append(w.bare, a)
	}
	return nil
}

// nobody returns names that no account has.
func nobody() rig.Account {
	id := make([]byte, 12)
	_, _ = rand.Read(id)
	return rig.Account{Tenant: rig.Acme, Email: strings.ToLower(rand.Text()) + "@acme.example", UserID: hex.EncodeToString(id)}
}

// question is one request of one dialect, and what can lie behind it. The first
// situation is what the others are compared with.
type question struct {
	name       string
	situations []situation
}

type situation struct {
	name string
	ask  func(ctx context.Context, n int) rig.Answer // the n-th time
	told bool                                        // whether it is to be told apart by time: a check of the comparison itself
}

func (w *world) questions(client *rig.Client) []question {
	impostor := rig.NewClient(client.URL, rig.Keys{APIKey: "none", IssuerSecret: "none"})
	n := len(w.present)
	strangers := make([]rig.Account, n)
	for k := range strangers {
		strangers[k] = nobody()
	}
	mixed := make([]rig.Account, n) // one account's address, another's id
	for k := range mixed {
		mixed[k] = w.crossed[k]
		mixed[k].UserID = w.crossed[k+1].UserID
	}
	ask := func(name string, accounts []rig.Account, do func(ctx context.Context, a rig.Account, current string) rig.Answer) situation {
		return situation{name: name, ask: func(ctx context.Context, k int) rig.Answer {
			return do(ctx, accounts[k/uses], "Wrong_"+rand.Text())
		}}
	}
	known := func(do func(ctx context.Context, a rig.Account, current string) rig.Answer) func(context.Context, rig.Account, string) rig.Answer {
		return func(ctx context.Context, a rig.Account, _ string) rig.Answer { return do(ctx, a, w.passwords[a.Email]) }
	}
	var all []question
	for _, via := range []rig.Via{rig.ByPassword, rig.ByAdmin} {
		change := func(ctx context.Context, a rig.Account, current string) rig.Answer {
			return client.Do(ctx, rig.Attempt{Via: via, Account: a, Current: current, New: rig.NewPassword()})
		}
		q := question{"a change through " + string(via), []situation{
			ask("wrong password", w.present, change),
			ask("wrong password, other accounts", w.others, change),
			ask("unknown user", strangers, change),
			ask("disabled, wrong password", w.disabled[:n], change),
			ask("disabled, right password", w.disabled[n:], known(change)),
			ask("another tenant's user", w.foreign, change),
			ask("no password yet", w.bare, change),
		}}
		if via == rig.ByAdmin {
			q.situations = append(q.situations, ask("two users' names", mixed, change))
		}
		control := ask("no derivation at all", w.present, func(ctx context.Context, a rig.Account, current string) rig.Answer {
			return impostor.Do(ctx, rig.Attempt{Via: via, Account: a, Current: current, New: rig.NewPassword()})
		})
		control.told = true
		q.situations = append(q.situations, control)
		all = append(all, q)
	}
	mail := func(ctx context.Context, a rig.Account, _ string) rig.Answer { return client.AskForLink(ctx, a.Email) }
	return append(all, question{"a link by mail through unleash", []situation{
		ask("known address", w.present, mail), ask("known address, other accounts", w.others, mail),
		ask("unknown address", strangers, mail), ask("disabled account", w.disabled[:n], mail), ask("another tenant's address", w.foreign, mail),
	}})
}
