package core_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"rekey/core"
	"rekey/store/memory"
)

// diary notes every step: what it lay within, and how it ended.
type diary struct {
	mu    sync.Mutex
	steps []string
	open  int
}

type withinKey struct{}

func (d *diary) Begin(ctx context.Context, s core.Step) (context.Context, func(error)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open++
	within, _ := ctx.Value(withinKey{}).(string)
	return context.WithValue(ctx, withinKey{}, within+string(s)+"/"), func(err error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.open--
		d.steps = append(d.steps, strings.TrimSpace(within+string(s)+" "+string(core.CodeOf(err))))
	}
}

// observedBy returns the world's service with an observer.
func (w *world) observedBy(o core.Observer, change func(*core.Parts)) *core.Service {
	parts := w.Parts
	parts.Observer = o
	if change != nil {
		change(&parts)
	}
	return core.New(parts)
}

func TestAnObserverIsToldOfEveryStepOfAChange(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	var d diary
	s := w.observedBy(&d, nil)
	change := func(proof core.Proof, password string) error {
		d.steps = nil
		_, err := s.Change(t.Context(), core.Change{Tenant: acme, Proof: proof, New: core.NewPassword(password)})
		return err
	}
	token, _, err := s.IssueToken(t.Context(), acme, ada, "test", core.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	old := core.NewPassword(correct)
	for _, c := range []struct {
		name     string
		proof    core.Proof
		password string
		want     []string
	}{
		{"a wrong password", core.Knowledge{Account: ada, Current: core.NewPassword(wrong)}, fresh, []string{
			"change/seat", "change/read", "change/derive", "change/record", "change wrong_password",
		}},
		{"nobody", core.Knowledge{Account: core.Locator{Login: "nobody"}, Current: old}, fresh, []string{
			"change/seat", "change/read not_found", "change/derive", "change/record", "change not_found",
		}},
		{"a token", core.Possession{Token: token}, fresh, []string{
			"change/seat", "change/read", "change/read", "change/derive", "change/derive", "change/commit", "change",
		}},
		{"a token again", core.Possession{Token: token}, "another fresh sample", []string{
			"change/seat", "change/read", "change/record", "change used_token",
		}},
	} {
		err := change(c.proof, c.password)
		steps := slices.DeleteFunc(slices.Clone(d.steps), func(step string) bool { return step == "change/derive" })
		want := slices.DeleteFunc(slices.Clone(c.want), func(step string) bool { return step == "change/derive" })
		derived, least := len(d.steps)-len(steps), len(c.want)-len(want)
		if !slices.Equal(steps, want) || derived < least || d.open != 0 {
			t.Errorf("%s: got %v, %v, %d steps open, want %v", c.name, d.steps, err, d.open, c.want)
		}
	}
}

func TestAnObserverIsToldOfTheCodeOfAFailure(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	var d diary
	s := w.observedBy(&d, func(p *core.Parts) { p.Hasher = brokenHasher{p.Hasher} })
	proof := core.Knowledge{Account: ada, Current: core.NewPassword("x")}
	if _, err := s.Change(t.Context(), core.Change{Tenant: acme, Proof: proof, New: core.NewPassword(fresh)}); err == nil {
		t.Fatal("it succeeded")
	}
	if got := fmt.Sprint(d.steps); got != "[change/seat change/read change/derive unavailable change unavailable]" {
		t.Errorf("got %s", got)
	}
	s = w.observedBy(&d, func(p *core.Parts) { p.Hasher = panickingHasher{p.Hasher} })
	func() {
		defer func() { _ = recover() }()
		_, _ = s.Change(t.Context(), core.Change{Tenant: acme, Proof: proof, New: core.NewPassword(fresh)})
	}()
	if last := d.steps[len(d.steps)-1]; last != "change internal" {
		t.Errorf("a panic ends the change as %q", last)
	}
}

type brokenHasher struct{ core.Hasher }

func (brokenHasher) HashAhead(context.Context, core.Password) func() (string, error) { return nil }
func (brokenHasher) Verify(context.Context, core.Password, string) (bool, error) {
	return false, &core.Error{Code: core.Unavailable, Err: errors.New("full")}
}

type panickingHasher struct{ core.Hasher }

func (panickingHasher) HashAhead(context.Context, core.Password) func() (string, error) { return nil }
func (panickingHasher) Verify(context.Context, core.Password, string) (bool, error) {
	panic("hunter2")
}

// What waits is told of as throttled, though it is no error of the store's.
func TestAnObserverIsToldOfWhatIsThrottled(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	var d diary
	s := w.observedBy(&d, func(p *core.Parts) {
		kept := memory.New()
		p.Attempts, p.Throttle = kept, kept
		p.Rules = core.AttemptRules{PerClient: core.Pace{First: 1e9, Most: 1e9}, Stop: 9}
	})
	proof := core.Knowledge{Account: ada, Current: core.NewPassword(wrong)}
	for range 2 {
		_, _ = s.Change(t.Context(), core.Change{Tenant: acme, Proof: proof, New: core.NewPassword(fresh)})
		_ = s.RequestReset(t.Context(), acme, "ada@acme.example", core.MailLimits{PerAddress: core.Limit{Every: 1e9, Burst: 1}}, core.Origin{})
	}
	for _, want := range []string{"change/throttle", "change/throttle throttled", "change throttled", "limit", "limit throttled"} {
		if !slices.Contains(d.steps, want) {
			t.Errorf("there is no %q in %v", want, d.steps)
		}
	}
}

func TestObserversAreNestedInTheirOrder(t *testing.T) {
	var calls []string
	note := func(name string) core.Observer {
		return observerFunc(func(ctx context.Context, s core.Step) (context.Context, func(error)) {
			calls = append(calls, name+" begins "+string(s))
			return ctx, func(err error) { calls = append(calls, name+" ends "+string(core.CodeOf(err))) }
		})
	}
	_, end := core.Observers{note("one"), note("two")}.Begin(t.Context(), core.Deriving)
	end(core.Unavailable)
	if want := []string{"one begins derive", "two begins derive", "two ends unavailable", "one ends unavailable"}; !slices.Equal(calls, want) {
		t.Errorf("got %v, want %v", calls, want)
	}
}

type observerFunc func(context.Context, core.Step) (context.Context, func(error))

func (f observerFunc) Begin(ctx context.Context, s core.Step) (context.Context, func(error)) {
	return f(ctx, s)
}
