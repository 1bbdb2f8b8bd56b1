package core_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"rekey/core"
)

func TestAConflictIsTriedAgainAFewTimes(t *testing.T) {
	for conflicts := range 6 {
		w := newWorld(t)
		w.account(correct)
		before := w.state()
		tries := 0
		w.store.before = func(_ context.Context, verb string) error {
			if verb != "Apply" {
				return nil
			}
			if tries++; tries > conflicts {
				return nil
			}
			return core.Conflict
		}
		want := pick[core.Code](conflicts < 3, "", core.Conflict)
		code(t, w.change(knows(correct), fresh), want, conflicts, "conflicts")
		if tries != min(conflicts+1, 3) {
			t.Errorf("%d conflicts: tried %d times", conflicts, tries)
		}
		if events := w.since(before); len(events) != 1 || events[0].Outcome != want {
			t.Errorf("%d conflicts: got events %+v, want one with %q", conflicts, events, want)
		}
	}
}

// Whatever is written between the read and the commit is judged again.
func TestWhatHappensMeanwhileDecides(t *testing.T) {
	id := core.Key{Kind: "zap", Value: "another"}
	for name, c := range map[string]struct {
		proof     func(*world) core.Proof
		meanwhile func(*world, core.Proof)
		want      core.Code
	}{
		"the password is changed": {
			func(*world) core.Proof { return knows(correct) },
			func(w *world, _ core.Proof) { w.must0(w.change(knows(correct), password(1))) }, core.WrongPassword,
		},
		"to the one that is chosen": {
			func(*world) core.Proof { return core.Authority{Admin: admin, Account: ada} },
			func(w *world, _ core.Proof) { w.must0(w.change(knows(correct), fresh)) }, core.ReusedPassword,
		},
		"the account is disabled": {
			func(*world) core.Proof { return knows(correct) },
			func(w *world, _ core.Proof) { w.disable(true) }, core.Disabled,
		},
		"an external id is given": {
			func(*world) core.Proof { return knows(correct) },
			func(w *world, _ core.Proof) { _, _ = w.SetExternalID(w.t.Context(), acme, ada, id, "", origin) }, "",
		},
		"the id it was named by is taken away": {
			func(*world) core.Proof {
				return core.Authority{Admin: admin, Account: core.Locator{External: core.Key{Kind: "zap", Value: "zap-number-7"}}}
			},
			func(w *world, _ core.Proof) { _, _ = w.SetExternalID(w.t.Context(), acme, ada, id, "", origin) }, core.NotFound,
		},
		"the token is redeemed": {
			func(w *world) core.Proof { return core.Possession{Token: w.token()} },
			func(w *world, proof core.Proof) { w.must0(w.change(proof, password(1))) }, core.UsedToken,
		},
		"the token's account is given an id": {
			func(w *world) core.Proof { return core.Possession{Token: w.token()} },
			func(w *world, _ core.Proof) { _, _ = w.SetExternalID(w.t.Context(), acme, ada, id, "", origin) }, "",
		},
	} {
		for _, moment := range []string{"Account", "Apply"} { // after the read, and before the commit
			w := newWorld(t)
			w.account(correct)
			proof := c.proof(w)
			var between state
			met := false
			meddle := func(_ context.Context, verb string) error {
				if verb == moment && !met {
					met = true
					c.meanwhile(w, proof)
					between = w.state()
				}
				return nil
			}
			if w.store.before = meddle; moment == "Account" {
				w.store.before, w.store.after = nil, meddle
			}
			code(t, w.change(proof, fresh), c.want, name, moment)
			if events := w.since(between); len(events) != 1 || events[0].Outcome != c.want {
				t.Errorf("%s at %s: got events %+v, want one with %q", name, moment, events, c.want)
			}
			if c.want != "" {
				w.unchanged(between)
			}
		}
	}
}

// A token that is superseded between the read and the commit must not work,
// although nothing has moved the account's revision.
func TestATokenThatDiesMeanwhileDoesNotWork(t *testing.T) {
	for name, end := range map[string]func(*world){
		"superseded": func(w *world) { w.token() },
		"revoked":    func(w *world) { _, _ = w.RevokeTokens(w.t.Context(), acme, ada, "", origin) },
	} {
		w := newWorld(t)
		w.account(correct)
		proof := core.Possession{Token: w.token()}
		w.store.before = func(_ context.Context, verb string) error {
			if verb == "Apply" {
				end(w)
			}
			return nil
		}
		if got := core.CodeOf(w.change(proof, fresh)); got != core.UsedToken && got != core.BadToken {
			t.Errorf("%s: got %q", name, got)
		}
		if !w.has(correct) {
			t.Errorf("%s: the password is changed", name)
		}
	}
}

// race runs n calls at once and returns how many had each code.
func race(n int, call func(i int) error) map[core.Code]int {
	codes := make([]core.Code, n)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range n {
		done.Go(func() {
			start.Wait()
			codes[i] = core.CodeOf(call(i))
		})
	}
	start.Done()
	done.Wait()
	tally := map[core.Code]int{}
	for _, c := range codes {
		tally[c]++
	}
	return tally
}

func TestOfManyChangesByOneProofExactlyOneSucceeds(t *testing.T) {
	const n = 20
	for name, c := range map[string]struct {
		proof func(*world) core.Proof
		loser []core.Code
	}{
		"knowledge":  {func(*world) core.Proof { return knows(correct) }, []core.Code{core.WrongPassword}},
		"authority":  {func(*world) core.Proof { return governs(correct) }, []core.Code{core.WrongPassword}},
		"possession": {func(w *world) core.Proof { return core.Possession{Token: w.token()} }, []core.Code{core.UsedToken}},
	} {
		w := newWorld(t)
		w.account(correct)
		proof := c.proof(w)
		before := w.state()
		var all sync.WaitGroup // nobody commits before everybody has proven
		all.Add(n)
		first := make([]sync.Once, n)
		w.store.before = func(ctx context.Context, verb string) error {
			if verb == "Apply" {
				if i := ctx.Value(runner{}).(int); i >= 0 {
					first[i].Do(func() { all.Done(); all.Wait() })
				}
			}
			return nil
		}
		tally := race(n, func(i int) error {
			ctx := context.WithValue(t.Context(), runner{}, i)
			_, err := w.Change(ctx, core.Change{Tenant: acme, Proof: proof, New: core.NewPassword(password(i))})
			return err
		})
		losers := 0
		for _, loser := range c.loser {
			losers += tally[loser]
		}
		if tally[""] != 1 || losers != n-1 {
			t.Errorf("%s: got %v, want one success and else %v", name, tally, c.loser)
		}
		verify := slices.DeleteFunc(passwords(n), func(p string) bool { return !w.has(p) })
		if events := w.since(before); len(events) != n {
			t.Errorf("%s: got %d events, want %d", name, len(events), n)
		}
		if len(verify) > 1 || w.has(correct) {
			t.Errorf("%s: verifying passwords: %q", name, verify)
		}
	}
}

type runner struct{}
