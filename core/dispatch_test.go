package core_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rekey/core"
	"rekey/store/memory"
)

// Every test of the dispatcher runs in a bubble: its clock is the bubble's,
// and leaps.

func TestAMessageIsDoneOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		for n := range 100 {
			s.enqueue(core.MailResetLink, fmt.Sprintf("m%02d", n))
		}
		s.enqueue(core.Void, "void")
		stop := s.start(2)
		time.Sleep(10 * time.Second)
		stop()
		for id, n := range s.tries() {
			if n != 1 {
				t.Errorf("%s was done %d times", id, n)
			}
		}
		if len(s.tries()) != 100 || len(s.fates(core.Finished)) != 101 {
			t.Errorf("did %d messages, finished %d", len(s.tries()), len(s.fates(core.Finished)))
		}
		s.empty()
	})
}

func TestWorkIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		for n := range 20 {
			s.enqueue(core.MailResetLink, fmt.Sprintf("m%02d", n))
		}
		s.handle = func(context.Context, core.Message) error { time.Sleep(10 * time.Second); return nil }
		stop := s.start(1)
		for range 20 {
			time.Sleep(time.Second)
			synctest.Wait()
			if s.working > s.parts.Workers {
				t.Fatalf("%d at work, want at most %d", s.working, s.parts.Workers)
			}
			if s.most = max(s.most, s.working); s.most > 0 && s.claimed > len(s.tries()) {
				t.Fatalf("claimed %d and began %d: a claim's time runs out in a queue", s.claimed, len(s.tries()))
			}
		}
		time.Sleep(time.Minute)
		stop()
		if s.most != s.parts.Workers {
			t.Errorf("at most %d were at work, want %d", s.most, s.parts.Workers)
		}
		if took := s.last().Sub(s.began); took > 71*time.Second {
			t.Errorf("20 messages of 10s by 3 workers took %v", took)
		}
		s.empty()
	})
}

func TestAFailureIsTriedAgainEverLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		s.enqueue(core.MailResetLink, "m")
		s.handle = func(context.Context, core.Message) error { return fmt.Errorf("dial: %w", core.Unavailable) }
		stop := s.start(1)
		time.Sleep(time.Hour)
		stop()
		at := s.at["m"]
		if len(at) != s.parts.Retry.Tries {
			t.Fatalf("tried %d times, want %d", len(at), s.parts.Retry.Tries)
		}
		for n, delay := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second, time.Minute, time.Minute} {
			if n+1 < len(at) {
				if got := at[n+1].Sub(at[n]); got < delay/2 || got > delay+s.parts.Poll {
					t.Errorf("try %d came %v after the one before, want %v to %v", n+2, got, delay/2, delay)
				}
			}
		}
		if got := s.fates(core.Buried); len(got) != 1 || got[0].Message.Attempts != s.parts.Retry.Tries {
			t.Errorf("buried: %+v", got)
		}
		if s.why != "dial: unavailable" {
			t.Errorf("kept %q", s.why)
		}
		s.empty()
	})
}

func TestMessagesThatFailTogetherComeBackApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		s.parts.Workers, s.parts.Retry = 50, core.Retry{First: 1000 * time.Second, Most: 1000 * time.Second, Tries: 2}
		for n := range 50 {
			s.enqueue(core.MailResetLink, fmt.Sprintf("m%02d", n))
		}
		s.handle = func(context.Context, core.Message) error { return core.Unavailable }
		stop := s.start(1)
		time.Sleep(10 * time.Second)
		stop()
		early, late := 0, 0
		for _, o := range s.fates(core.Postponed) {
			switch delay := o.Due.Sub(s.began); {
			case delay < 500*time.Second || delay > 1001*time.Second:
				t.Errorf("%s comes back after %v", o.Message.ID, delay)
			case delay < 750*time.Second:
				early++
			default:
				late++
			}
		}
		if early < 10 || late < 10 {
			t.Errorf("%d come back early and %d late", early, late)
		}
	})
}

func TestWhatTimeHealsIsTriedAgainAndNothingElse(t *testing.T) {
	heals := map[core.Code]bool{
		core.Invalid: false, core.Unauthenticated: false, core.Forbidden: false, core.Disabled: false, core.NotFound: false,
		core.WrongPassword: false, core.WrongFactor: false, core.BadToken: false, core.UsedToken: false,
		core.WeakPassword: false, core.ReusedPassword: false,
		core.Throttled: true, core.Conflict: true, core.Unavailable: true, core.Internal: true,
	}
	for _, code := range core.Codes() {
		synctest.Test(t, func(t *testing.T) {
			want, ok := heals[code]
			if !ok {
				t.Fatalf("nothing is said of %q", code)
			}
			s := newSpool(t)
			s.enqueue(core.MailResetLink, "m")
			s.handle = func(context.Context, core.Message) error { return &core.Error{Code: code} }
			stop := s.start(1)
			time.Sleep(time.Second / 2)
			stop()
			if got := len(s.fates(core.Postponed)) == 1; got != want || got == (len(s.fates(core.Buried)) == 1) {
				t.Errorf("%q: tried again: %v, want %v", code, got, want)
			}
		})
	}
}

func TestFailuresThatNobodyClassified(t *testing.T) {
	for name, c := range map[string]struct {
		topic  core.Topic
		handle core.Handler
		says   string
	}{
		"an error":          {core.MailResetLink, func(context.Context, core.Message) error { return errors.New("odd") }, "odd"},
		"a panic":           {core.MailResetLink, func(context.Context, core.Message) error { panic("s3cret") }, "panicked"},
		"an unknown topic":  {"from.the.future", nil, "from.the.future"},
		"a topic unhandled": {core.MailOneTimeCode, nil, "no handler"},
		"no end": {core.MailResetLink, func(ctx context.Context, _ core.Message) error {
			<-ctx.Done()
			return ctx.Err()
		}, "deadline"},
		"a long text": {core.MailResetLink, func(context.Context, core.Message) error {
			return errors.New("\xffx" + strings.Repeat("é", 1000))
		}, "?xé"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newSpool(t)
			s.enqueue(c.topic, "m")
			s.handle = c.handle
			stop := s.start(1)
			time.Sleep(s.parts.Lease/2 + time.Second)
			stop()
			if len(s.fates(core.Postponed)) == 0 || !strings.Contains(s.why, c.says) || strings.Contains(s.why, "s3cret") || len(s.why) > 500 {
				t.Errorf("%s: got %+v and %q", name, s.outcomes, s.why)
			}
		})
	}
}

func TestRetryAfterIsHeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		s.enqueue(core.MailResetLink, "m")
		s.handle = func(context.Context, core.Message) error {
			return &core.Error{Code: core.Throttled, RetryAfter: time.Hour}
		}
		stop := s.start(1)
		time.Sleep(time.Second)
		stop()
		if got := s.fates(core.Postponed); len(got) != 1 || got[0].Due.Sub(s.began) != time.Hour {
			t.Errorf("got %+v", got)
		}
	})
}

// A claimer that dies leaves its message to others, once its lease has ended.
func TestADeadClaimersMessageIsDoneByAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		s.enqueue(core.MailResetLink, "m")
		if got, err := s.Claim(t.Context(), time.Now(), time.Now().Add(s.parts.Lease), 10); len(got) != 1 || err != nil {
			t.Fatal(got, err)
		}
		s.claimed = 0
		stop := s.start(1)
		time.Sleep(s.parts.Lease - time.Second)
		synctest.Wait()
		if len(s.tries()) != 0 {
			t.Error("it was done while it was claimed")
		}
		time.Sleep(2 * time.Second)
		stop()
		if s.tries()["m"] != 1 || s.fates(core.Finished)[0].Message.Attempts != 2 {
			t.Errorf("got %+v", s.outcomes)
		}
	})
}

// A message that kills its process is not tried for ever.
func TestAMessageThatKillsIsBuried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		s.enqueue(core.MailResetLink, "m")
		for range s.parts.Retry.Tries {
			if got, err := s.Claim(t.Context(), time.Now(), time.Now(), 1); len(got) != 1 || err != nil {
				t.Fatal(got, err)
			}
		}
		stop := s.start(1)
		time.Sleep(time.Second)
		stop()
		if len(s.tries()) != 0 || len(s.fates(core.Buried)) != 1 {
			t.Errorf("tried %v, %+v", s.tries(), s.outcomes)
		}
	})
}

func TestTheEndWaitsForWhatIsAtWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		for n := range 5 {
			s.enqueue(core.MailResetLink, fmt.Sprintf("m%d", n))
		}
		s.handle = func(ctx context.Context, _ core.Message) error {
			time.Sleep(10 * time.Second)
			return ctx.Err()
		}
		stop := s.start(1)
		time.Sleep(time.Second)
		synctest.Wait()
		stopped := time.Now()
		stop()
		if took := time.Since(stopped); took != 9*time.Second {
			t.Errorf("it took %v to stop, want 9s", took)
		}
		if len(s.fates(core.Finished)) != s.parts.Workers || len(s.tries()) != s.parts.Workers {
			t.Errorf("began %d, finished %d", len(s.tries()), len(s.fates(core.Finished)))
		}
	})
}

func TestTheEndIsBoundedByTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		s.enqueue(core.MailResetLink, "m")
		s.handle = func(ctx context.Context, _ core.Message) error { <-ctx.Done(); return ctx.Err() }
		stop := s.start(1)
		time.Sleep(time.Second)
		stopped := time.Now()
		stop()
		if took := time.Since(stopped); took > s.parts.Lease {
			t.Errorf("it took %v to stop", took)
		}
		if len(s.fates(core.Postponed)) != 1 {
			t.Errorf("got %+v", s.outcomes)
		}
	})
}

func TestAPokeNeedsNoPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		s.parts.Poll = time.Hour
		stop := s.start(1)
		time.Sleep(time.Minute)
		s.enqueue(core.MailResetLink, "m")
		for range 3 {
			s.dispatchers[0].Wake()
		}
		synctest.Wait()
		if s.tries()["m"] != 1 {
			t.Errorf("got %v", s.tries())
		}
		stop()
	})
}

func TestAnOutboxThatFailsLosesNothing(t *testing.T) {
	for _, verb := range []string{"Claim", "Finish", "Postpone", "Bury"} {
		synctest.Test(t, func(t *testing.T) {
			s := newSpool(t)
			s.enqueue(core.MailResetLink, "m")
			failures := 0
			s.fail = func(failing string) error {
				if failing == verb && failures < 2 {
					failures++
					return core.Unavailable
				}
				return nil
			}
			s.handle = func(_ context.Context, m core.Message) error {
				switch {
				case verb == "Postpone" && m.Attempts < 3:
					return core.Unavailable
				case verb == "Bury":
					return core.Invalid
				}
				return nil
			}
			stop := s.start(1)
			time.Sleep(3 * s.parts.Lease)
			stop()
			if got := s.fates(core.Unsettled); len(got) != 2 || !errors.Is(got[0].Err, core.Unavailable) {
				t.Errorf("%s: got %+v", verb, got)
			}
			if len(s.fates(core.Finished))+len(s.fates(core.Buried)) != 1 {
				t.Errorf("%s: it did not come to an end: %+v", verb, s.outcomes)
			}
			s.empty()
		})
	}
}

// spool is an outbox with dispatchers, and remembers what they did.
type spool struct {
	core.Outbox
	t           *testing.T
	parts       core.DispatcherParts
	dispatchers []*core.Dispatcher
	handle      core.Handler
	fail        func(verb string) error
	began       time.Time

	mu                     sync.Mutex
	at                     map[core.MessageID][]time.Time
	outcomes               []core.Outcome
	why                    string
	working, most, claimed int
}

func newSpool(t *testing.T) *spool {
	s := &spool{
		Outbox: memory.New(), t: t, at: map[core.MessageID][]time.Time{}, began: time.Now(),
		handle: func(context.Context, core.Message) error { return nil },
		fail:   func(string) error { return nil },
	}
	s.parts = core.DispatcherParts{
		Outbox: s, Now: time.Now, Report: s.report, Workers: 3, Poll: time.Second, Lease: 40 * time.Second,
		Retry: core.Retry{First: 10 * time.Second, Most: time.Minute, Tries: 6},
	}
	return s
}

func (s *spool) enqueue(topic core.Topic, id string) {
	s.t.Helper()
	m := core.Message{ID: core.MessageID(id), Tenant: acme, Topic: topic, Due: time.Now()}
	e := core.Event{ID: core.EventID("e-" + id), At: time.Now(), Tenant: acme, Action: core.ResetRequested}
	if err := s.Enqueue(s.t.Context(), e, m); err != nil {
		s.t.Fatal(err)
	}
}

// start runs n dispatchers on the outbox and returns what stops them and waits.
func (s *spool) start(n int) (stop func()) {
	s.parts.Handlers = map[core.Topic]core.Handler{core.MailResetLink: s.do}
	ctx, cancel := context.WithCancel(s.t.Context())
	var running sync.WaitGroup
	for range n {
		d := core.NewDispatcher(s.parts)
		s.dispatchers = append(s.dispatchers, d)
		running.Go(func() { d.Run(ctx) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}

func (s *spool) do(ctx context.Context, m core.Message) error {
	s.mu.Lock()
	s.at[m.ID] = append(s.at[m.ID], time.Now())
	s.working++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.working--
	}()
	return s.handle(ctx, m)
}

func (s *spool) report(o core.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outcomes = append(s.outcomes, o)
}

// tries returns how often each message was tried.
func (s *spool) tries() map[core.MessageID]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	tries := map[core.MessageID]int{}
	for id, at := range s.at {
		tries[id] = len(at)
	}
	return tries
}

// last returns when the last try began.
func (s *spool) last() (last time.Time) {
	for _, at := range s.at {
		if latest := slices.MaxFunc(at, time.Time.Compare); latest.After(last) {
			last = latest
		}
	}
	return last
}

func (s *spool) fates(fate core.Fate) []core.Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.outcomes), func(o core.Outcome) bool { return o.Fate != fate })
}

// empty fails the test if a message is left that would ever be claimed.
func (s *spool) empty() {
	s.t.Helper()
	left, err := s.Outbox.Claim(s.t.Context(), time.Now().Add(1000*time.Hour), time.Now(), 1000)
	if len(left) > 0 || err != nil {
		s.t.Errorf("left over: %+v, %v", left, err)
	}
}

func (s *spool) Claim(ctx context.Context, now, until time.Time, limit int) ([]core.Message, error) {
	if err := s.fail("Claim"); err != nil {
		return nil, err
	}
	claimed, err := s.Outbox.Claim(ctx, now, until, limit)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claimed += len(claimed)
	return claimed, err
}

func (s *spool) Finish(ctx context.Context, id core.MessageID) error {
	if err := s.fail("Finish"); err != nil {
		return err
	}
	return s.Outbox.Finish(ctx, id)
}

func (s *spool) Postpone(ctx context.Context, id core.MessageID, due time.Time, why string) error {
	if err := s.fail("Postpone"); err != nil {
		return err
	}
	s.why = why
	return s.Outbox.Postpone(ctx, id, due, why)
}

func (s *spool) Bury(ctx context.Context, id core.MessageID, at time.Time, why string) error {
	if err := s.fail("Bury"); err != nil {
		return err
	}
	s.why = why
	return s.Outbox.Bury(ctx, id, at, why)
}
